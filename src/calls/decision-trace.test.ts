import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceEntry } from '../domain/call-record.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decide } from './decide.ts';
import { emergencyCall, fakeLookups, identity, LOCATION_ID, ORGANIZATION_ID } from './testing/fake-lookups.ts';
import { traceDereference, traceJournal } from './trace-waits.ts';

const now = createManualClock();

function stepOf(trace: readonly TraceEntry[], step: string): TraceEntry {
  const entry = trace.find((one) => one.step === step);
  assert.ok(entry, step);
  return entry;
}

test('every step says what it was given, what it asked and what it found', () => {
  const call = emergencyCall({
    identities: [identity('+12145550100')],
    conveyed: [{ uri: 'https://lis.example/1', form: 'foreign', value: null, note: 'dereference failed: refused' }],
  });
  const { trace } = decide(call, fakeLookups(), now);
  const identified = stepOf(trace, 'identify-caller');
  assert.equal(identified.inputs?.peer, call.peer.address);
  assert.match(String(identified.inputs?.identities), /^P-Asserted-Identity: .*12145550100/);
  assert.deepEqual(
    identified.lookups?.map(({ lookup }) => lookup),
    ['trunk', 'number', 'number in the organization', 'standing'],
  );
  assert.match(identified.lookups?.[1]?.found ?? '', new RegExp(ORGANIZATION_ID));
  const attached = stepOf(trace, 'attach-location');
  assert.deepEqual(attached.inputs?.conveyed, ['foreign https://lis.example/(left out) (dereference failed: refused)']);
  assert.equal(attached.lookups?.find(({ lookup }) => lookup === 'site')?.asked, `${LOCATION_ID} for +12145550100`);
  assert.equal(stepOf(trace, 'choose-callback').inputs?.memberKind, 'PEOPLE');
  const chosen = stepOf(trace, 'choose-destination');
  assert.match(String(chosen.inputs?.location), /Dallas/);
  assert.equal(chosen.inputs?.routingEnabled, true);
  assert.equal(chosen.lookups?.[0]?.lookup, 'boundary');
});

test('what is unknown is told as such, and a step that fails still says what it saw', () => {
  const lookups = fakeLookups({
    destinationsFor: () => {
      throw new Error('made to fail');
    },
  });
  const { trace } = decide(emergencyCall({ identities: [identity('+19995550000')] }), lookups, now);
  assert.equal(stepOf(trace, 'identify-caller').lookups?.find(({ lookup }) => lookup === 'number')?.found, null);
  const failed = decide(emergencyCall({ identities: [identity('+12145550100')] }), lookups, now).trace;
  assert.match(stepOf(failed, 'choose-destination').reason, /^step failed/);
  assert.equal(stepOf(failed, 'choose-destination').inputs?.service, 'urn:service:sos');
});

test('however much a call brings, its trace stays small', () => {
  const long = 'x'.repeat(5_000);
  const call = emergencyCall({
    requestUri: `sip:911@${long}`,
    identities: Array.from({ length: 500 }, () => identity('+12145550100')),
    conveyed: Array.from({ length: 500 }, () => ({ uri: long, form: 'own' as const, value: null, note: long })),
  });
  const { trace } = decide(call, fakeLookups(), now);
  for (const { inputs, lookups } of trace) {
    assert.ok(JSON.stringify(inputs).length < 6_000);
    assert.ok((lookups?.length ?? 0) <= 32);
    assert.ok(JSON.stringify(lookups ?? []).length < 32 * 600);
  }
});

test('the waits of a call tell their deadline and whether it passed', () => {
  const uri = 'https://lis.example/1';
  const late = traceDereference(
    emergencyCall({ conveyed: [{ uri, form: 'foreign', value: null, note: 'no answer within 1500 ms' }] }),
    1_501,
    1_500,
  );
  assert.deepEqual(
    [late.choice, late.deadlineMs, late.isLate, late.inputs],
    ['0 of 1 found', 1_500, true, { uris: ['https://lis.example/(left out)'] }],
  );
  assert.equal(traceJournal('durable', 0.3, 20).isLate, false);
  assert.deepEqual([traceJournal('late', 20, 20).isLate, traceJournal('late', 20, 20).deadlineMs], [true, 20]);
});
