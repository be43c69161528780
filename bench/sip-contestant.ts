import { setTimeout as delay } from 'node:timers/promises';
import { encodePresence } from '../src/wire/pidf-lo/pidf-lo.ts';
import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import type { Contestant, Slice } from './measure.ts';
import type { PlatformUnderTest } from './platform-under-test.ts';
import { type Child, cpuSeconds, mainThreadSeconds } from './processes.ts';

/** Enough that no call waits for the journal alone. */
export const CALLS_UNDER_WAY = 64;
/** What a slice leaves to be recorded is done by then; its processor time counts. */
const SETTLE_MS = 500;
const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };
const AUSTIN_SOURCE_ID = 'us-county-48453';

export type SipAddress = { host: string; port: number };

/** What a load saw in a slice, and what the thread that routes spent on it. */
export type WatchedSlice = { result: SipLoadResult; mainThread: number };

/** Where the platform takes SIP. */
export function sipAddressOf({ sip }: PlatformUnderTest): SipAddress {
  const separator = sip.lastIndexOf(':');
  return { host: sip.slice(0, separator), port: Number(sip.slice(separator + 1)) };
}

/** Where the callers of the benchmark are, as PIDF-LO. */
export function callersPresence(): string {
  return encodePresence({
    entity: 'pres:phone@example.com',
    locations: [{ shape: { type: 'circle', center: AUSTIN, radiusMeters: 20 } }],
  });
}

/** A call as a phone makes it that knows where it is: offer and location in one body (RFC 6442 §4.1). */
export function locatedCall(): Pick<SipLoad, 'headers' | 'body'> {
  const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
  const text =
    `--b1\r\nContent-Type: application/sdp\r\n\r\n${sdp}\r\n` +
    `--b1\r\nContent-Type: application/pidf+xml\r\nContent-ID: <here@example.com>\r\n\r\n${callersPresence()}\r\n--b1--\r\n`;
  return {
    headers: [
      'P-Asserted-Identity: <sip:+15125550199@example.com;user=phone>',
      'Geolocation: <cid:here@example.com>',
      'Geolocation-Routing: yes',
    ],
    body: { contentType: 'multipart/mixed;boundary=b1', text },
  };
}

/** A server that `load` calls. `processorSeconds` reads what it has used; Node's own process is watched by its first thread too. */
export function sipContestant(
  load: Child,
  pid: number,
  to: SipAddress,
  options: { seen?: WatchedSlice[]; processorSeconds?: () => number } = {},
): Contestant {
  const call = locatedCall();
  const processorSeconds = options.processorSeconds ?? (() => cpuSeconds(pid));
  return {
    async run(ms): Promise<Slice> {
      const [before, beforeMain] = [processorSeconds(), mainThreadSeconds(pid)];
      const wanted: SipLoad = { kind: 'run', ...to, ...call, underWay: CALLS_UNDER_WAY, ms };
      const result = await load.ask<SipLoadResult>(wanted);
      await delay(SETTLE_MS);
      options.seen?.push({ result, mainThread: mainThreadSeconds(pid) - beforeMain });
      return { ...result, cpuSeconds: processorSeconds() - before };
    },
  };
}

/** Asks the platform's API as its operator. */
export async function askPlatform<Answer>(
  platform: PlatformUnderTest,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const response = await fetch(new URL(path, platform.http), {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.operatorToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A PSAP of the benchmark takes over the county that the calls come from. */
export async function takeOver(platform: PlatformUnderTest, uri: string): Promise<void> {
  await askPlatform(platform, '/api/psaps', { name: 'Benchmark', uri, sourceId: AUSTIN_SOURCE_ID });
}
