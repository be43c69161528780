import { type CircuitBreaker, createCircuitBreaker } from '../../support/circuit-breaker.ts';
import type { Clock } from '../../support/clock.ts';

/** Keeps from asking lanes that are broken: the mail server is gone, a gateway answers nothing but errors. */
export type LaneHealth = {
  /** Whether to try now. Who is told yes must tell the outcome; of a lane that is down, one at a time is. */
  mayTry(lane: string): boolean;
  isDown(lane: string): boolean;
  /** The other side answered, be it with a refusal of this one message. */
  answered(lane: string): void;
  failed(lane: string, target: string, error: string): void;
};

/** A lane went down or came back. */
export type LaneChange = { lane: string; isDown: boolean; error: string | null };

/** So many failures in a row; of a lane with several targets, of so many different ones: one dead mailbox is not a dead server. */
const FAILURES = 3;
const OPEN_MS = 5_000;

export function createLaneHealth(clock: Clock, onChange: (change: LaneChange) => void): LaneHealth {
  const breaker: CircuitBreaker = createCircuitBreaker(clock, { failures: FAILURES, openMs: OPEN_MS });
  /** By lane that failed last: which targets did. */
  const failing = new Map<string, { targets: Set<string>; isDown: boolean }>();
  return {
    mayTry: (lane) => breaker.mayTry(lane),
    isDown: (lane) => failing.get(lane)?.isDown ?? false,
    answered(lane) {
      const known = failing.get(lane);
      if (known === undefined) return;
      failing.delete(lane);
      breaker.succeeded(lane);
      if (known.isDown) onChange({ lane, isDown: false, error: null });
    },
    failed(lane, target, error) {
      let known = failing.get(lane);
      if (known === undefined) {
        known = { targets: new Set(), isDown: false };
        failing.set(lane, known);
      }
      const isOnlyTarget = target === lane;
      if (known.isDown || (known.targets.has(target) && !isOnlyTarget)) return;
      breaker.failed(lane);
      // A webhook is its own only target: each of its failures counts.
      known.targets.add(isOnlyTarget ? `${target} ${known.targets.size}` : target);
      if (known.targets.size < FAILURES) return;
      known.isDown = true;
      known.targets.clear();
      onChange({ lane, isDown: true, error });
    },
  };
}
