import { setTimeout as delay } from 'node:timers/promises';
import { encodePresence } from '../src/wire/pidf-lo/pidf-lo.ts';
import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import { type Contestant, compare, median, type Plan, type Slice } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { type Child, cpuSeconds, mainThreadSeconds, startChild } from './processes.ts';
import { type Row, ratioRow } from './row.ts';

/** Enough that no call waits for the journal alone. */
const CALLS_UNDER_WAY = 64;
/** What a slice leaves to be recorded is done by then; its processor time counts. */
const SETTLE_MS = 500;
const WARM_AGAIN_MS = 8_000;
/** INVITE, 100, 200, ACK, BYE and 200 on the phone's side; INVITE, 200, ACK, BYE and 200 on the PSAP's. */
const DATAGRAMS_PER_CALL = 11;
const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };
const AUSTIN_SOURCE_ID = 'us-county-48453';

type Address = { host: string; port: number };

/** A call as a phone makes it that knows where it is: offer and location in one body (RFC 6442 §4.1). */
function locatedCall(): Pick<SipLoad, 'headers' | 'body'> {
  const pidf = encodePresence({
    entity: 'pres:phone@example.com',
    locations: [{ shape: { type: 'circle', center: AUSTIN, radiusMeters: 20 } }],
  });
  const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
  const text =
    `--b1\r\nContent-Type: application/sdp\r\n\r\n${sdp}\r\n` +
    `--b1\r\nContent-Type: application/pidf+xml\r\nContent-ID: <here@example.com>\r\n\r\n${pidf}\r\n--b1--\r\n`;
  return {
    headers: [
      'P-Asserted-Identity: <sip:+15125550199@example.com;user=phone>',
      'Geolocation: <cid:here@example.com>',
      'Geolocation-Routing: yes',
    ],
    body: { contentType: 'multipart/mixed;boundary=b1', text },
  };
}

type Watched = { result: SipLoadResult; mainThread: number };

function contestant(load: Child, pid: number, to: Address, seen: Watched[]): Contestant {
  const call = locatedCall();
  return {
    async run(ms): Promise<Slice> {
      const [before, beforeMain] = [cpuSeconds(pid), mainThreadSeconds(pid)];
      const wanted: SipLoad = { kind: 'run', ...to, ...call, underWay: CALLS_UNDER_WAY, ms };
      const result = await load.ask<SipLoadResult>(wanted);
      await delay(SETTLE_MS);
      seen.push({ result, mainThread: mainThreadSeconds(pid) - beforeMain });
      return { ...result, cpuSeconds: cpuSeconds(pid) - before };
    },
  };
}

/** A PSAP of the benchmark takes over the county that the calls come from. */
async function takeOver(platform: PlatformUnderTest, uri: string): Promise<void> {
  const response = await fetch(new URL('/api/psaps', platform.http), {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Benchmark', uri, sourceId: AUSTIN_SOURCE_ID }),
  });
  if (response.status !== 201) throw new Error(`POST /api/psaps: ${response.status} ${await response.text()}`);
}

/**
 * 911 calls that bring their location by value, routed, proxied to the PSAP, journaled and recorded, against a bare socket
 * that answers at once, and one that moves as many datagrams as the platform does. Nobody is to be told of the calls: the
 * platform has no organization.
 */
export async function benchSip(plan: Plan): Promise<Row[]> {
  const platform = await startPlatform({ WAYMARK_DEMO: '0' });
  const load = startChild(new URL('load/sip-load.ts', import.meta.url), 'load');
  const peer = startChild(new URL('peers/dgram.ts', import.meta.url), 'server');
  const mover = startChild(new URL('peers/dgram-call.ts', import.meta.url), 'server');
  try {
    const { psapUri } = await load.ask<{ psapUri: string }>({ kind: 'listen' });
    await takeOver(platform, psapUri);
    const { port } = await peer.ask<{ port: number }>({});
    const separator = platform.sip.lastIndexOf(':');
    const ours: Address = { host: platform.sip.slice(0, separator), port: Number(platform.sip.slice(separator + 1)) };
    const seen: Watched[] = [];
    const comparison = await compare(
      contestant(load, platform.pid, ours, seen),
      contestant(load, peer.pid, { host: '127.0.0.1', port }, []),
      plan,
    );
    const measured = seen.slice(-plan.cycles);
    const moved = await mover.ask<{ port: number }>({ psapPort: Number(psapUri.slice(psapUri.lastIndexOf(':') + 1)) });
    const besideMover = await compare(
      contestant(load, platform.pid, ours, []),
      contestant(load, mover.pid, { host: '127.0.0.1', port: moved.port }, []),
      // Our side is warm by now.
      { ...plan, cycles: Math.ceil(plan.cycles / 2), maxWarmUpMs: Math.min(plan.maxWarmUpMs, WARM_AGAIN_MS) },
    );
    const sum = (field: 'retransmitted' | 'lost' | 'refused'): number =>
      measured.reduce((total, { result }) => total + result[field], 0);
    const row = ratioRow('sip', 'calls', 'calls/s', 'dgram', comparison);
    const counted = `retransmitted ${sum('retransmitted')}, lost ${sum('lost')}, refused ${sum('refused')}`;
    const callsOfThread = median(measured.map(({ result, mainThread }) => result.count / mainThread));
    const microseconds = 1e6 / callsOfThread;
    return [
      { ...row, note: `${row.note ?? ''}; ${counted}` },
      ratioRow('sip', 'calls-of-11-datagrams', 'calls/s', 'dgram-call', besideMover),
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
    ];
  } finally {
    await Promise.all([load.stop(), peer.stop(), mover.stop(), platform.stop()]);
  }
}
