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

  function arm(afterMs: number): void {
    cancelTimer = clock.after(afterMs, run);
  }

  function disarm(): void {
    cancelTimer?.();
    cancelTimer = undefined;
  }

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
    // What was added meanwhile has set the timer for itself.
    disarm();
    if (dueMs !== undefined) arm(Math.max(dueMs - nowMs, 0) + SLACK_MS);
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
      if (!cancelTimer) arm(delayMs);
    },
    close() {
      disarm();
      items = [];
      dueTimesMs = [];
      head = 0;
    },
  };
}
