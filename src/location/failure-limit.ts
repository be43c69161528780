import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';

const WINDOW_MS = 60_000;
const FAILURES_PER_WINDOW = 20;
const REMEMBERED_ADDRESSES = 10_000;

/**
 * Counts wrong credentials per address. It only changes how a *wrong* request is answered: right credentials pass whatever
 * else comes from the same address, for a hundred phones behind one address must not suffer for one that is set up badly.
 */
export type FailureLimit = {
  /** Notes a failure; the whole seconds to wait once there were too many, undefined before. */
  note(address: string): number | undefined;
};

export function createFailureLimit(clock: Clock): FailureLimit {
  const windows = new BoundedMap<string, { startedMs: number; failures: number }>(REMEMBERED_ADDRESSES);
  return {
    note(address) {
      const nowMs = clock.nowMs();
      const known = windows.get(address);
      if (known === undefined || nowMs - known.startedMs >= WINDOW_MS) {
        windows.set(address, { startedMs: nowMs, failures: 1 });
        return undefined;
      }
      known.failures += 1;
      if (known.failures <= FAILURES_PER_WINDOW) return undefined;
      return Math.max(1, Math.ceil((known.startedMs + WINDOW_MS - nowMs) / 1_000));
    },
  };
}
