import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

/** Counts attempts by address, account or whatever else is a key, in memory that is bounded. */
export type AttemptLimit = {
  /** Counts one attempt; the whole seconds to wait once there were too many, undefined before. */
  take(key: string): number | undefined;
  /** Uncounts one: it was no guess. */
  giveBack(key: string): void;
};

export type AttemptLimitOptions = {
  /** So many are let through in one window. */
  attempts: number;
  /** Begins with a key's first attempt. */
  windowMs: number;
  /** Of so many keys; beyond, the one whose window began first is forgotten. */
  remembered?: number;
};

const REMEMBERED = 10_000;

export function createAttemptLimit(clock: Pick<Clock, 'nowMs'>, options: AttemptLimitOptions): AttemptLimit {
  const { attempts, windowMs } = options;
  const windows = new BoundedMap<string, { startedMs: number; count: number }>(options.remembered ?? REMEMBERED);
  return {
    take(key) {
      const nowMs = clock.nowMs();
      const known = windows.get(key);
      if (known === undefined || nowMs - known.startedMs >= windowMs) {
        windows.set(key, { startedMs: nowMs, count: 1 });
        return undefined;
      }
      if (known.count < attempts) {
        known.count += 1;
        return undefined;
      }
      return Math.max(1, Math.ceil((known.startedMs + windowMs - nowMs) / 1_000));
    },
    giveBack(key) {
      const known = windows.get(key);
      if (known !== undefined && known.count > 0) known.count -= 1;
    },
  };
}
