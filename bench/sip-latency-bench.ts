import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import { median, type Plan } from './measure.ts';
import type { Child } from './processes.ts';
import type { Row } from './row.ts';
import { CALLS_UNDER_WAY, locatedCall, type SipAddress } from './sip-contestant.ts';

const SHARE_OF_LOAD = 0.7;
/** A slice must show its hundredth part. */
const LEAST_MS = 5_000;

/** How much later the PSAP gets an INVITE at 70 % of the calls that the platform takes by the wall clock. */
export async function benchSipLatency(load: Child, to: SipAddress, callsPerSecond: number, plan: Plan): Promise<Row> {
  const paced = Math.floor(callsPerSecond * SHARE_OF_LOAD);
  const wanted: SipLoad = {
    kind: 'run',
    ...to,
    ...locatedCall(),
    // Only a bound: calls begin by the clock.
    underWay: CALLS_UNDER_WAY * 16,
    ms: Math.max(plan.sliceMs, plan.cycles > 2 ? LEAST_MS : 0),
    callsPerSecond: paced,
  };
  const seen: SipLoadResult[] = [];
  for (let cycle = 0; cycle < Math.ceil(plan.cycles / 2); cycle++) seen.push(await load.ask<SipLoadResult>(wanted));
  const errors = seen.reduce((sum, result) => sum + result.errors, 0);
  return {
    bench: 'sip',
    metric: 'invite-to-invite-p99',
    value: Number(median(seen.map(({ forwardedMs }) => forwardedMs.p99)).toFixed(2)),
    unit: 'ms',
    peer: null,
    ratio: null,
    note:
      `at ${paced} calls/s, ${SHARE_OF_LOAD * 100} % of what was taken before; p50 ` +
      `${median(seen.map(({ forwardedMs }) => forwardedMs.p50)).toFixed(2)} ms, slowest ${Math.max(...seen.map(({ forwardedMs }) => forwardedMs.max)).toFixed(1)} ms; ` +
      `retransmitted ${seen.reduce((sum, { retransmitted }) => sum + retransmitted, 0)}`,
    ...(errors > 0 ? { errors } : {}),
  };
}
