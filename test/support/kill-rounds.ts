/**
 * Kills the server, again and again, while calls are on their way, and compares what PSAPs and the mail server outside it
 * saw with what it knows in the end.
 */
import { LOCATIONS } from '../../src/demonstration/plan.ts';
import { openPsap } from './call-world.ts';
import { type CallDetail, eventually, listAllCalls, openClient, readMetric } from './platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from './run-platform.ts';
import { openPhone } from './sip-phone.ts';
import { startSmtpReceiver } from './smtp-receiver.ts';

export type KillReport = {
  seed: number;
  kills: number;
  /** Calls of which an INVITE left a phone. */
  placed: number;
  /** Of these, calls whose INVITE reached a PSAP. */
  forwarded: number;
  /** Forwarded calls per round that the database did not have at the moment of the kill. */
  takenUpFromJournal: number;
  /** Forwarded calls that the database has in the end. */
  recorded: number;
  /** Forwarded calls that it does not have. */
  lost: number;
  /** Recorded calls of which every recipient got a mail. */
  alerted: number;
  /** Mails that had to reach somebody. */
  mailsDue: number;
  /** Mails that came more than once, under the same Message-ID. */
  repeatedMails: number;
  /** What went wrong, one sentence each; empty = nothing. */
  faults: string[];
  restartMs: number[];
};

/** A small seeded generator (mulberry32): the same seed places and kills at the same moments. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DESK = 'security.desk@example.com';
/** On PostgreSQL, a mail that a killed process was about to send is given to another after a minute and some seconds. */
const SETTLE_MS = 120_000;
const FORWARD_MS = 10_000;
const MAX_CALLS = 1_000;

/** The demonstration's callers with who must be told of their calls: the building's address and the organization's. */
const CALLERS = LOCATIONS.flatMap(({ members, alertingEmail }) =>
  members.flatMap(({ phoneNumber }) =>
    phoneNumber === undefined ? [] : [{ number: phoneNumber, told: [alertingEmail, DESK] }],
  ),
);

/** Mappings of the callers whose location routes directly; the others' calls go to the relay centre. */
const SOURCES = ['us-county-48453', 'us-county-72127'];

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

export async function runKillRounds(options: {
  seed: number;
  kills: number;
  callsPerRound: number;
  /** Unset: the embedded database. */
  databaseUrl?: string | undefined;
  say?: (text: string) => void;
  /** Asked after every round; true: that was the last. */
  isEnough?: () => boolean;
}): Promise<KillReport> {
  const { seed, kills, callsPerRound, databaseUrl, say = () => undefined, isEnough = () => false } = options;
  if (kills * callsPerRound > MAX_CALLS)
    throw new Error(`at most ${MAX_CALLS} calls in all: they are compared in one list`);
  const random = createRandom(seed);
  const psap = await openPsap('answer');
  const receiver = await startSmtpReceiver();
  const env = {
    WAYMARK_SMTP_URL: receiver.url,
    WAYMARK_RELAY_URI: psap.uri('relay'),
    WAYMARK_LOG_LEVEL: 'info',
    ...(databaseUrl !== undefined && { WAYMARK_DATABASE_URL: databaseUrl }),
  };
  const report: KillReport = {
    seed,
    kills: 0,
    placed: 0,
    forwarded: 0,
    takenUpFromJournal: 0,
    recorded: 0,
    lost: 0,
    alerted: 0,
    mailsDue: 0,
    repeatedMails: 0,
    faults: [],
    restartMs: [],
  };
  const told = new Map<string, readonly string[]>();
  const arrived = new Set<string>();
  const noteArrivals = (): void => {
    for (const { callId } of psap.simulator.calls()) arrived.add(callId);
  };
  let server: RunningPlatform = await runPlatform({ env });
  const { dataDir } = server;
  const setUp = openClient(server.http, server.firstRun().tokens.operator);
  for (const sourceId of SOURCES) {
    await setUp.must('POST', '/api/psaps', { name: sourceId, uri: psap.uri(sourceId), sourceId });
  }

  async function placeAndKill(): Promise<string> {
    const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
    const before = arrived.size;
    // Every third round waits for quiet, so that its kill meets commits and mails instead of the work of starting.
    const isQuiet = random() < 0.34;
    if (isQuiet) {
      await eventually('the records of before are stored', SETTLE_MS, async () => {
        return (await readMetric(server.http, 'waymark_calls_not_in_database')) === 0;
      });
    }
    const spreadMs = random() * 20;
    // Half of the kills come some time after the first INVITE, half soon after a certain call reached its PSAP.
    const afterArrivals = random() < 0.5 ? 0 : 1 + Math.floor(random() * callsPerRound);
    const delayMs = random() * (isQuiet ? 250 : afterArrivals === 0 ? 120 : 30);
    const placing = Array.from({ length: callsPerRound }, async () => {
      const caller = CALLERS[Math.floor(random() * CALLERS.length)];
      await pause(random() * spreadMs);
      if (!caller) return;
      const call = phone.call({
        headers: [{ name: 'P-Asserted-Identity', value: `<sip:${caller.number}@${phone.sentBy};user=phone>` }],
      });
      told.set(call.callId, caller.told);
      report.placed += 1;
    });
    if (afterArrivals > 0) {
      await eventually('the calls reach a PSAP', FORWARD_MS, () => {
        noteArrivals();
        return arrived.size >= before + afterArrivals;
      });
    }
    await pause(delayMs);
    await server.kill();
    await Promise.all(placing);
    await phone.close();
    // What the server sent before it died may still wait in the PSAP's socket.
    await pause(50);
    noteArrivals();
    const since = afterArrivals === 0 ? 'the first INVITE' : `PSAP call ${afterArrivals}`;
    return `${delayMs.toFixed(0)} ms after ${since}${isQuiet ? ' out of quiet' : ''}`;
  }

  /** The calls of the journal that the last start took up. */
  function takenUp(): number {
    const line = server.log().match(/"calls":(\d+)[^\n]*records of an earlier run taken up/);
    return Number(line?.[1] ?? 0);
  }

  try {
    for (let round = 1; round <= kills && !isEnough(); round += 1) {
      const knownBefore = arrived.size;
      const when = await placeAndKill();
      server = await runPlatform({ dataDir, env });
      report.kills = round;
      report.restartMs.push(server.startedInMs);
      report.takenUpFromJournal += takenUp();
      say(
        `kill ${round}: ${when}; ${arrived.size - knownBefore} forwarded, ${takenUp()} taken up, up again in ${server.startedInMs} ms`,
      );
    }
    await settle();
  } finally {
    await server.stop();
    await receiver.close();
    await psap.stop();
  }
  if (report.faults.length === 0) removeData(dataDir);
  else report.faults.push(`the data folder is kept: ${dataDir}`);
  return report;

  async function settle(): Promise<void> {
    const client = openClient(server.http, server.firstRun().tokens.operator);
    report.forwarded = arrived.size;
    await eventually('every record is stored and every mail accepted', SETTLE_MS, async () => {
      const stored = new Set((await listAllCalls(client)).map(({ callId }) => callId));
      return [...arrived].every((callId) => stored.has(callId) && isTold(callId));
    }).catch((error: unknown) => report.faults.push(error instanceof Error ? error.message : String(error)));

    const stored = await listAllCalls(client);
    const messageIds = new Map<string, string[]>();
    for (const { mail, to } of receiver.received) {
      const id = mail.messageId ?? '';
      messageIds.set(id, [...(messageIds.get(id) ?? []), to.join()]);
    }
    report.repeatedMails = [...messageIds.values()].reduce((sum, recipients) => sum + recipients.length - 1, 0);
    for (const callId of arrived) {
      const records = stored.filter((item) => item.callId === callId);
      if (records.length === 0) report.lost += 1;
      if (records.length !== 1) report.faults.push(`${callId} was forwarded and has ${records.length} records`);
      else report.recorded += 1;
      const due = told.get(callId) ?? [];
      report.mailsDue += due.length;
      if (records[0] && isTold(callId)) report.alerted += 1;
      else report.faults.push(`${callId} was forwarded, and not everybody was told`);
      for (const record of records) {
        const { receipts } = await client.must<CallDetail>('GET', `/api/calls/${record.id}`);
        for (const recipient of due) {
          const receipt = receipts.find((one) => one.recipient === recipient);
          if (!receipt) report.faults.push(`${callId}: no receipt of ${recipient}`);
          else if (!messageIds.has(receipt.messageId)) {
            report.faults.push(`${callId}: the mail to ${recipient} came under another Message-ID`);
          }
        }
        if (receipts.length !== due.length) report.faults.push(`${callId}: ${receipts.length} receipts`);
      }
    }
  }

  /** Whether a mail that names the record of this call reached everybody who must be told. */
  function isTold(callId: string): boolean {
    const emergencyIds = emergencyIdsOf(callId);
    return (told.get(callId) ?? []).every((recipient) =>
      receiver.received.some(
        ({ to, mail }) => to.includes(recipient) && emergencyIds.some((id) => mail.text?.includes(id) === true),
      ),
    );
  }

  /** The emergency call identifiers under which the PSAP got this call (NENA-STA-010.3 §2.1.6). */
  function emergencyIdsOf(callId: string): string[] {
    return psap.simulator
      .calls()
      .filter((call) => call.callId === callId)
      .flatMap(({ request }) => request.headers)
      .flatMap(({ name, value }) => (name === 'Call-Info' ? (/<(urn:[^>]*callid[^>]*)>/.exec(value)?.[1] ?? []) : []));
  }
}

/** The report as lines to read. */
export function describeKillReport(report: KillReport): string[] {
  const sorted = report.restartMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [
    `seed ${report.seed}: ${report.kills} times kill -9 under calls`,
    `  calls offered ${report.placed}, forwarded ${report.forwarded}, recorded ${report.recorded}, alerted ${report.alerted}, lost ${report.lost}`,
    `  mails due ${report.mailsDue}; a call counts as alerted when everybody who had to be told has one`,
    `  taken up from the journal ${report.takenUpFromJournal}, mails that came again under the same Message-ID ${report.repeatedMails}`,
    `  up again in ${median} ms (median), ${sorted.at(-1) ?? 0} ms (longest)`,
    ...report.faults.map((fault) => `  FAULT: ${fault}`),
  ];
}
