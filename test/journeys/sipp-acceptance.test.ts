/** The whole path with SIPp as phone and as PSAP: at neither end of a call is any code of ours. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CallItem } from '../../src/calls/calls.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createRtpPorts } from '../../src/transport/rtp-ports.ts';
import { pcmLevelDbov } from '../../src/wire/rtp/pcm-level.ts';
import { askHeld, followLocationUri } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import {
  freePort,
  headerOf,
  headersOf,
  type PhonePlan,
  type PhoneReport,
  type Psap,
  runSippUac,
  type SippMessage,
  startGarbagePsap,
  startSippUas,
} from '../support/sipp.ts';

const skip = skipWithout('sipp');
const AUSTIN = 'us-county-48453';
const WAIT_MS = 20_000;

let server: RunningPlatform;
let operator: PlatformClient;
let relay: Psap;

before(async () => {
  if (skip !== false) return;
  relay = await startSippUas({ scenario: 'uas-200' });
  server = await runPlatform({ env: { WAYMARK_HOST: '127.0.0.1,::1', WAYMARK_RELAY_URI: relay.uri('relay') } });
  operator = openClient(server.http, server.firstRun().tokens.operator);
});

after(async () => {
  if (skip !== false) return;
  await server.stop();
  removeData(server.dataDir);
  await relay.stop();
});

function phone(plan: Omit<PhonePlan, 'target'> & { host?: string }): Promise<PhoneReport> {
  const { host = '127.0.0.1', ...rest } = plan;
  return runSippUac({ ...rest, target: { address: host, port: server.sipPort } });
}

/** One PSAP at a time answers for Austin; the next ones follow when it fails. */
async function austinIsServedBy(uris: readonly string[]): Promise<void> {
  const [uri, ...alternateUris] = uris;
  const { items } = await operator.must<{ items: { id: string; sourceId: string | null }[] }>('GET', '/api/psaps');
  for (const { id } of items.filter(({ sourceId }) => sourceId === AUSTIN)) {
    await operator.must('DELETE', `/api/psaps/${id}`);
  }
  const psap = { name: 'Austin by SIPp', uri, alternateUris, sourceId: AUSTIN, ringTimeoutMs: 1_000 };
  await operator.must('POST', '/api/psaps', psap);
}

async function locationUriOfSwitchPort(): Promise<string> {
  const { companyId = '', examples = {} } = server.firstRun();
  const { locationUri, room } = await askHeld(server.http, {
    companyId,
    chassis: examples['switchChassis'] ?? '',
    port: examples['switchPort'] ?? '',
  });
  assert.equal(room, '312');
  assert.notEqual(locationUri, '');
  return locationUri;
}

function callIdOf(report: PhoneReport): string {
  const invite = report.messages.find(({ startLine }) => startLine.startsWith('INVITE '));
  assert.ok(invite);
  return headerOf(invite, 'Call-ID') ?? '';
}

function recordOf(report: PhoneReport, outcome: CallItem['outcome']): Promise<CallItem> {
  const callId = callIdOf(report);
  return eventually(`call ${callId} is ${outcome}`, WAIT_MS, async () => {
    const calls = await listAllCalls(operator);
    return calls.find((call) => call.callId === callId && call.outcome === outcome);
  });
}

const methods = (messages: readonly SippMessage[]): string[] =>
  messages.filter(({ direction }) => direction === 'received').map(({ startLine }) => startLine.split(' ')[0] ?? '');

const callerNumber = (): string => server.firstRun().examples?.['callerNumber'] ?? '';
const asserted = (number: string): string => `P-Asserted-Identity: <sip:${number}@example.com;user=phone>`;

for (const [host, protocol] of [
  ['127.0.0.1', 'udp'],
  ['127.0.0.1', 'tcp'],
  ['::1', 'udp'],
  ['::1', 'tcp'],
] as const) {
  test(`a located 911 call reaches its PSAP, is talked on and ended: ${host}, ${protocol}`, { skip }, async () => {
    const psap = await startSippUas({ scenario: 'uas-200', host, protocol });
    try {
      await austinIsServedBy([psap.uri()]);
      const locationUri = await locationUriOfSwitchPort();
      const report = await phone({
        scenario: 'uac-911',
        host,
        protocol,
        caller: callerNumber(),
        headers: [`Geolocation: <${locationUri}>`, 'Geolocation-Routing: yes', asserted(callerNumber())],
      });
      assert.equal(report.exitCode, 0, report.errors);
      assert.deepEqual(methods(psap.messages()), ['INVITE', 'ACK', 'BYE']);
      const [invite, ack, bye] = psap.messages().filter(({ direction }) => direction === 'received');
      const sent = report.messages[0];
      assert.ok(invite && ack && bye && sent);

      assert.equal(invite.startLine, 'INVITE urn:service:sos SIP/2.0');
      const route = headerOf(invite, 'Route') ?? '';
      assert.ok(route.startsWith(`<${psap.uri()}`) && route.endsWith(';lr>'), route);
      const vias = headersOf(invite, 'Via').flatMap((value) => value.split(/,\s*/));
      assert.equal(vias.length, 2);
      assert.ok(vias[0]?.includes(`:${server.sipPort};`), 'our Via on top');
      assert.ok(headerOf(invite, 'Record-Route'));
      assert.deepEqual(headersOf(invite, 'Geolocation'), [`<${locationUri}>`]);
      assert.equal(headerOf(invite, 'Geolocation-Routing'), 'yes');
      assert.ok(headerOf(invite, 'P-Asserted-Identity')?.includes(callerNumber()));
      const ids = headersOf(invite, 'Call-Info').join(', ');
      assert.match(ids, /<urn:emergency:uid:callid:[0-9a-zA-Z]{10,32}:[^>]+>;purpose=emergency-CallId/);
      assert.match(ids, /<urn:emergency:uid:incidentid:[0-9a-zA-Z]{10,32}:[^>]+>;purpose=emergency-IncidentId/);
      for (const name of ['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Type']) {
        assert.equal(headerOf(invite, name), headerOf(sent, name), name);
      }
      assert.ok(invite.body.equals(sent.body), 'the body byte for byte');

      const record = await recordOf(report, 'completed');
      assert.equal(record.destination.sourceId, AUSTIN);
      assert.equal(record.location?.civic?.['ROOM'], '312');
      assert.equal(record.callbackNumber, callerNumber());
    } finally {
      await psap.stop();
    }
  });
}

test('503, garbage and silence of a PSAP are passed over', { skip }, async () => {
  const busy = await startSippUas({ scenario: 'uas-503' });
  const noise = await startGarbagePsap();
  const silent = await startSippUas({ scenario: 'uas-silent' });
  const good = await startSippUas({ scenario: 'uas-200' });
  const nobody = `sip:nobody@127.0.0.1:${await freePort('127.0.0.1')}`;
  try {
    await austinIsServedBy([busy.uri(), noise.uri(), silent.uri(), nobody, good.uri()]);
    const headers = [`Geolocation: <${await locationUriOfSwitchPort()}>`, asserted(callerNumber())];
    const report = await phone({ scenario: 'uac-911', caller: callerNumber(), headers, timeoutMs: 40_000 });
    assert.equal(report.exitCode, 0, report.errors);
    for (const psap of [busy, noise, silent, good]) assert.equal(methods(psap.messages())[0], 'INVITE');
    assert.deepEqual(methods(good.messages()), ['INVITE', 'ACK', 'BYE']);
    const callIds = [busy, noise, silent, good].map((psap) => {
      const [first] = psap.messages().filter(({ direction }) => direction === 'received');
      return first && headerOf(first, 'Call-ID');
    });
    assert.deepEqual(new Set(callIds), new Set([callIdOf(report)]), 'one call throughout');
    const record = await recordOf(report, 'completed');
    assert.equal(record.attempts.length, 5);
    assert.equal(record.attempts.at(-1)?.uri, good.uri());
    const finals = report.messages.filter(
      ({ direction, startLine }) => direction === 'received' && /^SIP\/2\.0 [2-6]/.test(startLine),
    );
    assert.deepEqual(
      finals.map(({ startLine }) => startLine.slice(8, 11)),
      ['200', '200'],
      'the phone saw nothing of it: one answer to the INVITE, one to the BYE',
    );
  } finally {
    await Promise.all([busy.stop(), noise.stop(), silent.stop(), good.stop()]);
  }
});

test('every PSAP fails: the relay centre has the call', { skip }, async () => {
  const busy = await startSippUas({ scenario: 'uas-503' });
  try {
    await austinIsServedBy([busy.uri()]);
    const headers = [`Geolocation: <${await locationUriOfSwitchPort()}>`, asserted(callerNumber())];
    const before = methods(relay.messages()).length;
    const report = await phone({ scenario: 'uac-911', caller: callerNumber(), headers });
    assert.equal(report.exitCode, 0, report.errors);
    assert.deepEqual(methods(relay.messages()).slice(before), ['INVITE', 'ACK', 'BYE']);
    assert.equal((await recordOf(report, 'completed')).attempts.at(-1)?.uri, relay.uri('relay'));
  } finally {
    await busy.stop();
  }
});

test('a known number without location: the PSAP gets a reference that it can follow', { skip }, async () => {
  const psap = await startSippUas({ scenario: 'uas-200' });
  try {
    await austinIsServedBy([psap.uri()]);
    const report = await phone({ scenario: 'uac-911', caller: callerNumber(), headers: [asserted(callerNumber())] });
    assert.equal(report.exitCode, 0, report.errors);
    const [invite] = await psap.waitFor('INVITE');
    assert.ok(invite);
    const reference = /^<(https?:[^>]+)>/.exec(headerOf(invite, 'Geolocation') ?? '')?.[1];
    assert.ok(reference, 'a Geolocation header with a location URI');
    const followed = await followLocationUri(reference);
    assert.equal(followed.status, 200);
    assert.match(followed.xml, /Austin/);
    assert.match(followed.xml, /78701/);
    assert.ok(invite.body.equals(report.messages[0]?.body ?? Buffer.alloc(0)), 'no location body is made up');
  } finally {
    await psap.stop();
  }
});

test('an unknown number without location reaches the relay centre, flagged', { skip }, async () => {
  const before = methods(relay.messages()).length;
  const report = await phone({
    scenario: 'uac-911',
    caller: '+12025550177',
    headers: [asserted('+12025550177')],
  });
  assert.equal(report.exitCode, 0, report.errors);
  assert.deepEqual(methods(relay.messages()).slice(before), ['INVITE', 'ACK', 'BYE']);
  const record = await recordOf(report, 'completed');
  assert.equal(record.destination.kind, 'relay');
  assert.ok(record.flags.includes('no-location'), record.flags.join(' '));
  assert.equal(record.organizationId, null);
});

test('the phone changes the session, and another one gives up while it rings', { skip }, async () => {
  const psap = await startSippUas({ scenario: 'uas-200' });
  const ringing = await startSippUas({ scenario: 'uas-cancelled' });
  try {
    await austinIsServedBy([psap.uri()]);
    const headers = [`Geolocation: <${await locationUriOfSwitchPort()}>`, asserted(callerNumber())];
    const changed = await phone({ scenario: 'uac-reinvite', caller: callerNumber(), headers });
    assert.equal(changed.exitCode, 0, changed.errors);
    assert.deepEqual(methods(psap.messages()), ['INVITE', 'ACK', 'INVITE', 'ACK', 'BYE']);

    await austinIsServedBy([ringing.uri()]);
    const givenUp = await phone({ scenario: 'uac-cancel', caller: callerNumber(), headers, holdMs: 100 });
    assert.equal(givenUp.exitCode, 0, givenUp.errors);
    assert.deepEqual(methods(ringing.messages()), ['INVITE', 'CANCEL', 'ACK']);
    await recordOf(givenUp, 'abandoned');
  } finally {
    await Promise.all([psap.stop(), ringing.stop()]);
  }
});

describe('calls that need no PSAP of their own', { concurrency: true }, () => {
  test('a 933 call is spoken to: floor and room, at a level to be heard, and hung up', { skip }, async (t) => {
    const media = createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger: createLogger('silent') });
    try {
      const port = await media.open('127.0.0.1');
      const recording = port.recordAudio({ maxMs: 60_000 });
      const report = await phone({
        scenario: 'uac-933',
        requestUri: `sip:933@127.0.0.1:${server.sipPort}`,
        caller: callerNumber(),
        mediaPort: port.port,
        answerTimeoutMs: 60_000,
        timeoutMs: 70_000,
        headers: [`Geolocation: <${await locationUriOfSwitchPort()}>`, asserted(callerNumber())],
      });
      recording.stop();
      assert.equal(report.exitCode, 0, report.errors);
      const { pcm, durationMs, lost, packets } = await recording.done;
      const level = pcmLevelDbov(pcm);
      const record = await recordOf(report, 'completed');
      const spoken = record.spokenText ?? '';
      t.diagnostic(`${durationMs} ms, ${packets} packets, ${lost} lost, ${level.toFixed(1)} dBov: ${spoken}`);
      assert.equal(record.kind, '933');
      assert.match(spoken, /floor 3/i);
      assert.match(spoken, /room 312|room 3 1 2/i);
      assert.equal(lost, 0);
      // About 15 letters are spoken in a second; a tenth of that would be a recording that broke off.
      assert.ok(durationMs > (spoken.length / 15) * 400, `${durationMs} ms for ${spoken.length} letters`);
      assert.ok(level > -40 && level < -3, `${level} dBov`);
    } finally {
      await media.close();
    }
  });
});
