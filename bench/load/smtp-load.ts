/**
 * The mail server of the benchmark of alerts, in a process of its own: takes every mail and counts it. As lean as SMTP lets it be
 * (RFC 5321, pipelined by RFC 2920), so that what is measured is who sends.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { serveParent } from '../processes.ts';

export type SmtpLoadMessage = { kind: 'listen' } | { kind: 'count' };
export type SmtpCount = { mails: number; bytes: number };

let mails = 0;
let bytes = 0;

const END_OF_MAIL = Buffer.from('\r\n.\r\n');
const NOTHING = Buffer.alloc(0);

function take(socket: Socket): void {
  let isMail = false;
  let rest: Buffer = NOTHING;

  /** Answers one command; true when a mail follows. */
  function answer(line: string): boolean {
    const command = line.slice(0, 4).toUpperCase();
    if (command === 'EHLO') socket.write('250-benchmark\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10485760\r\n');
    else if (command === 'DATA') socket.write('354 go on\r\n');
    else if (command === 'QUIT') socket.end('221 bye\r\n');
    else socket.write('250 ok\r\n');
    return command === 'DATA';
  }

  socket.on('data', (chunk: Buffer) => {
    let received = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = NOTHING;
    while (received.length > 0) {
      const end = isMail ? received.indexOf(END_OF_MAIL) : received.indexOf('\r\n');
      if (end < 0) {
        // Of a mail, as much as could be the beginning of its end.
        const kept = isMail ? Math.min(received.length, END_OF_MAIL.length - 1) : received.length;
        bytes += received.length - kept;
        rest = received.subarray(received.length - kept);
        return;
      }
      if (isMail) {
        bytes += end;
        mails += 1;
        isMail = false;
        socket.write('250 taken\r\n');
        received = received.subarray(end + END_OF_MAIL.length);
      } else {
        isMail = answer(received.toString('latin1', 0, end));
        received = received.subarray(end + 2);
      }
    }
  });
  // A platform that ends cuts its connections.
  socket.on('error', () => undefined);
  socket.write('220 benchmark ESMTP\r\n');
}

const server = createServer({ noDelay: true }, take).listen(0, '127.0.0.1');
await once(server, 'listening');

serveParent((message: SmtpLoadMessage) =>
  Promise.resolve(
    message.kind === 'listen'
      ? { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` }
      : ({ mails, bytes } satisfies SmtpCount),
  ),
);
