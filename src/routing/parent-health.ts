import type { Clock } from '../support/clock.ts';

/** Failures in a row after which a server is left alone for a while. */
const FAILURES_TO_OPEN = 5;
/** How long it is left alone before one query tries again. */
const REST_MS = 10_000;

/** Whether it makes sense to ask a server now: it is spared, and the askers are, while it is down or overrun. */
export type ParentHealth = {
  /** Runs `ask` and notes how it went; undefined, without running it, while the server rests or has enough to do. */
  attempt<T>(ask: () => Promise<T>): Promise<T> | undefined;
};

export function createParentHealth(clock: Clock, maxConcurrent: number): ParentHealth {
  let underWay = 0;
  let failures = 0;
  let restsUntilMs = 0;

  async function run<T>(ask: () => Promise<T>): Promise<T> {
    underWay += 1;
    try {
      const result = await ask();
      failures = 0;
      return result;
    } catch (error) {
      failures += 1;
      if (failures >= FAILURES_TO_OPEN) restsUntilMs = clock.monotonicMs() + REST_MS;
      throw error;
    } finally {
      underWay -= 1;
    }
  }

  return {
    attempt(ask) {
      if (underWay >= maxConcurrent) return undefined;
      if (failures >= FAILURES_TO_OPEN) {
        if (clock.monotonicMs() < restsUntilMs) return undefined;
        // One query finds out; the others wait for what it finds.
        restsUntilMs = clock.monotonicMs() + REST_MS;
      }
      return run(ask);
    },
  };
}
