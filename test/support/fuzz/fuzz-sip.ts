/**
 * SIP under odd messages: the server lives, what it sends can be read, it logs no error of its own, good calls beside the odd
 * ones are answered, and in the end no transaction is left.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { cseqOf } from '../../../src/wire/sip/cseq.ts';
import { headerValue, type SipMessage } from '../../../src/wire/sip/message.ts';
import type { RunningPlatform } from '../run-platform.ts';
import { callMessages, type Ends, goodCall, optionsPing, otherMessages, SERIAL_MARK } from './sip-calls.ts';
import { openSipEnd, type SipServer } from './sip-ends.ts';
import { mutatedSip, TORTURE_MESSAGES } from './sip-messages.ts';

export type SipFuzzReport = {
  count: number;
  /** How often each status came. */
  statuses: Record<number, number>;
  /** The first of what must not happen, each with what shows it. */
  faults: string[];
  faultCount: number;
  goodCalls: number;
  slowestGoodCallMs: number;
  residentBeforeMb: number;
  residentAfterMb: number;
  /** Of the thread that routes: the database's is beside it. */
  heapBeforeMb: number;
  heapAfterMb: number;
  /** How often the server said that the disk was late (at most once a second). */
  journalLate: number;
  /** Transactions left when everything should have ended. */
  transactionsLeft: number;
};

const CHUNK = 2_000;
/** After so many messages the server is asked whether it still follows: a full socket buffer would only hide messages. */
const PING_EVERY = 50;
const ANSWER_TIMEOUT_MS = 10_000;
const SEND_AGAIN_MS = 500;
/** 64 × T1 for what never got its answer, and as much again for what was passed over (RFC 3261 §17). */
const SETTLE_TIMEOUT_MS = 180_000;
const FAULTS_KEPT = 20;
const SAY_EVERY = 100_000;
/** Says something of the machine: the disk was busy. */
const JOURNAL_LATE = 'the journal did not take a call in time';
const HEAP = 'nodejs_heap_size_used_bytes';
const SERIAL = Buffer.from(SERIAL_MARK);

function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1_024);
}

/** The same bytes with one number in every place that needs its own; lengths stay. */
function numbered(message: Buffer, serial: number): Buffer {
  const bytes = Buffer.from(message);
  const text = String(serial).padStart(SERIAL.length, '0');
  for (let at = bytes.indexOf(SERIAL); at !== -1; at = bytes.indexOf(SERIAL, at)) bytes.write(text, at, 'latin1');
  return bytes;
}

/** A message with one of its header lines very often, or one header of great length. */
function swollen(messages: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(
      fc.constantFrom(...messages),
      fc.constantFrom(
        'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa',
        'v:a',
        'Route: <sip:127.0.0.1;lr>',
        'Geolocation: <cid:a@b>',
        'P-Asserted-Identity: <tel:+12145550100>',
        'X-Header: value',
        'Subject: "',
        'Content-Type: multipart/mixed;boundary=b1',
        'Call-Info: <urn:emergency:uid:callid:0123456789ab:example.com>;purpose=emergency-CallId',
      ),
      fc.constantFrom(2, 30, 300, 1_500),
      fc.boolean(),
    )
    .map(([message, line, times, isOneLine]) => {
      const at = message.indexOf('\r\n') + 2;
      const value = line.slice(line.indexOf(':') + 1);
      const lines = isOneLine ? `${line}${`,${value}`.repeat(times - 1)}\r\n` : `${line}\r\n`.repeat(times);
      return Buffer.concat([message.subarray(0, at), Buffer.from(lines), message.subarray(at)]);
    });
}

function oddMessages(ends: Ends): fc.Arbitrary<Buffer> {
  const calls = callMessages(ends);
  const others = otherMessages(ends);
  return fc.oneof(
    { weight: 4, arbitrary: mutatedSip(TORTURE_MESSAGES) },
    { weight: 4, arbitrary: mutatedSip(calls) },
    { weight: 6, arbitrary: mutatedSip(others) },
    { weight: 1, arbitrary: swollen([...calls, ...others]) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)) },
  );
}

async function metric(platform: RunningPlatform, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', platform.http))).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  if (lines.length === 0) throw new Error(`no metric ${name}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

export async function fuzzSip(
  platform: RunningPlatform,
  how: {
    server: SipServer;
    count: number;
    seed: number;
    /** Whether to wait until every transaction has ended: that takes RFC 3261's 32 s. */
    toTheEnd: boolean;
    say(text: string): void;
  },
): Promise<SipFuzzReport> {
  const { server } = how;
  const report: SipFuzzReport = {
    count: 0,
    statuses: {},
    faults: [],
    faultCount: 0,
    goodCalls: 0,
    slowestGoodCallMs: 0,
    residentBeforeMb: residentMb(platform.pid),
    residentAfterMb: 0,
    heapBeforeMb: 0,
    heapAfterMb: 0,
    journalLate: 0,
    transactionsLeft: 0,
  };

  function keep(fault: string, bytes?: Uint8Array): void {
    report.faultCount += 1;
    if (report.faults.length >= FAULTS_KEPT) return;
    report.faults.push(bytes ? `${fault}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}` : fault);
  }

  /** The newest messages, to show what a failure of the server followed on. */
  let recent: Buffer[] = [];
  const handlers = {
    onMessage(message: SipMessage): void {
      if (message.kind === 'request') return;
      report.statuses[message.status] = (report.statuses[message.status] ?? 0) + 1;
    },
    onUnreadable: (why: string, bytes: Buffer) => keep(`a message that cannot be read (${why})`, bytes),
  };

  let logRead = 0;
  /** What the server logged as an error of its own since the last look. */
  function keepErrors(): void {
    const log = platform.log();
    for (const line of log.slice(logRead).split('\n')) {
      if (line.includes(JOURNAL_LATE)) report.journalLate += 1;
      else if (/"level":(50|60)/.test(line)) keep(line);
    }
    logRead = log.length;
  }

  const waiting = new Map<string, () => void>();
  const fuzz = await openSipEnd(server, handlers);
  const control = await openSipEnd(server, {
    ...handlers,
    onMessage(message) {
      handlers.onMessage(message);
      if (message.kind === 'response' && message.status >= 200 && cseqOf(message)?.method !== 'BYE') {
        // An odd message whose port was changed can bring its answer here: it says nothing of the good ones.
        const settle = waiting.get(headerValue(message, 'Call-ID') ?? '');
        if (message.status === 200) settle?.();
        else if (settle) keep(`a good request is answered with ${message.status} ${message.reason}`);
      }
    },
  });
  const serverName = `${server.host}:${server.port}`;
  const ends: Ends = { protocol: server.protocol, server: serverName, own: fuzz.own };
  const controlEnds: Ends = { ...ends, own: control.own };
  let serial = 10_000_000;

  /** Sends a good request, again while nothing comes as a phone would, and waits for its 200; false when it never came. */
  async function isAnswered(message: Buffer): Promise<boolean> {
    serial += 1;
    const bytes = numbered(message, serial);
    const answered = Promise.withResolvers<boolean>();
    waiting.set(`${serial}@fuzz`, () => answered.resolve(true));
    control.send(bytes);
    const again = server.protocol === 'udp' ? setInterval(() => control.send(bytes), SEND_AGAIN_MS) : undefined;
    const late = setTimeout(() => answered.resolve(false), ANSWER_TIMEOUT_MS);
    const isGood = await answered.promise;
    clearInterval(again);
    clearTimeout(late);
    waiting.delete(`${serial}@fuzz`);
    return isGood;
  }

  async function awaitEnd(): Promise<void> {
    how.say('waiting for the last transactions to end');
    const until = performance.now() + SETTLE_TIMEOUT_MS;
    do {
      await delay(500);
      report.transactionsLeft = await metric(platform, 'waymark_sip_transactions');
    } while (report.transactionsLeft > 0 && performance.now() < until);
    if (report.transactionsLeft > 0) keep(`${report.transactionsLeft} transactions are left`);
  }

  const heapMb = async (): Promise<number> => Math.round((await metric(platform, HEAP)) / 1_048_576);

  try {
    report.heapBeforeMb = await heapMb();
    const messages = oddMessages(ends);
    const ping = optionsPing(controlEnds);
    const call = goodCall(controlEnds);
    for (let start = 0; start < how.count && report.faultCount < FAULTS_KEPT; start += CHUNK) {
      const size = Math.min(CHUNK, how.count - start);
      for (const [index, message] of fc.sample(messages, { numRuns: size, seed: how.seed + start }).entries()) {
        serial += 1;
        const bytes = numbered(message, serial);
        recent.push(bytes);
        fuzz.send(bytes);
        if ((index + 1) % PING_EVERY !== 0) continue;
        if (!(await isAnswered(ping)))
          keep('the server does not follow any more', Buffer.concat(recent.slice(-PING_EVERY)));
      }
      recent = recent.slice(-PING_EVERY);
      const startedAt = performance.now();
      if (await isAnswered(call)) report.goodCalls += 1;
      else keep('a good call beside the odd messages is not answered');
      report.slowestGoodCallMs = Math.max(report.slowestGoodCallMs, performance.now() - startedAt);
      report.count += size;
      keepErrors();
      if (report.count % SAY_EVERY === 0) how.say(`${report.count} messages, ${report.faultCount} faults`);
    }
    if (how.toTheEnd) await awaitEnd();
    keepErrors();
    report.residentAfterMb = residentMb(platform.pid);
    report.heapAfterMb = await heapMb();
  } finally {
    await Promise.all([fuzz.close(), control.close()]);
  }
  return report;
}

export function describeSipFuzzReport(report: SipFuzzReport): string[] {
  const statuses = Object.entries(report.statuses).map(([status, count]) => `${count} × ${status}`);
  return [
    `${report.count} messages: ${statuses.join(', ')}`,
    `${report.faultCount} faults; ${report.goodCalls} good calls beside them, the slowest answered after ${Math.round(report.slowestGoodCallMs)} ms; ${report.transactionsLeft} transactions left; the journal was late ${report.journalLate} times`,
    `memory of the server ${report.residentBeforeMb} MB before, ${report.residentAfterMb} MB after; heap of the thread that routes ${report.heapBeforeMb} and ${report.heapAfterMb} MB`,
    ...report.faults,
  ];
}
