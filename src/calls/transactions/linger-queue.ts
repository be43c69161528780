import type { Clock } from '../../support/clock.ts';

/** How early a timer may fire by the monotonic clock and still count as due. */
const SLACK_MS = 1;
const COMPACT_AT = 1_024;

/**
 * Things that expire a fixed time after they were added, in one queue with one timer: finished transactions are many and
 * wait long, so each must cost little.
 */
export type LingerQueue<Item> = { add(item: Item): void; close(): void };

export function createLingerQueue<Item>(
  clock: Clock,
  delayMs: number,
  expire: (item: Item) => void,
): LingerQueue<Item> {
  let items: (Item | undefined)[] = [];
  let dueTimesMs: number[] = [];
  let head = 0;
  let cancelTimer: (() => void) | undefined;

  function run(): void {
    cancelTimer = undefined;
    const nowMs = clock.monotonicMs() + SLACK_MS;
    let dueMs = dueTimesMs[head];
    while (dueMs !== undefined && dueMs <= nowMs) {
      // A due time has its item beside it, which must not stay here when it has expired.
      const item = items[head] as Item;
      items[head++] = undefined;
      expire(item);
      dueMs = dueTimesMs[head];
    }
    if (dueMs !== undefined) cancelTimer = clock.after(Math.max(dueMs - nowMs, 0) + SLACK_MS, run);
    if (dueMs === undefined || (head > COMPACT_AT && head * 2 > items.length)) {
      items = items.slice(head);
      dueTimesMs = dueTimesMs.slice(head);
      head = 0;
    }
  }

  return {
    add(item) {
      items.push(item);
      dueTimesMs.push(clock.monotonicMs() + delayMs);
      cancelTimer ??= clock.after(delayMs, run);
    },
    close() {
      cancelTimer?.();
      cancelTimer = undefined;
      items = [];
      dueTimesMs = [];
      head = 0;
    },
  };
}
