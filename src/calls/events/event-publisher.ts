import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import { createWriteBehind } from '../write-behind.ts';
import type { NewEvent } from './call-event.ts';
import { deleteOldEvents, insertEvents } from './event-records.ts';

/**
 * Writes what happens to the list that every node's listeners follow: soon, beside the calls, and never more than it can afford.
 * What is left out is counted, and the listeners are told that there was something.
 */
export type EventPublisher = {
  /** `describe` is called at once, or never where there is no room for what happened. Never throws. */
  publish(describe: () => readonly NewEvent[]): void;
  start(): void;
  /** Resolves when nothing waits any more; for tests and draining. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

const WRITE_EVERY_MS = 100;
/** At a time: five hundred happenings a second, far beyond what anybody reads. */
const MAX_BATCH = 50;
const MAX_WAITING = 1_000;
const MAX_RETRY_MS = 5_000;
const KEPT_EVENTS = 10_000;
const KEPT_MS = 24 * 3_600_000;
const PRUNE_EVERY_MS = 600_000;
const STOP_MS = 1_000;

export function createEventPublisher(deps: {
  database: Pick<Database, 'db'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): EventPublisher {
  const { database, clock, logger } = deps;
  const countLost = deps.metrics.tally('waymark_call_events_lost_total', 'Happenings that no listener was told', [])();
  /** By happening. Described, they hold some fields of a record; each would hold the whole, for as long as it waits. */
  const waiting: (readonly NewEvent[])[] = [];
  let lost = 0;
  let cancelUpkeep = (): void => undefined;

  function takeBatch(): NewEvent[] {
    const events = waiting.splice(0, MAX_BATCH).flat();
    if (lost > 0) {
      const at = new Date(clock.nowMs()).toISOString();
      events.push({ type: 'events.lost', at, organizationId: null, locationId: null, data: { count: lost } });
      lost = 0;
    }
    return events;
  }

  const behind = createWriteBehind({
    clock,
    logger,
    what: 'events',
    isWaiting: () => waiting.length > 0,
    take: takeBatch,
    write: (events: readonly NewEvent[]) => insertEvents(database.db, events),
    gatherMs: WRITE_EVERY_MS,
    maxRetryMs: MAX_RETRY_MS,
    stopMs: STOP_MS,
  });

  async function prune(): Promise<void> {
    try {
      await deleteOldEvents(database.db, new Date(clock.nowMs() - KEPT_MS), KEPT_EVENTS);
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'calls: old events are deleted later');
    }
    if (!behind.isStopping) cancelUpkeep = clock.after(PRUNE_EVERY_MS, () => void prune());
  }

  return {
    publish(describe) {
      if (waiting.length >= MAX_WAITING) {
        lost += 1;
        countLost();
        return;
      }
      try {
        waiting.push(describe());
      } catch (error) {
        logger.error({ err: errorText(error) }, 'calls: what happened cannot be told to listeners');
        return;
      }
      behind.work();
    },
    start: () => void prune(),
    drained: () => behind.drained(),
    stop() {
      cancelUpkeep();
      return behind.stop();
    },
  };
}
