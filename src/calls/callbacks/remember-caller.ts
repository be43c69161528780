import type { CallRecord } from '../../domain/call-record.ts';
import type { Clock } from '../../support/clock.ts';
import type { Logger } from '../../support/logger.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { ElinBindings } from './elin-bindings.ts';
import { type RecentCallers, recentCallerOf } from './recent-callers.ts';

/** Keeps who makes an emergency call: its ELIN leads to it from now on, and a PSAP that calls back finds it. */
export type RememberCaller = (record: CallRecord, destinations: readonly { uri: string }[]) => void;

export function createRememberCaller(deps: {
  elins: Pick<ElinBindings, 'bindFrom'>;
  recentCallers: Pick<RecentCallers, 'remember'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): RememberCaller {
  const { elins, recentCallers, clock, logger } = deps;
  const bound = deps.metrics.tally(
    'waymark_elins_bound_total',
    'ELINs bound to emergency callers, by the state of the pool',
    ['pool'],
  );
  const boundFree = bound('free');
  const boundExhausted = bound('exhausted');

  return function rememberCaller(record, destinations) {
    const { callback, organizationId } = record;
    if (record.kind !== '911' || callback.number === null || organizationId === null) return;
    const binding = elins.bindFrom(record);
    if (binding) {
      const isExhausted = record.flags.includes('elin-exhausted');
      (isExhausted ? boundExhausted : boundFree)();
      if (isExhausted) {
        const { number, responseLocationId } = binding;
        logger.warn({ organizationId, responseLocationId, elin: number }, 'calls: every ELIN of a place is in use');
      }
    }
    const uris = destinations.map(({ uri }) => uri);
    const recent = recentCallerOf(record, clock, uris);
    if (recent) recentCallers.remember(callback.number, recent);
  };
}
