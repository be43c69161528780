import { Worker } from 'node:worker_threads';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { type SendAcceptance, SendError } from './alert-sender.ts';
import { mailDraft } from './mail-draft.ts';
import type { MailReply, MailRequest, MailWorkerData } from './mail-worker.ts';
import type { PicturedSender } from './with-map-picture.ts';

export type MailThreadOptions = MailWorkerData & {
  logger: Pick<Logger, 'warn'>;
  clock: Clock;
  /** Starts the thread; a test passes one that fails. */
  startWorker?: (data: MailWorkerData) => Worker;
};

const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;
/** A thread answers whoever gives up within a moment; one that says nothing for so long hangs. */
const SILENT_MS = 5_000;

function startMailWorker(data: MailWorkerData): Worker {
  // Packed, the sources are JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./mail-worker.${extension}`, import.meta.url), { name: 'mail', workerData: data });
}

/**
 * Mail on a thread of its own: making it and talking to mail servers takes nothing from the thread that routes emergency calls.
 * A thread that dies or hangs is replaced; what it was sending counts as failed and is tried again.
 */
export function createMailThread(options: MailThreadOptions): PicturedSender {
  const { logger, clock, startWorker = startMailWorker, ...data } = options;
  const waiting = new Map<number, PromiseWithResolvers<SendAcceptance>>();
  let worker: Worker | undefined;
  let nextId = 1;
  let restartMs = FIRST_RESTART_MS;
  let cancelRestart: (() => void) | undefined;
  let cancelWatch: (() => void) | undefined;
  let replies = 0;
  let requests: MailRequest[] = [];
  let isStopped = false;

  function start(): void {
    const started = startWorker(data);
    worker = started;
    keepAliveWhileBusy();
    started.on('message', onReplies);
    started.on('error', (error: unknown) => onLost(started, errorText(error)));
    started.on('exit', (code) => onLost(started, `exit ${code}`));
  }

  function keepAliveWhileBusy(): void {
    if (waiting.size === 0) worker?.unref();
    else worker?.ref();
  }

  /** To be called when the thread was told to give something up. */
  function watchForHanging(): void {
    const [watched, repliesBefore] = [worker, replies];
    cancelWatch ??= clock.after(SILENT_MS, () => {
      cancelWatch = undefined;
      if (watched === undefined || watched !== worker || replies > repliesBefore) return;
      onLost(watched, 'hangs');
      void watched.terminate();
    });
  }

  function onReplies(told: readonly MailReply[]): void {
    replies++;
    restartMs = FIRST_RESTART_MS;
    for (const reply of told) settle(reply);
    keepAliveWhileBusy();
  }

  function settle(reply: MailReply): void {
    const attempt = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === 'accepted') attempt?.resolve({ response: reply.response });
    else attempt?.reject(new SendError(reply.error, reply));
  }

  function failAll(reason: string): void {
    const attempts = [...waiting.values()];
    waiting.clear();
    requests = [];
    for (const attempt of attempts) attempt.reject(new SendError(reason));
  }

  function onLost(lost: Worker, reason: string): void {
    if (lost !== worker || isStopped) return;
    worker = undefined;
    logger.warn({ reason, restartMs, mails: waiting.size }, 'mail thread lost');
    failAll(`the mail thread was lost: ${reason}`);
    cancelRestart = clock.after(restartMs, start);
    restartMs = Math.min(2 * restartMs, LAST_RESTART_MS);
  }

  /** What is asked within one turn leaves together: a message between threads costs more than what it holds. */
  function ask(request: MailRequest): void {
    requests.push(request);
    if (requests.length > 1) return;
    setImmediate(() => {
      const asked = requests;
      requests = [];
      if (asked.length > 0) post(asked);
    });
  }

  /** One that cannot be handed over fails alone. */
  function post(asked: readonly MailRequest[]): void {
    try {
      worker?.postMessage(asked);
    } catch (error) {
      const [first, ...others] = asked;
      if (others.length > 0) for (const one of asked) post([one]);
      else if (first) waiting.get(first.id)?.reject(new SendError(errorText(error), { cause: error }));
    }
  }

  async function attemptTo(request: (id: number) => MailRequest, signal: AbortSignal): Promise<SendAcceptance> {
    if (!worker) throw new SendError(isStopped ? 'mail is not sent any more' : 'the mail thread is restarting');
    const id = nextId++;
    const attempt = Promise.withResolvers<SendAcceptance>();
    const abort = (): void => {
      ask({ kind: 'abort', id });
      watchForHanging();
      waiting.delete(id);
      keepAliveWhileBusy();
      attempt.reject(new SendError('given up'));
    };
    const asked = request(id);
    waiting.set(id, attempt);
    keepAliveWhileBusy();
    signal.addEventListener('abort', abort, { once: true });
    ask(asked);
    try {
      return await attempt.promise;
    } finally {
      signal.removeEventListener('abort', abort);
      if (waiting.delete(id)) keepAliveWhileBusy();
    }
  }

  start();
  return {
    send: (message, signal) => attemptTo((id) => ({ kind: 'send', id, message }), signal),
    sendDraft(draft, acknowledgeUrl, signal, picture = null) {
      return attemptTo((id) => ({ kind: 'draft', id, draft: mailDraft(draft, acknowledgeUrl, picture) }), signal);
    },
    async stop() {
      isStopped = true;
      cancelRestart?.();
      cancelWatch?.();
      const stopped = worker;
      worker = undefined;
      failAll('mail is not sent any more');
      await stopped?.terminate();
    },
  };
}
