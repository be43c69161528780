import { createTransport } from 'nodemailer';
import type MailMessage from 'nodemailer/lib/mailer/mail-message';
import { cutText, oneLine } from '../content/one-line.ts';
import { type SendAcceptance, SendError } from './alert-sender.ts';
import { PreparedMail } from './prepared-mail.ts';
import type { WrittenMail } from './write-mail.ts';

export type SmtpTimeouts = {
  /** Finding the host, connecting, TLS and greeting together. */
  connectMs: number;
  /** Silence of the server at any later point. */
  silenceMs: number;
  /** From a free connection to the server's consent, whatever the server does meanwhile. */
  totalMs: number;
  /** An unused connection says goodbye after this. */
  idleMs?: number;
};

/** One mail server, over a pool of connections. */
export type SmtpServer = {
  /** `mail.example:587`, for people. */
  readonly name: string;
  /** Hands a mail over, within `budgetMs`. Rejects with what nodemailer or the signal says. */
  send(mail: WrittenMail, budgetMs: number, signal: AbortSignal): Promise<SendAcceptance>;
  stop(): void;
};

const MAX_CONNECTIONS = 8;
const MAX_MAILS_PER_CONNECTION = 200;
const IDLE_MS = 60_000;
const RESPONSE_LENGTH = 200;
/** So many attempts in a row that ran out of time: the pool itself may be what hangs. */
const STUCK_AFTER = MAX_CONNECTIONS;

const LOOPBACK = /^(?:localhost|127\.[\d.]+|\[::1\])$/i;

/**
 * How a server is spoken to: `smtps://` is TLS from the first byte, `smtp://` takes STARTTLS where it is offered (RFC 3207). With
 * credentials, and beyond this machine, nothing is said without TLS, so that nobody in between takes the offer away and
 * reads them; `?requireTLS=false` allows it.
 */
function requiresTls(url: URL): boolean {
  const said = url.searchParams.get('requireTLS');
  if (said !== null) return said === 'true';
  return url.username !== '' && !LOOPBACK.test(url.hostname);
}

type Pool = Pick<ReturnType<typeof createTransport>, 'transporter'>;

/** Past what nodemailer does to write a mail: the interface of its transports is all that a written one needs. */
function handOver({ transporter }: Pool, mail: WrittenMail, signal: AbortSignal): Promise<string> {
  const message = {
    // nodemailer notes in it what a server said of it: the next server begins anew.
    getEnvelope: () => ({ ...mail.envelope }),
    messageId: () => mail.messageId,
    getHeader: () => mail.messageId,
    createReadStream: () => new PreparedMail(mail.pieces),
  };
  return new Promise((resolve, reject) => {
    transporter.send({ data: { signal }, message } as unknown as MailMessage, (error, info) => {
      if (error) reject(error);
      else resolve(String((info as { response?: unknown }).response));
    });
  });
}

export function createSmtpServer(options: { url: string; timeouts: SmtpTimeouts }): SmtpServer {
  const { timeouts } = options;
  const url = new URL(options.url);
  const name = `${url.hostname}:${url.port || (url.protocol === 'smtps:' ? '465' : '587')}`;
  const openPool = () =>
    createTransport({
      url: options.url,
      pool: true,
      requireTLS: requiresTls(url),
      maxConnections: MAX_CONNECTIONS,
      maxMessages: MAX_MAILS_PER_CONNECTION,
      idleTimeout: timeouts.idleMs ?? IDLE_MS,
      connectionTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.connectMs,
      dnsTimeout: timeouts.connectMs,
      socketTimeout: timeouts.silenceMs,
      socketCloseTimeout: 1_000,
      // Only of mails of which not a byte had left when the server ended an idle connection; the rest is the job's matter.
      maxRequeues: 1,
    });
  let pool = openPool();
  let timedOutInARow = 0;
  let free = MAX_CONNECTIONS;
  let isStopped = false;
  const waiting: (() => void)[] = [];

  /** As many sends as connections: a mail that waits for its turn must not use up its time. */
  async function take(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(new SendError(`${name}: every connection was busy for too long`));
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  function give(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  function throwPoolAway(): void {
    const stuck = pool;
    pool = openPool();
    timedOutInARow = 0;
    stuck.close({ force: true });
  }

  return {
    name,
    async send(mail, budgetMs, signal) {
      signal.throwIfAborted();
      await take(signal);
      try {
        // Given up while it waited: what is written next would not hear of it.
        signal.throwIfAborted();
        if (isStopped) throw new SendError('mail is not sent any more: the platform is stopping');
        const limitMs = Math.min(budgetMs, timeouts.totalMs);
        // `AbortSignal.timeout` would stay behind for its whole time, once for every mail that was sent.
        const ending = new AbortController();
        const end = (): void => ending.abort();
        const timer = setTimeout(end, limitMs);
        signal.addEventListener('abort', end, { once: true });
        const used = pool;
        try {
          const response = await handOver(used, mail, ending.signal);
          timedOutInARow = 0;
          return { response: cutText(oneLine(response), RESPONSE_LENGTH) };
        } catch (error) {
          if (!ending.signal.aborted) {
            timedOutInARow = 0;
            throw error;
          }
          timedOutInARow += 1;
          if (timedOutInARow >= STUCK_AFTER && used === pool && !isStopped) throwPoolAway();
          throw new Error(`took more than ${limitMs} ms`, { cause: error });
        } finally {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
        }
      } finally {
        give();
      }
    },
    stop() {
      isStopped = true;
      // Deliveries under way finish; each is bounded.
      pool.close();
    },
  };
}
