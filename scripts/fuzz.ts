/**
 * `npm run fuzz -- <held|lost|sip|xml> [--count <number>] [--seed <number>] [--over <udp|tcp|tls>]`: odd requests by the million
 * to a running server's HELD, LoST or SIP door (so many over each transport), or odd documents to our XML reader and to libxml2.
 * Ends with 1 when something happened that must not.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { describeFuzzReport } from '../test/support/fuzz/fuzz-door.ts';
import { fuzzHeld } from '../test/support/fuzz/fuzz-held.ts';
import { fuzzLost } from '../test/support/fuzz/fuzz-lost.ts';
import { describeSipFuzzReport, fuzzSip } from '../test/support/fuzz/fuzz-sip.ts';
import { assertSameReading } from '../test/support/fuzz/same-reading.ts';
import type { SipServer } from '../test/support/fuzz/sip-ends.ts';
import { mutated, piecesOfMarkup, readExamples, wellFormedDocuments } from '../test/support/fuzz/xml-documents.ts';
import { removeData, runPlatform } from '../test/support/run-platform.ts';
import { freePort } from '../test/support/sipp.ts';
import { makeSippTls } from '../test/support/sipp-tls.ts';

const DOORS = { held: fuzzHeld, lost: fuzzLost };
const DEFAULT_COUNTS: Readonly<Record<string, number>> = {
  held: 1_000_000,
  lost: 1_000_000,
  sip: 1_000_000,
  xml: 100_000,
};

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const LOOPBACK = '127.0.0.1';
const UNLIMITED = { WAYMARK_RATE_LIMIT_PER_MINUTE: '0', WAYMARK_CONCURRENT_REQUESTS: '0' };

async function fuzzSipOver(protocol: SipServer['protocol'], count: number, seed: number): Promise<boolean> {
  const tls = makeSippTls();
  const tlsPort = await freePort(LOOPBACK);
  // Odd calls that nobody ends are many, as they should be.
  const env = { WAYMARK_TRUNK_ALARM_CALLS: '1000000', WAYMARK_SIP_TLS_PORT: String(tlsPort), ...tls.env };
  const platform = await runPlatform({ env });
  try {
    say(`SIP over ${protocol.toUpperCase()}`);
    const server: SipServer =
      protocol === 'tls'
        ? { protocol, host: LOOPBACK, port: tlsPort, tls: tls.peer }
        : { protocol, host: LOOPBACK, port: platform.sipPort };
    const report = await fuzzSip(platform, { server, count, seed, toTheEnd: true, say });
    for (const line of describeSipFuzzReport(report)) say(line);
    return report.faultCount === 0;
  } finally {
    await platform.stop();
    removeData(platform.dataDir);
    tls.remove();
  }
}

async function fuzzDoorOf(name: keyof typeof DOORS, count: number, seed: number): Promise<boolean> {
  const platform = await runPlatform({ env: UNLIMITED });
  try {
    const report = await DOORS[name](platform, { count, seed, say });
    for (const line of describeFuzzReport(report)) say(line);
    return report.faultCount === 0;
  } finally {
    await platform.stop();
    removeData(platform.dataDir);
  }
}

function fuzzXml(count: number, seed: number): boolean {
  const documents = fc.oneof(wellFormedDocuments, mutated(readExamples('held', 'lost', 'pidf-lo')), piecesOfMarkup);
  let taken = 0;
  const property = fc.property(documents, (bytes) => {
    if (assertSameReading(bytes)) taken += 1;
  });
  const details = fc.check(property, { numRuns: count, seed });
  say(
    `${details.numRuns} documents, ${taken} of them well-formed: ${details.failed ? 'we differ from libxml2' : 'read as libxml2 reads them'}`,
  );
  if (details.failed) say(fc.defaultReportMessage(details) ?? '');
  return !details.failed;
}

async function isGoodRun(name: string, count: number, seed: number, over: string | undefined): Promise<boolean> {
  if (name === 'xml') return fuzzXml(count, seed);
  if (name !== 'sip') return fuzzDoorOf(name as keyof typeof DOORS, count, seed);
  let isGood = true;
  for (const protocol of ['udp', 'tcp', 'tls'] as const) {
    if (over !== undefined && over !== protocol) continue;
    if (!(await fuzzSipOver(protocol, count, seed))) isGood = false;
  }
  return isGood;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string', default: '911' }, over: { type: 'string' } },
});
const [name = ''] = positionals;
const count = Number(values.count ?? DEFAULT_COUNTS[name]);
const seed = Number(values.seed);
if (DEFAULT_COUNTS[name] === undefined || !Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  say('npm run fuzz -- <held|lost|sip|xml> [--count <number>] [--seed <number>] [--over <udp|tcp|tls>]');
  process.exitCode = 2;
} else {
  process.exitCode = (await isGoodRun(name, count, seed, values.over)) ? 0 : 1;
}
