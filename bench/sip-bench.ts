import { compare, median, type Plan } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { type Child, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';
import {
  askPlatform,
  type SipAddress,
  sipAddressOf,
  sipContestant,
  takeOver,
  type WatchedSlice,
} from './sip-contestant.ts';
import { benchSipDialogs } from './sip-dialogs-bench.ts';
import { besideKamailioAsking, besideKamailioRedirect, besideKamailioRelay } from './sip-kamailio-bench.ts';
import { benchSipLatency } from './sip-latency-bench.ts';

const WARM_AGAIN_MS = 8_000;
/** INVITE, 100, 200, ACK, BYE and 200 on the phone's side; INVITE, 200, ACK, BYE and 200 on the PSAP's. */
const DATAGRAMS_PER_CALL = 11;

/** A trunk that is told where to send its calls: those of one phone. Its organization has nobody to be told of them. */
async function addRedirectedTrunk(platform: PlatformUnderTest, phonePort: number): Promise<void> {
  const { id } = await askPlatform<{ id: string }>(platform, '/api/organizations', { name: 'Benchmark' });
  await askPlatform(platform, `/api/trunks?orgId=${id}`, {
    name: 'Redirected',
    addresses: ['127.0.0.1'],
    port: phonePort,
    mode: 'redirect',
  });
}

/** Calls against a bare socket that answers at once, and what the thread that routes spends on one. */
async function besideBareSocket(
  load: Child,
  pid: number,
  ours: SipAddress,
  plan: Plan,
): Promise<{ rows: Row[]; callsPerSecond: number }> {
  const peer = startChild(new URL('peers/dgram.ts', import.meta.url), 'server');
  try {
    const { port } = await peer.ask<{ port: number }>({});
    const seen: WatchedSlice[] = [];
    const comparison = await compare(
      sipContestant(load, pid, ours, { seen }),
      sipContestant(load, peer.pid, { host: '127.0.0.1', port }),
      plan,
    );
    const measured = seen.slice(-plan.cycles);
    const sum = (field: 'retransmitted' | 'lost' | 'refused'): number =>
      measured.reduce((total, { result }) => total + result[field], 0);
    const row = ratioRow('sip', 'calls', 'calls/s', 'dgram', comparison);
    const counted = `retransmitted ${sum('retransmitted')}, lost ${sum('lost')}, refused ${sum('refused')}`;
    const callsOfThread = median(measured.map(({ result, mainThread }) => result.count / mainThread));
    const microseconds = 1e6 / callsOfThread;
    return {
      callsPerSecond: comparison.oursByWall,
      rows: [
        { ...row, note: `${row.note ?? ''}; ${counted}` },
        {
          bench: 'sip',
          metric: 'calls-of-sip-thread',
          value: Math.round(callsOfThread),
          unit: 'calls/s',
          peer: null,
          ratio: null,
          note:
            `${Math.round(microseconds)} µs a call, ${(microseconds / DATAGRAMS_PER_CALL).toFixed(1)} µs a datagram; ` +
            'per second of the thread that routes; the embedded database has a thread of its own',
        },
      ],
    };
  } finally {
    await peer.stop();
  }
}

/** Calls against a bare socket that moves as many datagrams as the platform does. */
async function besideMover(load: Child, pid: number, ours: SipAddress, psapUri: string, plan: Plan): Promise<Row> {
  const mover = startChild(new URL('peers/dgram-call.ts', import.meta.url), 'server');
  try {
    const psapPort = Number(psapUri.slice(psapUri.lastIndexOf(':') + 1));
    const { port } = await mover.ask<{ port: number }>({ psapPort });
    const comparison = await compare(
      sipContestant(load, pid, ours),
      sipContestant(load, mover.pid, { host: '127.0.0.1', port }),
      plan,
    );
    return ratioRow('sip', 'calls-of-11-datagrams', 'calls/s', 'dgram-call', comparison);
  } finally {
    await mover.stop();
  }
}

/**
 * 911 calls that bring their location by value, decided, journaled and recorded: proxied to the PSAP, or answered 302 for a trunk that
 * sends its calls itself. Nobody is to be told of the calls.
 */
export async function benchSip(plan: Plan): Promise<Row[]> {
  const platform = await startPlatform({ WAYMARK_DEMO: '0' });
  const script = new URL('load/sip-load.ts', import.meta.url);
  const [proxied, redirected] = [startChild(script, 'load'), startChild(script, 'load')];
  try {
    const { psapUri } = await proxied.ask<{ psapUri: string }>({ kind: 'listen' });
    const { phonePort } = await redirected.ask<{ phonePort: number }>({ kind: 'listen' });
    await takeOver(platform, psapUri);
    await addRedirectedTrunk(platform, phonePort);
    const address = sipAddressOf(platform);
    const { rows, callsPerSecond } = await besideBareSocket(proxied, platform.pid, address, plan);
    // Our side is warm by now, or soon will be.
    const warm: Plan = {
      ...plan,
      cycles: Math.ceil(plan.cycles / 2),
      maxWarmUpMs: Math.min(plan.maxWarmUpMs, WARM_AGAIN_MS),
    };
    rows.push(await besideMover(proxied, platform.pid, address, psapUri, warm));
    rows.push(await benchSipLatency(proxied, address, callsPerSecond, warm));
    const under = { pid: platform.pid, address, proxied, redirected, psapUri, plan: warm };
    rows.push(await besideKamailioRelay(under));
    rows.push(await besideKamailioRedirect(under));
    rows.push(await besideKamailioAsking(under));
    await Promise.all([proxied.stop(), redirected.stop(), platform.stop()]);
    rows.push(await benchSipDialogs(plan));
    return rows;
  } finally {
    await Promise.all([proxied.stop(), redirected.stop(), platform.stop()]);
  }
}
