import { Worker } from 'node:worker_threads';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import {
  type MediaHandlers,
  type MediaReport,
  type MediaSession,
  type MediaSessions,
  NO_MEDIA,
} from './media-sessions.ts';
import type { MediaReply, MediaRequest, MediaWorkerData } from './media-worker.ts';

export type MediaThreadOptions = MediaWorkerData & {
  logger: Pick<Logger, 'warn'>;
  clock: Clock;
  /** Starts the thread; a test passes one that fails. */
  startWorker?: (data: MediaWorkerData) => Worker;
};

const ANSWER_MS = 3_000;
const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;

type OpenSession = {
  handlers: MediaHandlers;
  /** Waits for `opened`. */
  opened: PromiseWithResolvers<{ address: string; port: number }>;
  /** Waits for `closed`, once close was asked. */
  closed: PromiseWithResolvers<MediaReport> | undefined;
};

/**
 * The audio of test calls on a thread of its own: however many there are, their packets do not delay the thread that routes emergency
 * calls. A thread that dies is replaced; the calls that it served hear of it through `failed`.
 */
export function createMediaThread(options: MediaThreadOptions): MediaSessions {
  const { logger, clock, hosts, from, to, startWorker = startMediaWorker } = options;
  const sessions = new Map<number, OpenSession>();
  let worker: Worker | undefined;
  let nextId = 1;
  let restartMs = FIRST_RESTART_MS;
  let cancelRestart: (() => void) | undefined;
  let closed = false;

  function start(): void {
    const started = startWorker({ hosts, from, to });
    worker = started;
    keepAliveWhileBusy();
    started.on('message', (reply: MediaReply) => onReply(reply));
    started.on('error', (error: unknown) => onLost(started, errorText(error)));
    started.on('exit', (code) => onLost(started, `exit ${code}`));
  }

  /** The process lives for the calls, not for the thread. */
  function keepAliveWhileBusy(): void {
    if (sessions.size === 0) worker?.unref();
    else worker?.ref();
  }

  function forget(id: number): void {
    sessions.delete(id);
    keepAliveWhileBusy();
  }

  function onReply(reply: MediaReply): void {
    if (reply.kind === 'warning') {
      logger.warn({ reason: reply.reason }, 'media thread warns');
      return;
    }
    restartMs = FIRST_RESTART_MS;
    const session = sessions.get(reply.id);
    if (!session) return;
    if (reply.kind === 'opened') session.opened.resolve({ address: reply.address, port: reply.port });
    else if (reply.kind === 'refused') session.opened.reject(new ProblemError('unavailable', reply.reason));
    else if (reply.kind === 'key') session.handlers.key(reply.key);
    else if (reply.kind === 'played') session.handlers.played(reply.report, reply.mark);
    else {
      forget(reply.id);
      session.closed?.resolve(reply.report);
    }
  }

  function onLost(lost: Worker, reason: string): void {
    if (lost !== worker || closed) return;
    logger.warn({ reason, restartMs, calls: sessions.size }, 'media thread lost');
    worker = undefined;
    const problem = new ProblemError('unavailable', `media thread lost: ${reason}`);
    const orphans = [...sessions.values()];
    sessions.clear();
    for (const { opened, closed: closing, handlers } of orphans) {
      opened.reject(problem);
      closing?.resolve(NO_MEDIA);
      handlers.failed(problem.message);
    }
    cancelRestart = clock.after(restartMs, start);
    restartMs = Math.min(2 * restartMs, LAST_RESTART_MS);
  }

  function ask(request: MediaRequest): void {
    worker?.postMessage(request);
  }

  /** The answer of the thread, or `late` when it does not come in time. */
  async function withinTime<Value>(answer: Promise<Value>, late: () => Value): Promise<Value> {
    const limit = Promise.withResolvers<Value>();
    const cancel = clock.after(ANSWER_MS, () => {
      try {
        limit.resolve(late());
      } catch (error) {
        limit.reject(error);
      }
    });
    try {
      return await Promise.race([answer, limit.promise]);
    } finally {
      cancel();
    }
  }

  async function close(id: number): Promise<MediaReport> {
    const session = sessions.get(id);
    if (!session) return NO_MEDIA;
    if (!session.closed) {
      session.closed = Promise.withResolvers();
      ask({ kind: 'close', id });
    }
    return withinTime(session.closed.promise, () => {
      forget(id);
      return NO_MEDIA;
    });
  }

  start();
  return {
    async open(signallingAddress, handlers) {
      if (!worker || closed)
        throw new ProblemError('unavailable', closed ? 'closing down' : 'the media thread is restarting');
      const id = nextId++;
      const session: OpenSession = { handlers, opened: Promise.withResolvers(), closed: undefined };
      sessions.set(id, session);
      keepAliveWhileBusy();
      ask({ kind: 'open', id, signallingAddress });
      try {
        const place = await withinTime(session.opened.promise, () => {
          throw new ProblemError('unavailable', 'the media thread does not answer');
        });
        return {
          ...place,
          follow: (stream) => ask({ kind: 'follow', id, stream }),
          append: (pcm) => ask({ kind: 'append', id, pcm }),
          finish: (mark) => ask({ kind: 'finish', id, mark }),
          clear: () => ask({ kind: 'clear', id }),
          close: () => close(id),
        } satisfies MediaSession;
      } catch (error) {
        forget(id);
        ask({ kind: 'close', id });
        throw error;
      }
    },
    inUse: () => sessions.size,
    async close() {
      closed = true;
      cancelRestart?.();
      for (const { opened, closed: closing } of sessions.values()) {
        opened.reject(new ProblemError('unavailable', 'closing down'));
        closing?.resolve(NO_MEDIA);
      }
      sessions.clear();
      await worker?.terminate();
    },
  };
}

function startMediaWorker(data: MediaWorkerData): Worker {
  // Packed, the sources are JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./media-worker.${extension}`, import.meta.url), { name: 'media', workerData: data });
}
