import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AcceptedMessage } from './accepted-log.ts';

/** What became of an attempt, as the database is told. `attempts` counts them all. */
export type Outcome =
  | { kind: 'accepted'; accepted: AcceptedMessage; attempts: number }
  | {
      kind: 'failed';
      key: string;
      attempts: number;
      atMs: number;
      error: string;
      dueAtMs: number;
      /** Whoever sees it due may take it; else this node keeps it. */
      isLeft: boolean;
    }
  | { kind: 'exhausted'; key: string; attempts: number; atMs: number; error: string };

/** Tells the database what became of messages, many at once; while it is away it is told later. */
export type SettleOutcomes = {
  /** `onStored` runs once the database has it, unless a later outcome of the same message came before. */
  add(outcome: Outcome, onStored?: () => void): void;
  /** Resolves when the database has everything, or after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void>;
  stop(): void;
};

const MAX_BATCH = 500;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** Between two statements, so that a busy time makes few large ones: calls wait for the same database, and a commit costs as much as ten rows. */
const EVERY_MS = 150;
const ANSWER_MS = 10_000;
/**
 * Beyond, the oldest are forgotten: a message that was taken stands in the log of accepted ones, and its job is settled from
 * there when it falls due.
 */
const MAX_WAITING = 50_000;

type Settling = { outcome: Outcome; onStored: (() => void) | undefined };

const keyOf = (outcome: Outcome): string => (outcome.kind === 'accepted' ? outcome.accepted.key : outcome.key);

export function createSettleOutcomes(deps: {
  store(outcomes: readonly Outcome[]): Promise<void>;
  clock: Clock;
  logger: Logger;
}): SettleOutcomes {
  const { clock, logger } = deps;
  const waiting = new Map<string, Settling>();
  let isStopped = false;
  let isBusy = false;
  let retryMs = FIRST_RETRY_MS;
  let isFailing = false;
  let cancelNext: (() => void) | undefined;
  let whenDrained: (() => void)[] = [];

  function later(delayMs: number): void {
    cancelNext ??= clock.after(delayMs, () => {
      cancelNext = undefined;
      void storeNext();
    });
  }

  function firstOf(max: number): Settling[] {
    const batch: Settling[] = [];
    for (const one of waiting.values()) {
      if (batch.length >= max) break;
      batch.push(one);
    }
    return batch;
  }

  /** A database that is silent must not keep what comes later from being stored. */
  async function withinTime(work: Promise<void>): Promise<void> {
    const limit = Promise.withResolvers<never>();
    const cancel = clock.after(ANSWER_MS, () => limit.reject(new Error(`no answer within ${ANSWER_MS} ms`)));
    try {
      await Promise.race([work, limit.promise]);
    } finally {
      cancel();
    }
  }

  async function storeNext(): Promise<void> {
    if (isBusy || isStopped || waiting.size === 0) return;
    isBusy = true;
    const batch = firstOf(MAX_BATCH);
    try {
      await withinTime(deps.store(batch.map(({ outcome }) => outcome)));
      if (isFailing) logger.info('what became of alerts is stored again');
      isFailing = false;
      retryMs = FIRST_RETRY_MS;
      for (const one of batch) {
        const key = keyOf(one.outcome);
        // A later outcome of the same message may have come meanwhile.
        if (waiting.get(key) !== one) continue;
        waiting.delete(key);
        one.onStored?.();
      }
    } catch (error) {
      if (!isFailing)
        logger.warn({ err: errorText(error), waiting: waiting.size }, 'what became of alerts cannot be stored now');
      isFailing = true;
      retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
    }
    isBusy = false;
    if (waiting.size > 0) later(isFailing ? retryMs : EVERY_MS);
    else for (const done of whenDrained.splice(0)) done();
  }

  return {
    add(outcome, onStored) {
      const key = keyOf(outcome);
      waiting.delete(key);
      waiting.set(key, { outcome, onStored });
      if (waiting.size > MAX_WAITING) {
        const [oldest] = waiting.keys();
        if (oldest !== undefined) waiting.delete(oldest);
      }
      if (!isBusy) later(isFailing ? retryMs : EVERY_MS);
    },
    async drained(timeoutMs) {
      if (waiting.size === 0) return;
      const done = Promise.withResolvers<void>();
      whenDrained.push(done.resolve);
      const cancel = clock.after(timeoutMs, done.resolve);
      void storeNext();
      await done.promise;
      cancel();
      whenDrained = whenDrained.filter((one) => one !== done.resolve);
    },
    stop() {
      isStopped = true;
      cancelNext?.();
    },
  };
}
