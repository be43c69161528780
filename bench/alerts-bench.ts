import { setTimeout as delay } from 'node:timers/promises';
import type { SipLoad, SipLoadResult } from './load/sip-load.ts';
import type { SmtpCount } from './load/smtp-load.ts';
import { median, type Plan } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { type Child, cpuSeconds, mainThreadSeconds, startChild } from './processes.ts';
import type { Row } from './row.ts';
import { askPlatform, locatedCall, type SipAddress, sipAddressOf } from './sip-contestant.ts';

const CALLS_PER_SECOND = 100;
const BURST_MS = 10_000;
const RECIPIENTS = 5;
const WARM_UP_MS = 20_000;
/** Time for everything to be told after a burst; longer is counted as an error. */
const TOLD_WITHIN_MS = 60_000;
/** A change of settings reaches the snapshot well within this time. */
const SETTINGS_MS = 1_500;

type Told = { mails: number; missing: number; sinceInviteMs: number[]; cpuSeconds: number; mainThreadSeconds: number };

async function authorized(
  platform: PlatformUnderTest,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const response = await fetch(new URL(path, platform.http), {
    method,
    headers: { authorization: `Bearer ${platform.operatorToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** An organization whose calls come over the trunk of the load's phone. */
async function addOrganization(platform: PlatformUnderTest, phonePort: number): Promise<string> {
  const { id } = await askPlatform<{ id: string }>(platform, '/api/organizations', { name: 'Benchmark' });
  await askPlatform(platform, `/api/trunks?orgId=${id}`, {
    name: 'Phones',
    addresses: ['127.0.0.1'],
    port: phonePort,
  });
  return id;
}

async function setRecipients(platform: PlatformUnderTest, organizationId: string, isTold: boolean): Promise<void> {
  const addresses = Array.from({ length: RECIPIENTS }, (_, number) => `desk${number}@example.com`);
  await authorized(platform, 'PUT', `/v1/telephony/config/emergencyCallNotification?orgId=${organizationId}`, {
    emergencyCallNotificationEnabled: isTold,
    allowEmailNotificationAllLocationEnabled: isTold,
    emailAddress: addresses.join(', '),
  });
  await delay(SETTINGS_MS);
}

/** Milliseconds from the start of each call to each mail of it being taken. */
async function readTimes(platform: PlatformUnderTest, organizationId: string, from: string): Promise<number[]> {
  const query = `orgId=${organizationId}&from=${encodeURIComponent(from)}`;
  const calls = await (await authorized(platform, 'GET', `/api/calls/export?${query}`)).text();
  const startedAt = new Map<string, number>();
  for (const line of calls.split('\n')) {
    if (line === '') continue;
    const call = JSON.parse(line) as { id: string; startedAt: string };
    startedAt.set(call.id, Date.parse(call.startedAt));
  }
  const times: number[] = [];
  let next: string | undefined = `/api/alerts?${query}&state=accepted&kind=call-started&max=1000`;
  while (next !== undefined) {
    const response: Response = await authorized(platform, 'GET', next);
    const { items } = (await response.json()) as { items: { callId: string; acceptedAt: string }[] };
    for (const { callId, acceptedAt } of items) {
      const started = startedAt.get(callId);
      if (started !== undefined) times.push(Date.parse(acceptedAt) - started);
    }
    next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  }
  return times;
}

async function burst(load: Child, to: SipAddress, ms: number): Promise<SipLoadResult> {
  const wanted: SipLoad = {
    kind: 'run',
    ...to,
    ...locatedCall(),
    // Only a bound: calls begin by the clock.
    underWay: 2_000,
    ms,
    callsPerSecond: CALLS_PER_SECOND,
    // Callers are other machines: awake all the time, they would take one of the node's cores.
    sleeps: true,
  };
  return load.ask<SipLoadResult>(wanted);
}

/** Waits until the mail server has as many mails as expected, or no longer. */
async function allTold(smtp: Child, expected: number): Promise<number> {
  const untilMs = performance.now() + TOLD_WITHIN_MS;
  for (;;) {
    const { mails } = await smtp.ask<SmtpCount>({ kind: 'count' });
    if (mails >= expected || performance.now() > untilMs) return mails;
    await delay(50);
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

/**
 * What a burst of calls of which five people are told each costs the calls, and how soon the mail server has the mails. The
 * peer is the same burst of the same organization that tells nobody.
 */
export async function benchAlerts(plan: Plan): Promise<Row[]> {
  const smtp = startChild(new URL('load/smtp-load.ts', import.meta.url), 'any');
  const load = startChild(new URL('load/sip-load.ts', import.meta.url), 'any');
  const { url } = await smtp.ask<{ url: string }>({ kind: 'listen' });
  const { psapUri, phonePort } = await load.ask<{ psapUri: string; phonePort: number }>({ kind: 'listen' });
  // The organization is not enabled for direct routing: its calls go to the relay centre, which is the load's PSAP.
  // A node is a process with several threads: it shares every core with the callers and the mail server.
  const platform = await startPlatform({ WAYMARK_SMTP_URL: url, WAYMARK_RELAY_URI: psapUri }, undefined, 'any');
  try {
    const organizationId = await addOrganization(platform, phonePort);
    const to = sipAddressOf(platform);
    const isQuick = plan.cycles <= 2;
    const ms = isQuick ? 1_000 : BURST_MS;
    const cycles = isQuick ? 1 : 4;
    const withBurst: SipLoadResult[] = [];
    const without: SipLoadResult[] = [];
    const told: Told[] = [];

    async function tellNobody(): Promise<void> {
      await setRecipients(platform, organizationId, false);
      without.push(await burst(load, to, ms));
    }

    async function tellAll(): Promise<void> {
      await setRecipients(platform, organizationId, true);
      const before = await smtp.ask<SmtpCount>({ kind: 'count' });
      const [cpuBefore, mainBefore] = [cpuSeconds(platform.pid), mainThreadSeconds(platform.pid)];
      const from = new Date().toISOString();
      const result = await burst(load, to, ms);
      withBurst.push(result);
      const expected = RECIPIENTS * result.count;
      const mails = (await allTold(smtp, before.mails + expected)) - before.mails;
      const used = { cpu: cpuSeconds(platform.pid) - cpuBefore, main: mainThreadSeconds(platform.pid) - mainBefore };
      // What was taken is noted a moment later.
      await delay(1_000);
      const sinceInviteMs = await readTimes(platform, organizationId, from);
      told.push({
        mails,
        missing: Math.max(0, expected - mails),
        sinceInviteMs,
        cpuSeconds: used.cpu,
        mainThreadSeconds: used.main,
      });
    }

    await setRecipients(platform, organizationId, true);
    await burst(load, to, isQuick ? 500 : WARM_UP_MS);
    await delay(isQuick ? 1_000 : 5_000);
    for (let cycle = 0; cycle < cycles; cycle++) {
      // In turn, because the code of a process, and its machine, are not the same at the end as at the beginning.
      for (const side of cycle % 2 === 0 ? [tellNobody, tellAll] : [tellAll, tellNobody]) await side();
    }
    return rowsOf({ withBurst, without, told });
  } finally {
    await platform.stop();
    await Promise.all([load.stop(), smtp.stop()]);
  }
}

function rowsOf(seen: { withBurst: SipLoadResult[]; without: SipLoadResult[]; told: Told[] }): Row[] {
  const { withBurst, without, told } = seen;
  const p50 = (results: readonly SipLoadResult[]): number => median(results.map(({ forwardedMs }) => forwardedMs.p50));
  const p99 = (results: readonly SipLoadResult[]): number => median(results.map(({ forwardedMs }) => forwardedMs.p99));
  const ratios = withBurst.map(
    ({ forwardedMs }, cycle) => forwardedMs.p50 / (without[cycle]?.forwardedMs.p50 ?? Number.NaN),
  );
  const failed = [...withBurst, ...without].reduce((sum, { errors }) => sum + errors, 0);
  const missing = told.reduce((sum, one) => sum + one.missing, 0);
  const errors = failed + missing;
  const times = told.flatMap(({ sinceInviteMs }) => sinceInviteMs);
  const mails = told.reduce((sum, one) => sum + one.mails, 0);
  const perMail = (read: (one: Told) => number): string =>
    ((told.reduce((sum, one) => sum + read(one), 0) / Math.max(1, mails)) * 1_000).toFixed(2);
  const common = { bench: 'alerts', ...(errors > 0 && { errors }) };
  return [
    {
      ...common,
      metric: 'call-latency',
      value: Number(p50(withBurst).toFixed(3)),
      unit: 'ms',
      peer: 'no-burst',
      ratio: Number(median(ratios).toFixed(3)),
      note:
        `INVITE to INVITE p50 at ${CALLS_PER_SECOND} calls/s, ${RECIPIENTS} recipients each; peer ${p50(without).toFixed(3)}; ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}; ` +
        `p99 ${p99(withBurst).toFixed(2)} and ${p99(without).toFixed(2)} ms`,
    },
    {
      ...common,
      metric: 'acceptance-p50',
      value: Math.round(quantile(times, 0.5)),
      unit: 'ms',
      peer: null,
      ratio: null,
      note:
        `INVITE to the mail server's consent, ${mails} mails; per mail, its share of the call included: ` +
        `${perMail((one) => one.cpuSeconds)} ms of processor, ${perMail((one) => one.mainThreadSeconds)} of them on the thread that routes`,
    },
    {
      ...common,
      metric: 'acceptance-p99',
      value: Math.round(quantile(times, 0.99)),
      unit: 'ms',
      peer: null,
      ratio: null,
      note: `slowest ${Math.max(...times)} ms; missing ${missing}`,
    },
  ];
}
