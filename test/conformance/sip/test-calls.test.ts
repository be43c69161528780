/** 933 with SIPp as the phone: signalling and audio at the other end are not ours. */
import assert from 'node:assert/strict';
import { getuid } from 'node:process';
import { after, before, describe, test } from 'node:test';
import { createTestAgent } from '../../../src/calls/test-agent/run-test-call.ts';
import type { CallRecord } from '../../../src/domain/call-record.ts';
import type { Database } from '../../../src/storage/database.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { createMediaThread } from '../../../src/transport/media-thread.ts';
import { type CallWorld, logger, openCallWorld } from '../../support/call-world.ts';
import { openMigratedDatabase } from '../../support/embedded-template.ts';
import { skipWithout } from '../../support/parts.ts';
import { freePort, type PhonePlan, type PhoneReport, runSippUac } from '../../support/sipp.ts';
import { makeSippTls, type SippTls } from '../../support/sipp-tls.ts';

const skip = skipWithout('sipp');
/** SIPp writes its keys to a raw socket. */
const skipKeys = skip !== false ? skip : getuid?.() === 0 ? false : 'needs root for raw sockets';
const TONE = Int16Array.from({ length: 2_400 }, (_, at) => (at % 8 < 4 ? 4_000 : -4_000));

let database: Database;
let world: CallWorld;
let tls: SippTls;
const media = createMediaThread({ hosts: ['127.0.0.1', '::1'], from: 0, to: 0, logger, clock: systemClock });

before(async () => {
  if (skip !== false) return;
  database = await openMigratedDatabase(logger);
  tls = makeSippTls();
  const agent = createTestAgent({ speech: { speak: () => Promise.resolve(TONE) }, media, logger });
  world = await openCallWorld({
    database,
    psapUris: [],
    relayUri: 'sip:relay@127.0.0.1:9',
    hosts: ['127.0.0.1', '::1'],
    tls: tls.node(),
    deps: { agent },
  });
});

after(async () => {
  await media.close();
  if (skip !== false) return;
  await world.stop();
  await database.close();
  tls.remove();
});

async function dial({
  host = '127.0.0.1',
  ...plan
}: Omit<PhonePlan, 'target'> & { host?: string }): Promise<{ report: PhoneReport; record: CallRecord }> {
  const { port } = world.target(plan.protocol ?? 'udp', host);
  const target = { address: host, port };
  const report = await runSippUac({
    tls: tls.peer,
    ...plan,
    target,
    requestUri: `sip:933@${host.includes(':') ? `[${host}]` : host}:${port}`,
    holdMs: plan.holdMs ?? 200,
  });
  assert.equal(report.exitCode, 0, report.errors);
  const callId = report.messages[0]?.headers.find(({ name }) => name === 'Call-ID')?.value;
  const record = (await world.records()).find((one) => one.callId === callId);
  assert.ok(record);
  return { report, record };
}

describe('933 and SIPp', { skip }, () => {
  for (const [host, protocol] of [
    ['127.0.0.1', 'udp'],
    ['127.0.0.1', 'tcp'],
    ['127.0.0.1', 'tls'],
    ['::1', 'udp'],
  ] as const) {
    test(`the phone sends its audio back, ${host} ${protocol}: both directions are measured`, async () => {
      const mediaPort = await freePort(host);
      const { record } = await dial({ host, scenario: 'uac-933', protocol, mediaPort, echoesAudio: true });
      assert.equal(record.outcome, 'completed');
      const { testResult } = record;
      assert.ok(testResult);
      assert.deepEqual([testResult.heard, testResult.hungUpBy, testResult.fault], [true, 'agent', null]);
      // The last packets are still on their way back when the call ends.
      const missing = testResult.packetsSent - testResult.packetsReceived;
      assert.ok(missing >= 0 && missing <= 5, JSON.stringify(testResult));
      assert.equal(testResult.packetsLost, 0);
      assert.ok(
        testResult.levelDbov !== null && Math.abs(testResult.levelDbov + 18.3) < 1.5,
        JSON.stringify(testResult),
      );
    });
  }

  test('a phone that sends nothing: recorded as one-way audio', async () => {
    const { record } = await dial({ scenario: 'uac-933', mediaPort: await freePort('127.0.0.1') });
    assert.deepEqual([record.testResult?.received, record.testResult?.hungUpBy], [false, 'agent']);
  });

  test('put on hold by a second INVITE, then hung up by the phone', async () => {
    const { report, record } = await dial({ scenario: 'uac-reinvite', mediaPort: await freePort('127.0.0.1') });
    const answers = report.messages
      .filter(({ startLine }) => startLine === 'SIP/2.0 200 OK')
      .map(({ body }) => String(body));
    assert.match(answers[0] ?? '', /a=sendrecv/);
    assert.match(answers[1] ?? '', /a=recvonly/);
    assert.equal(record.testResult?.hungUpBy, 'caller');
  });

  test('a key of the phone ends the announcement', { skip: skipKeys }, async () => {
    const mediaPort = await freePort('127.0.0.1');
    const { record } = await dial({ scenario: 'uac-933-keys', mediaPort, echoesAudio: true });
    assert.equal(record.testResult?.digits, '#', JSON.stringify(record.testResult));
    assert.equal(record.testResult?.hungUpBy, 'agent');
  });

  test('fifty at once', async () => {
    const mediaPort = await freePort('127.0.0.1');
    const { report } = await dial({ scenario: 'uac-933', mediaPort, calls: 50, answerTimeoutMs: 20_000 });
    assert.equal(report.messages.filter(({ startLine }) => startLine.startsWith('BYE ')).length >= 50, true);
    const records = await world.records();
    assert.equal(records.slice(-50).filter(({ testResult }) => testResult?.spoken === 'speech').length, 50);
    assert.equal(media.inUse(), 0);
  });
});
