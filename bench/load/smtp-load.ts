/** The mail server of the benchmark of alerts, in a process of its own: takes every mail and counts it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { serveParent } from '../processes.ts';

export type SmtpLoadMessage = { kind: 'listen' } | { kind: 'count' };
export type SmtpCount = { mails: number; bytes: number };

let mails = 0;
let bytes = 0;

const server = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData(stream, _session, callback) {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('end', () => {
      mails += 1;
      callback();
    });
  },
});
// A platform that ends cuts its connections.
server.on('error', () => undefined);
const listening = once(server.server, 'listening');
server.listen(0, '127.0.0.1');
await listening;

serveParent((message: SmtpLoadMessage) =>
  Promise.resolve(
    message.kind === 'listen'
      ? { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` }
      : ({ mails, bytes } satisfies SmtpCount),
  ),
);
