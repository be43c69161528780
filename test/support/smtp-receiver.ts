import type { AddressInfo } from 'node:net';
import { callbackify } from 'node:util';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';

export type ReceivedMail = { from: string; to: string[]; raw: Buffer; mail: Email };

export type SmtpReceiver = {
  url: string;
  readonly received: readonly ReceivedMail[];
  /** Resolves when `count` mails were received in all. */
  waitFor(count: number): Promise<readonly ReceivedMail[]>;
  close(): Promise<void>;
};

/** A real SMTP server on a loopback port (0: a free one) that keeps what it receives. */
export async function startSmtpReceiver(options: SMTPServerOptions = {}, onPort = 0): Promise<SmtpReceiver> {
  const received: ReceivedMail[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];

  async function keep(raw: Buffer, { mailFrom, rcptTo }: SMTPServerSession['envelope']): Promise<void> {
    const mail = await PostalMime.parse(raw);
    const to = rcptTo.map((recipient) => recipient.address);
    received.push({ from: mailFrom === false ? '' : mailFrom.address, to, raw, mail });
    for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve();
  }
  const keepThenCall = callbackify(keep);

  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => keepThenCall(Buffer.concat(chunks), session.envelope, (error) => callback(error)));
    },
    ...options,
  });
  // Clients that are cut off in the middle are part of the tests.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(onPort, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    async waitFor(count) {
      if (received.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return received;
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
