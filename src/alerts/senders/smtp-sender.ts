import { createTransport } from 'nodemailer';
import { type AlertSender, SendError } from './alert-sender.ts';
import { mailMessage } from './mail-message.ts';

export type SmtpTimeouts = {
  /** DNS, connecting, TLS and greeting together. */
  connectMs: number;
  /** Silence of the server at any later point. */
  silenceMs: number;
  /** From a free connection to the server's consent, whatever the server does meanwhile. */
  totalMs: number;
};

const TIMEOUTS: SmtpTimeouts = { connectMs: 8_000, silenceMs: 10_000, totalMs: 25_000 };
const MAX_CONNECTIONS = 8;
const MAX_MAILS_PER_CONNECTION = 200;
const IDLE_MS = 60_000;
const RESPONSE_LENGTH = 500;

/** Sends over a pool of SMTP connections (RFC 5321); `url` is `smtp://` or `smtps://` with optional credentials, `mailFrom` `name@host` or `Name <name@host>`. */
export function createSmtpSender(options: { url: string; mailFrom: string; timeouts?: SmtpTimeouts }): AlertSender {
  const timeouts = options.timeouts ?? TIMEOUTS;
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    maxMessages: MAX_MAILS_PER_CONNECTION,
    idleTimeout: IDLE_MS,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.silenceMs,
    socketCloseTimeout: 1_000,
    // The job that sends the mail has its own retries, with longer pauses.
    maxRequeues: 1,
  });

  // As many sends as connections: a mail that waits for its turn must not use up its time.
  let free = MAX_CONNECTIONS;
  let stopped = false;
  const waiting: (() => void)[] = [];

  async function take(): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function give(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  return {
    async send(message) {
      await take();
      try {
        if (stopped) throw new SendError('mail is not sent any more: the platform is stopping');
        const signal = AbortSignal.timeout(timeouts.totalMs);
        try {
          const info = await transport.sendMail({ ...mailMessage(message, options.mailFrom), signal });
          return { response: info.response.slice(0, RESPONSE_LENGTH) };
        } catch (error) {
          if (!signal.aborted) throw error;
          throw new SendError(`the mail server took more than ${timeouts.totalMs} ms`, { cause: error });
        }
      } finally {
        give();
      }
    },
    async stop() {
      stopped = true;
      // Deliveries under way finish; each is bounded.
      transport.close();
    },
  };
}
