import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

/** Keeps from asking, for a while, whoever failed several times in a row; one attempt then tries whether that is over. */
export type CircuitBreaker = {
  /** Whether to try now. Who is told yes must tell the outcome. */
  mayTry(key: string): boolean;
  succeeded(key: string): void;
  failed(key: string): void;
};

export type CircuitBreakerOptions = {
  /** So many failures in a row open it. */
  failures: number;
  /** How long it stays open before one attempt is let through. */
  openMs: number;
  /** Of so many keys; beyond, the one heard of longest ago is forgotten. */
  remembered?: number;
};

const REMEMBERED = 1_000;

export function createCircuitBreaker(
  clock: Pick<Clock, 'monotonicMs'>,
  { failures, openMs, remembered = REMEMBERED }: CircuitBreakerOptions,
): CircuitBreaker {
  const faulty = new BoundedMap<string, { failures: number; openUntilMs: number }>(remembered);
  return {
    mayTry(key) {
      const known = faulty.get(key);
      if (known === undefined || known.failures < failures) return true;
      const nowMs = clock.monotonicMs();
      if (nowMs < known.openUntilMs) return false;
      // The one that is let through; the others go on waiting for what it finds.
      known.openUntilMs = nowMs + openMs;
      return true;
    },
    succeeded: (key) => void faulty.delete(key),
    failed(key) {
      const count = (faulty.get(key)?.failures ?? 0) + 1;
      faulty.set(key, { failures: count, openUntilMs: clock.monotonicMs() + openMs });
    },
  };
}
