import { createCircuitBreaker } from '../../support/circuit-breaker.ts';
import { type Clock, systemClock } from '../../support/clock.ts';
import { type SendAcceptance, SendError } from './alert-sender.ts';
import type { MailDraft } from './mail-draft.ts';
import { readSmtpFailure } from './smtp-failure.ts';
import { createSmtpServer, type SmtpServer, type SmtpTimeouts } from './smtp-server.ts';
import { createMailWriting, type PicturedMessage, type WrittenMail } from './write-mail.ts';

const TIMEOUTS: SmtpTimeouts = { connectMs: 8_000, silenceMs: 10_000, totalMs: 25_000 };
/** A server that failed twice is asked only after the others for a while. */
const BREAKER = { failures: 2, openMs: 30_000 };

export type SmtpSenderOptions = {
  /** `smtp://` or `smtps://` with optional credentials; several, separated by commas: the next is asked where one fails. */
  url: string;
  /** `name@host` or `Name <name@host>`. */
  mailFrom: string;
  timeouts?: SmtpTimeouts;
  clock?: Pick<Clock, 'monotonicMs'>;
};

/** Hands mails to mail servers; rejects as `AlertSender.send` does. */
export type SmtpSender = {
  send(message: PicturedMessage, signal: AbortSignal): Promise<SendAcceptance>;
  /** Writes what is told to several people once. */
  sendMailDraft(draft: MailDraft, signal: AbortSignal): Promise<SendAcceptance>;
  stop(): Promise<void>;
};

/** Sends mail over SMTP (RFC 5321): to the first server that takes it, within one bounded time for all of them. */
export function createSmtpSender({
  url,
  mailFrom,
  timeouts = TIMEOUTS,
  clock = systemClock,
}: SmtpSenderOptions): SmtpSender {
  const writing = createMailWriting(mailFrom);
  const servers = url
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => createSmtpServer({ url: part, timeouts }));
  const breaker = createCircuitBreaker(clock, BREAKER);

  /** Those that failed lately come last; nobody is left out. */
  function inTurn(): readonly SmtpServer[] {
    if (servers.length < 2) return servers;
    const first: SmtpServer[] = [];
    const last: SmtpServer[] = [];
    for (const server of servers) (breaker.mayTry(server.name) ? first : last).push(server);
    return [...first, ...last];
  }

  async function send(mail: WrittenMail, signal: AbortSignal): Promise<SendAcceptance> {
    const startedMs = clock.monotonicMs();
    let failure: SendError | undefined;
    const turn = inTurn();
    for (const [place, server] of turn.entries()) {
      // What is left is shared, so that one that hangs leaves time for those after it.
      const leftMs = timeouts.totalMs - (clock.monotonicMs() - startedMs);
      const budgetMs = Math.max(1, Math.floor(leftMs / (turn.length - place)));
      try {
        const acceptance = await server.send(mail, budgetMs, signal);
        breaker.succeeded(server.name);
        return acceptance;
      } catch (error) {
        const { error: told, isOfServer } = readSmtpFailure(error, server.name);
        if (isOfServer) breaker.failed(server.name);
        else breaker.succeeded(server.name);
        // One that was reached knows more of the mail than one that was not.
        if (failure === undefined || failure.isUnreached || !told.isUnreached) failure = told;
        if (told.isPermanent || signal.aborted) break;
      }
    }
    throw failure ?? new SendError('there is no mail server');
  }

  return {
    send: async (message, signal) => send(writing.write(message), signal),
    sendMailDraft: async (draft, signal) => send(writing.writeDraft(draft), signal),
    async stop() {
      for (const server of servers) server.stop();
    },
  };
}
