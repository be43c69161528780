import type { Config } from '../config/config.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { pcmLevelDbov } from '../wire/rtp/pcm-level.ts';
import { describeTrace, type ShownStep } from './describe-trace.ts';
import { placeCall } from './sip-caller.ts';

export type CallOptions = {
  from: string;
  geolocation?: string;
  hold: string;
  to?: string;
};

type CallItem = {
  callId: string;
  outcome: string;
  destination: { name: string; uri: string } | null;
  location: { text: string } | null;
  spokenText?: string | null;
  trace: ShownStep[];
};

const MAX_CALL_MS = 120_000;
const RECORD_ATTEMPTS = 40;
const RECORD_PAUSE_MS = 100;

function readTarget(text: string): { protocol: 'udp'; address: string; port: number } {
  const match = /^\[?([0-9a-fA-F:.]+?)\]?:(\d{1,5})$/.exec(text);
  if (!match?.[1]) throw new Error(`--to ${text}: expected an IP address and port, e.g. 127.0.0.1:5060`);
  return { protocol: 'udp', address: match[1], port: Number(match[2]) };
}

/** Outcomes that something still follows. */
const UNDER_WAY: ReadonlySet<string> = new Set(['routing', 'answered']);

/** The record of a call that is over; its end is written a moment after it. As it stands then, if that takes too long. */
async function findRecord(api: ApiClient, callId: string): Promise<CallItem | undefined> {
  let latest: CallItem | undefined;
  for (let attempt = 0; attempt < RECORD_ATTEMPTS; attempt += 1) {
    const { items } = await api.request<{ items: CallItem[] }>('GET', '/api/calls?max=100&all=true');
    latest = items.find((item) => item.callId === callId) ?? latest;
    if (latest && !UNDER_WAY.has(latest.outcome)) return latest;
    await new Promise((resolve) => {
      setTimeout(resolve, RECORD_PAUSE_MS);
    });
  }
  return latest;
}

/** `waymark call 911|933`: places a call against the running platform and tells what became of it. */
export async function runCallCommand(
  config: Config,
  dialed: string,
  options: CallOptions,
  api: ApiClient,
  say: (text: string) => void,
): Promise<number> {
  const target = readTarget(options.to ?? `${config.hosts[0] ?? '127.0.0.1'}:${config.sipPort}`);
  const report = await placeCall(
    {
      target,
      dialed,
      from: options.from,
      geolocation: options.geolocation,
      holdMs: Number(options.hold) * 1_000,
      maxMs: MAX_CALL_MS,
    },
    { clock: systemClock, logger: createLogger('error') },
  );
  say(`call ${report.callId}`);
  for (const line of report.responses) say(`  < ${line}`);
  if (report.setupMs !== null) say(`  final answer after ${report.setupMs} ms, ended by ${report.endedBy}`);
  if (report.audio) {
    const seconds = (report.audio.durationMs / 1_000).toFixed(1);
    const level = pcmLevelDbov(report.audio.pcm).toFixed(1);
    say(`  heard ${seconds} s of audio at ${level} dBov, ${report.audio.packets} packets, ${report.audio.lost} lost`);
  }
  const record = await findRecord(api, report.callId);
  if (!record) {
    say('  the call is not in the list of calls');
    return 1;
  }
  say(
    `  ${record.outcome}: ${record.destination?.name ?? 'no destination'} at ${record.location?.text ?? 'unknown location'}`,
  );
  if (record.spokenText) say(`  spoken: ${record.spokenText}`);
  for (const line of describeTrace(record.trace)) say(line);
  return report.finalStatus !== null && report.finalStatus < 300 ? 0 : 1;
}
