import { setTimeout as delay } from 'node:timers/promises';
import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import { type Plan, QUICK } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { residentBytes, startChild } from './processes.ts';
import type { Row } from './row.ts';
import { CALLS_UNDER_WAY, locatedCall, sipAddressOf, takeOver } from './sip-contestant.ts';

const DIALOGS = 10_000;
const QUICK_DIALOGS = 500;
const PATIENCE_MS = 120_000;
/** Longer than what transactions keep for 64*T1 (RFC 3261 §17), and than the engine waits before it tidies up what is idle. */
const CALM_MS = 45_000;
const QUICK_CALM_MS = 1_000;
const LOOK_EVERY_MS = 500;
const MEGABYTE = 1_000_000;

async function bytesInUse({ http, operatorToken }: PlatformUnderTest): Promise<number> {
  const response = await fetch(new URL('/metrics', http), { headers: { authorization: `Bearer ${operatorToken}` } });
  const text = await response.text();
  const gauge = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const bytes = gauge('nodejs_heap_size_used_bytes') + gauge('nodejs_external_memory_bytes');
  if (!Number.isFinite(bytes)) throw new Error(`/metrics does not tell the memory: ${response.status}`);
  return bytes;
}

/** What the program holds: the least that it was seen to use, for garbage comes on top of it. */
async function bytesHeld(platform: PlatformUnderTest, calmMs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (const until = performance.now() + calmMs; performance.now() < until; ) {
    least = Math.min(least, await bytesInUse(platform));
    await delay(LOOK_EVERY_MS);
  }
  return least;
}

async function stand(platform: PlatformUnderTest, dialogs: number, calmMs: number): Promise<Row> {
  const load = startChild(new URL('load/sip-load.ts', import.meta.url), 'load');
  try {
    const { psapUri } = await load.ask<{ psapUri: string }>({ kind: 'listen' });
    await takeOver(platform, psapUri);
    const calls: SipLoad = {
      kind: 'run',
      ...sipAddressOf(platform),
      ...locatedCall(),
      underWay: CALLS_UNDER_WAY,
      ms: PATIENCE_MS,
    };
    // Code that is compiled and memory that is taken with the first calls are not those of the dialogs.
    await load.ask<SipLoadResult>({ ...calls, ms: calmMs / 4 });
    const before = await bytesHeld(platform, calmMs);
    const residentBefore = residentBytes(platform.pid);
    const result = await load.ask<SipLoadResult>({ ...calls, standing: dialogs });
    const residentAfter = residentBytes(platform.pid);
    const held = (await bytesHeld(platform, calmMs)) - before;
    const errors = result.errors + Math.max(dialogs - result.count, 0);
    return {
      bench: 'sip',
      metric: 'memory-of-10000-dialogs',
      value: Math.round(((held / result.count) * DIALOGS) / MEGABYTE),
      unit: 'MB',
      peer: null,
      ratio: null,
      note:
        `${Math.round(held / result.count)} bytes for each of ${result.count}, ${Math.round(calmMs / 1_000)} s after they were set up; resident, all of ` +
        `the process with its embedded database: ${Math.round(residentBefore / MEGABYTE)} MB before, ${Math.round(residentAfter / MEGABYTE)} MB right after`,
      ...(errors > 0 ? { errors } : {}),
    };
  } finally {
    await load.stop();
  }
}

/** Memory of a platform with many calls that nobody ends. */
export async function benchSipDialogs(plan: Plan): Promise<Row> {
  const platform = await startPlatform({ WAYMARK_DEMO: '0' });
  try {
    return await (plan === QUICK ? stand(platform, QUICK_DIALOGS, QUICK_CALM_MS) : stand(platform, DIALOGS, CALM_MS));
  } finally {
    await platform.stop();
  }
}
