import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';

/** Keeps from asking lanes that are broken: the mail server is gone, a gateway answers nothing but errors. */
export type LaneHealth = {
  /** Whether to try now; of a lane that is down, one at a time is. */
  mayTry(lane: string): boolean;
  isDown(lane: string): boolean;
  /** The other side answered, be it with a refusal of this one message. */
  answered(lane: string): void;
  /** `isUnreached`: nobody would have fared better, so that each such failure counts. */
  failed(lane: string, target: string, error: string, isUnreached: boolean): void;
};

/** A lane went down or came back. */
export type LaneChange = { lane: string; isDown: boolean; error: string | null };

/** So many failures in a row; where the other side was reached, of so many different targets: one dead mailbox is not a dead server. */
const FAILURES = 3;
const OPEN_MS = 5_000;
/** Beyond, what failed first is taken to be well until it fails again. */
const REMEMBERED = 20_000;

export function createLaneHealth(
  clock: Pick<Clock, 'monotonicMs'>,
  onChange: (change: LaneChange) => void,
): LaneHealth {
  /** By lane that failed last: which targets did, and when it may be tried again. */
  const failing = new BoundedMap<string, { targets: Set<string>; isDown: boolean; tryAgainMs: number }>(REMEMBERED);
  return {
    mayTry(lane) {
      const known = failing.get(lane);
      if (!known?.isDown) return true;
      const nowMs = clock.monotonicMs();
      if (nowMs < known.tryAgainMs) return false;
      // The one that is let through; the others go on waiting for what it finds.
      known.tryAgainMs = nowMs + OPEN_MS;
      return true;
    },
    isDown: (lane) => failing.get(lane)?.isDown ?? false,
    answered(lane) {
      const known = failing.get(lane);
      if (known === undefined) return;
      failing.delete(lane);
      if (known.isDown) onChange({ lane, isDown: false, error: null });
    },
    failed(lane, target, error, isUnreached) {
      let known = failing.get(lane);
      if (known === undefined) {
        known = { targets: new Set(), isDown: false, tryAgainMs: 0 };
        failing.set(lane, known);
      }
      // A webhook is its own only target.
      const isOfLane = isUnreached || target === lane;
      if (known.isDown || (known.targets.has(target) && !isOfLane)) return;
      known.targets.add(isOfLane ? `${target} ${known.targets.size}` : target);
      if (known.targets.size < FAILURES) return;
      known.isDown = true;
      known.tryAgainMs = clock.monotonicMs() + OPEN_MS;
      known.targets.clear();
      onChange({ lane, isDown: true, error });
    },
  };
}
