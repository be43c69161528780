import { setTimeout as delay } from 'node:timers/promises';
import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import { type Contestant, compare, type Plan, type Slice } from './measure.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { type Child, cpuSeconds, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

/** Enough that nobody waits for the journal alone. */
const CALLS_UNDER_WAY = 256;

type Address = { host: string; port: number };

function contestant(
  load: Child,
  pid: number,
  to: Address,
  headers: readonly string[],
  seen: SipLoadResult[],
): Contestant {
  return {
    async run(ms): Promise<Slice> {
      const before = cpuSeconds(pid);
      const wanted: SipLoad = { kind: 'run', ...to, headers, underWay: CALLS_UNDER_WAY, ms };
      // Read when the slice is over, not when its last calls have ended.
      const used = delay(ms).then(() => cpuSeconds(pid) - before);
      const result = await load.ask<SipLoadResult>(wanted);
      seen.push(result);
      return { ...result, cpuSeconds: await used };
    },
  };
}

/** A PSAP of the benchmark takes over the county that the demonstration's headquarters lies in. */
async function takeOver(platform: PlatformUnderTest, uri: string): Promise<void> {
  const response = await fetch(new URL('/api/psaps', platform.http), {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Benchmark', uri, sourceId: 'us-county-48453' }),
  });
  if (response.status !== 201) throw new Error(`POST /api/psaps: ${response.status} ${await response.text()}`);
}

/** Located 911 calls through the platform, against a bare socket that answers at once. */
export async function benchSip(platform: PlatformUnderTest, plan: Plan): Promise<Row[]> {
  const load = startChild(new URL('load/sip-load.ts', import.meta.url), 'load');
  const peer = startChild(new URL('peers/dgram.ts', import.meta.url), 'server');
  try {
    const { psapUri } = await load.ask<{ psapUri: string }>({ kind: 'listen' });
    await takeOver(platform, psapUri);
    const { port } = await peer.ask<{ port: number }>({});
    const separator = platform.sip.lastIndexOf(':');
    const ours: Address = { host: platform.sip.slice(0, separator), port: Number(platform.sip.slice(separator + 1)) };
    const caller = platform.examples['callerNumber'] ?? '';
    const headers = [`P-Asserted-Identity: <sip:${caller}@127.0.0.1>`];
    const seen: SipLoadResult[] = [];
    const comparison = await compare(
      contestant(load, platform.pid, ours, headers, seen),
      contestant(load, peer.pid, { host: '127.0.0.1', port }, headers, []),
      plan,
    );
    const sum = (field: 'retransmitted' | 'lost' | 'refused'): number =>
      seen.reduce((total, one) => total + one[field], 0);
    const row = ratioRow('sip', 'calls', 'calls/s', 'dgram', comparison);
    const counted = `retransmitted ${sum('retransmitted')}, lost ${sum('lost')}, refused ${sum('refused')}`;
    return [{ ...row, note: `${row.note ?? ''}; ${counted}` }];
  } finally {
    await Promise.all([load.stop(), peer.stop()]);
  }
}
