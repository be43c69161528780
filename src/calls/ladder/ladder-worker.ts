import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { SipTransport } from '../../transport/sip-flow.ts';
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
const FIRST_RETRY_MS = 250;
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
  let working: Promise<void> | undefined;
  let isStopping = false;
  let isFailing = false;
  let cancelUpkeep = (): void => undefined;
  let endPause = (): void => undefined;

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

  async function writeAll(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    let rows: LadderRow[] = [];
    while (waiting.length > 0 || rows.length > 0) {
      if (rows.length === 0) rows = take(MAX_BATCH).flatMap(encode);
      try {
        if (rows.length > 0) await insertLadderParts(database.db, rows);
        rows = [];
        retryMs = FIRST_RETRY_MS;
        if (isFailing) logger.info('calls: SIP ladders are stored again');
        isFailing = false;
        if (waiting.length > 0 && !isStopping) await pause(BETWEEN_BATCHES_MS);
      } catch (error) {
        if (!isFailing) logger.warn({ err: errorText(error) }, 'calls: SIP ladders cannot be stored now');
        isFailing = true;
        if (isStopping) return droppedCount.inc(rows.length + take(waiting.length).length);
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  function work(): void {
    working ??= writeAll().finally(() => {
      working = undefined;
      if (waiting.length > 0) work();
    });
  }

  async function forgetBefore(before: Date): Promise<void> {
    const forgotten = await deleteOldLadders(database.db, before, FORGET_AT_ONCE);
    if (forgotten === FORGET_AT_ONCE && !isStopping) await forgetBefore(before);
  }

  async function forgetOld(): Promise<void> {
    try {
      await forgetBefore(new Date(clock.nowMs() - deps.keptDays * DAY_MS));
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'calls: old SIP ladders are deleted later');
    }
    if (!isStopping) cancelUpkeep = clock.after(HOUR_MS, () => void forgetOld());
  }

  async function drained(): Promise<void> {
    if (!working) return;
    await working;
    await drained();
  }

  return {
    write(part) {
      waiting.push(part);
      waitingMessages += weightOfPart(part);
      while (waiting.length > MAX_WAITING_PARTS || (waitingMessages > MAX_WAITING_MESSAGES && waiting.length > 1)) {
        take(1);
        droppedCount.inc();
      }
      work();
    },
    start: () => void forgetOld(),
    drained,
    async stop() {
      isStopping = true;
      cancelUpkeep();
      endPause();
      let stopWaiting = (): void => undefined;
      const late = new Promise<void>((resolve) => {
        stopWaiting = clock.after(STOP_MS, resolve);
      });
      await Promise.race([drained(), late]);
      stopWaiting();
    },
  };
}

function weightOfPart({ messages }: LadderPart): number {
  return messages.reduce((sum, { message }) => sum + weightOf(message), 0);
}
