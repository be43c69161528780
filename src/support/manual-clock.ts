import type { Clock } from './clock.ts';

type Timer = { dueMs: number; order: number; action: () => void };

/** A clock that stands still until a test advances it; timers fire in due order, ties in the order they were set. */
export type ManualClock = Clock & {
  /** Moves time forward and runs every timer that falls due, including those set on the way. */
  advance(byMs: number): void;
  /** How many timers are waiting. */
  pending(): number;
};

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Set<Timer>();

  function nextDue(limitMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > limitMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }

  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after(delayMs, action) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, action };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance(byMs) {
      const targetMs = nowMs + byMs;
      for (let timer = nextDue(targetMs); timer; timer = nextDue(targetMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.action();
      }
      nowMs = targetMs;
    },
    pending: () => timers.size,
  };
}
