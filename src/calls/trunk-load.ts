import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';

/** Calls under way by trunk; a trunk with unusually many raises an alarm, and its calls go on. */
export type TrunkLoad = {
  /** `trunkId` null: calls of no trunk count together. */
  began(trunkId: string | null): void;
  ended(trunkId: string | null): void;
};

const NO_TRUNK = 'none';
/** Calls that come and go around the limit raise one alarm: the next follows when there were this much fewer in between. */
const CALM_SHARE = 0.8;

export function createTrunkLoad(deps: { metrics: Metrics; logger: Logger; alarmAt: number }): TrunkLoad {
  const { logger, alarmAt } = deps;
  const counts = new Map<string, number>();
  const calmAt = Math.floor(alarmAt * CALM_SHARE);
  const alarmed = new Set<string>();
  const gauge = deps.metrics.gauge(
    'waymark_calls_trunk_over_limit',
    'Emergency calls under way on trunks that have more of them than is usual (WAYMARK_TRUNK_ALARM_CALLS)',
    ['trunk'],
  );

  return {
    began(trunkId) {
      const trunk = trunkId ?? NO_TRUNK;
      const count = (counts.get(trunk) ?? 0) + 1;
      counts.set(trunk, count);
      if (count <= alarmAt) return;
      gauge.set({ trunk }, count);
      if (alarmed.has(trunk)) return;
      alarmed.add(trunk);
      logger.error({ trunk, calls: count }, 'calls: unusually many calls on one trunk');
    },
    ended(trunkId) {
      const trunk = trunkId ?? NO_TRUNK;
      const count = (counts.get(trunk) ?? 0) - 1;
      if (count > 0) counts.set(trunk, count);
      else counts.delete(trunk);
      if (count > alarmAt) gauge.set({ trunk }, count);
      else if (count === alarmAt) gauge.remove({ trunk });
      if (count <= calmAt && alarmed.delete(trunk)) {
        logger.info({ trunk, calls: count }, 'calls: as many calls on a trunk as usual again');
      }
    },
  };
}
