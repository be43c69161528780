import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { takeUntold } from './request-note-records.ts';

/** Network elements that requests named, nobody mapped, and nobody was told of within a day. */
export type UnmappedNews = {
  organizationId: string;
  count: number;
  /** The first of them, in words: kind, value, port. */
  elements: readonly string[];
  firstSeenAt: Date;
};

/** Tells of elements in the transaction that notes that it was told; what it gives is to be called after the commit. */
export type TellUnmapped = (tx: Transaction, news: UnmappedNews) => Promise<() => void>;

/**
 * Has people told of unmapped elements: each at most once a day whatever node sees it, and each organization at most once in a quarter
 * of an hour, so that a building that comes online is one message.
 */
export type UnmappedTelling = {
  /** Elements of this organization were written. */
  noted(organizationId: string): void;
  /** Resolves when what is under way is told. */
  settled(): Promise<void>;
  stop(): void;
};

const TELL_EVERY_MS = 15 * 60_000;
const TOLD_FOR_MS = 86_400_000;
const MAX_NAMED = 20;
const MAX_ORGANIZATIONS = 10_000;

export function createUnmappedTelling(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  tell: TellUnmapped | undefined;
}): UnmappedTelling {
  const { database, clock, logger } = deps;
  /** When each organization may be told again, on the monotonic clock. */
  const nextMs = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  let underWay: Promise<void> = Promise.resolve();

  async function tell(organizationId: string, send: TellUnmapped): Promise<void> {
    const now = new Date(clock.nowMs());
    try {
      const sendNow = await database.db.transaction().execute(async (tx) => {
        const found = await takeUntold(tx, organizationId, new Date(now.getTime() - TOLD_FOR_MS), now);
        const [first] = found;
        if (!first) return undefined;
        return send(tx, {
          organizationId,
          count: found.length,
          elements: found
            .slice(0, MAX_NAMED)
            .map(({ kind, value, port }) => `${kind} ${value}${port === '' ? '' : ` port ${port}`}`),
          firstSeenAt: first.firstSeenAt,
        });
      });
      if (!sendNow) return;
      nextMs.set(organizationId, clock.monotonicMs() + TELL_EVERY_MS);
      sendNow();
    } catch (error) {
      // They stay untold: the next request that names one has them told.
      logger.warn({ err: errorText(error), organizationId }, 'nobody could be told of unmapped network elements');
    }
  }

  return {
    noted(organizationId) {
      const { tell: send } = deps;
      if (!send || waiting.has(organizationId)) return;
      const begin = (): void => {
        waiting.delete(organizationId);
        underWay = underWay.then(() => tell(organizationId, send));
      };
      const waitMs = (nextMs.get(organizationId) ?? 0) - clock.monotonicMs();
      if (waitMs > 0) {
        waiting.set(organizationId, clock.after(waitMs, begin));
        return;
      }
      if (nextMs.size >= MAX_ORGANIZATIONS) nextMs.clear();
      begin();
    },
    settled: () => underWay,
    stop() {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
