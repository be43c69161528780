import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { SipTransport } from '../../transport/sip-flow.ts';
import { createWriteBehind } from '../write-behind.ts';
import { type LadderPart, weightOf } from './call-ladders.ts';
import { encodePart } from './encode-part.ts';
import type { LadderDetail } from './ladder-message.ts';
import { deleteOldLadders, insertLadderParts, type LadderRow } from './ladder-records.ts';

/** Writes the ladders to the database, beside the calls and after their records, and forgets them when they are old. */
export type LadderWorker = {
  write(part: LadderPart): void;
  start(): void;
  /** Resolves when nothing waits any more; for tests and draining. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

const MAX_BATCH = 20;
const BETWEEN_BATCHES_MS = 100;
const MAX_WAITING_PARTS = 1_000;
/** Messages in them; one with a large body counts as several. */
const MAX_WAITING_MESSAGES = 8_000;
const MAX_RETRY_MS = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FORGET_AT_ONCE = 500;
/** How long the end of the process waits for what is left. */
const STOP_MS = 1_500;

export function createLadderWorker(deps: {
  database: Pick<Database, 'db'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  detail: LadderDetail;
  keptDays: number;
  sentBy: SipTransport['sentBy'];
}): LadderWorker {
  const { database, clock, logger, detail, sentBy } = deps;
  const droppedCount = deps.metrics.counter(
    'waymark_call_ladder_parts_dropped_total',
    'Parts of SIP ladders that the database did not take in time',
  );
  const waiting: LadderPart[] = [];
  let waitingMessages = 0;
  let cancelUpkeep = (): void => undefined;

  /** Nothing of a part that cannot be written: what came from outside must not end this worker. */
  function encode(part: LadderPart): LadderRow[] {
    try {
      return [encodeRow(part)];
    } catch (error) {
      droppedCount.inc();
      logger.error({ err: errorText(error), call: part.recordId }, 'calls: a part of a SIP ladder cannot be written');
      return [];
    }
  }

  function encodeRow(part: LadderPart): LadderRow {
    const messages = encodePart(part, { detail, sentBy });
    const at = new Date(part.messages[0]?.atMs ?? clock.nowMs());
    return { callId: part.recordId, part: part.part, at, leftOut: part.leftOut, messages: JSON.stringify(messages) };
  }

  function take(count: number): LadderPart[] {
    const parts = waiting.splice(0, count);
    for (const part of parts) waitingMessages -= weightOfPart(part);
    return parts;
  }

  const behind = createWriteBehind({
    clock,
    logger,
    what: 'SIP ladders',
    isWaiting: () => waiting.length > 0,
    take: () => take(MAX_BATCH).flatMap(encode),
    write: (rows: readonly LadderRow[]) => insertLadderParts(database.db, rows),
    onGivenUp: (rows) => droppedCount.inc(rows + take(waiting.length).length),
    betweenMs: BETWEEN_BATCHES_MS,
    maxRetryMs: MAX_RETRY_MS,
    stopMs: STOP_MS,
  });

  async function forgetBefore(before: Date): Promise<void> {
    const forgotten = await deleteOldLadders(database.db, before, FORGET_AT_ONCE);
    if (forgotten === FORGET_AT_ONCE && !behind.isStopping) await forgetBefore(before);
  }

  async function forgetOld(): Promise<void> {
    try {
      await forgetBefore(new Date(clock.nowMs() - deps.keptDays * DAY_MS));
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'calls: old SIP ladders are deleted later');
    }
    if (!behind.isStopping) cancelUpkeep = clock.after(HOUR_MS, () => void forgetOld());
  }

  return {
    write(part) {
      waiting.push(part);
      waitingMessages += weightOfPart(part);
      while (waiting.length > MAX_WAITING_PARTS || (waitingMessages > MAX_WAITING_MESSAGES && waiting.length > 1)) {
        take(1);
        droppedCount.inc();
      }
      behind.work();
    },
    start: () => void forgetOld(),
    drained: () => behind.drained(),
    stop() {
      cancelUpkeep();
      return behind.stop();
    },
  };
}

function weightOfPart({ messages }: LadderPart): number {
  return messages.reduce((sum, { message }) => sum + weightOf(message), 0);
}
