import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exampleCallRecord } from '../../../test/support/call-record-fixture.ts';
import { ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { CallAttempt, CallFlag, CallLocation, CallRecord } from '../../domain/call-record.ts';
import { occasionsOf } from './call-occasions.ts';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const NEVER_STALE = { staleAfterSeconds: null };

function call(changes: Partial<CallRecord> = {}): CallRecord {
  return exampleCallRecord({ organizationId: ORGANIZATION, ...changes });
}

function located(changes: Partial<CallLocation>): CallLocation {
  const { location } = call();
  assert.ok(location);
  return { ...location, ...changes };
}

const told = (...from: Parameters<typeof occasionsOf>) =>
  occasionsOf(...from).map(({ moment, triggers }) => [moment, ...triggers]);

const ATTEMPT: CallAttempt = { uri: 'sip:a@b', name: 'A', outcome: 'silent', status: null, durationMs: 1 };

test('what is true of a call when it is made is one occasion, the weightiest trigger first', () => {
  const { destination } = call();
  const rows: [Partial<CallRecord>, string[]][] = [
    [{}, ['call-placed']],
    [{ outcome: 'abandoned' }, ['call-placed', 'call-abandoned']],
    [{ location: null, flags: ['no-location'] }, ['call-placed', 'location-unknown']],
    [{ destination: { ...destination, kind: 'relay' } }, ['call-placed', 'relay-used']],
    [{ location: located({ source: 'default' }) }, ['call-placed', 'location-default']],
    [{ location: located({ foundBy: 'site-default' }) }, ['call-placed', 'location-default']],
    [{ attempts: [ATTEMPT] }, ['call-placed', 'destination-unreachable']],
    [{ attempts: [{ ...ATTEMPT, outcome: 'cancelled' }] }, ['call-placed']],
    [{ outcome: 'failed' }, ['call-placed', 'destination-unreachable']],
    [
      { flags: ['no-location', 'relay', 'failover'], outcome: 'abandoned' },
      ['call-placed', 'call-abandoned', 'location-unknown', 'relay-used', 'destination-unreachable'],
    ],
  ];
  for (const [changes, triggers] of rows) {
    assert.deepEqual(told(call(changes), null, NEVER_STALE), [['call-started', ...triggers]], JSON.stringify(changes));
  }
});

test('a location is stale only beyond the organization’s own limit, and only where its age is known', () => {
  const aged = (ageSeconds: number | null) => call({ location: located({ ageSeconds }) });
  const stale = ['call-started', 'call-placed', 'location-stale'];
  const fresh = ['call-started', 'call-placed'];
  assert.deepEqual(told(aged(301), null, { staleAfterSeconds: 300 }), [stale]);
  assert.deepEqual(told(aged(300), null, { staleAfterSeconds: 300 }), [fresh]);
  assert.deepEqual(told(aged(null), null, { staleAfterSeconds: 300 }), [fresh]);
  assert.deepEqual(told(aged(1_000_000), null, NEVER_STALE), [fresh]);
  assert.deepEqual(told(aged(0), null, { staleAfterSeconds: 0 }), [fresh]);
});

test('the end is told once, and only after an answer; a late relay tells the start anew with all its triggers', () => {
  const placed = call();
  const answered = { ...placed, answeredAt: '2026-03-05T18:30:20.000Z', outcome: 'answered' as const };
  const ended = { ...answered, endedAt: '2026-03-05T18:35:00.000Z', outcome: 'completed' as const };
  assert.deepEqual(told(answered, placed, NEVER_STALE), []);
  assert.deepEqual(told(ended, answered, NEVER_STALE), [['call-ended', 'call-ended']]);
  assert.deepEqual(told(ended, ended, NEVER_STALE), []);
  assert.deepEqual(told(ended, null, NEVER_STALE), [
    ['call-started', 'call-placed'],
    ['call-ended', 'call-ended'],
  ]);
  const { at, subjectId } = occasionsOf(ended, answered, NEVER_STALE)[0] ?? {};
  assert.deepEqual({ at, subjectId }, { at: ended.endedAt, subjectId: placed.id });
  const relayed: CallRecord = { ...placed, flags: ['relay'] };
  assert.deepEqual(told(relayed, placed, NEVER_STALE), [['call-started', 'call-placed', 'relay-used']]);
  assert.deepEqual(told({ ...relayed, outcome: 'abandoned', endedAt: placed.startedAt }, relayed, NEVER_STALE), [
    ['call-started', 'call-placed', 'call-abandoned', 'relay-used'],
  ]);
});

test('what comes to light later counts its steps from then, what was known at the start from the start', () => {
  const placed = call();
  const at = (seconds: number) => new Date(Date.parse(placed.startedAt) + seconds * 1_000).toISOString();
  const relayed: CallRecord = { ...placed, flags: ['relay'], attempts: [{ ...ATTEMPT, durationMs: 20_000 }] };
  const knownAt = (...from: Parameters<typeof occasionsOf>) => occasionsOf(...from).map((one) => one.knownAt);
  assert.deepEqual(knownAt(placed, null, NEVER_STALE), [undefined]);
  assert.deepEqual(knownAt(relayed, null, NEVER_STALE), [undefined]);
  assert.deepEqual(knownAt(relayed, placed, NEVER_STALE), [at(20)]);
  const abandoned: CallRecord = { ...relayed, outcome: 'abandoned', endedAt: at(60) };
  assert.deepEqual(knownAt(abandoned, relayed, NEVER_STALE), [at(60)]);
  const failed: CallRecord = { ...placed, outcome: 'failed', endedAt: at(45) };
  assert.deepEqual(knownAt(failed, placed, NEVER_STALE), [at(45)]);
});

test('a test call is told once, when it has ended; callbacks and calls of nobody are not', () => {
  const begun = call({ kind: '933' });
  const ended = { ...begun, endedAt: '2026-03-05T18:31:00.000Z' };
  assert.deepEqual(told(begun, null, NEVER_STALE), []);
  assert.deepEqual(told(ended, begun, NEVER_STALE), [['test-call', 'test-call']]);
  assert.deepEqual(told(ended, ended, NEVER_STALE), []);
  assert.deepEqual(told(call({ kind: 'callback' }), null, NEVER_STALE), []);
  assert.deepEqual(told(call({ organizationId: null }), null, NEVER_STALE), []);
});

test('those at the site of the number are told of a location that is none of ours', () => {
  const { caller } = call();
  const placeOf = (record: CallRecord) => occasionsOf(record, null, NEVER_STALE)[0]?.place;
  const site = { ...caller, locationId: 'site' };
  assert.deepEqual(placeOf(call({ caller: site, location: located({ locationId: null, erlId: null }) })), {
    locationId: 'site',
    responseLocationId: null,
  });
  assert.deepEqual(placeOf(call({ caller: site, location: located({ locationId: 'found', erlId: 'floor' }) })), {
    locationId: 'found',
    responseLocationId: 'floor',
  });
});

const flags: readonly CallFlag[] = ['no-location', 'relay', 'failover', 'loop', 'conflict'];
const version = fc.record({
  flags: fc.subarray([...flags]),
  outcome: fc.constantFrom('routing', 'answered', 'completed', 'abandoned', 'failed', 'redirected'),
  answeredAt: fc.constantFrom(null, '2026-03-05T18:30:20.000Z'),
  endedAt: fc.constantFrom(null, '2026-03-05T18:35:00.000Z'),
} as const);

test('however a call goes and wherever the process dies: every trigger that ever held is told, and nothing twice for one version', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(version, fc.boolean()), { minLength: 1, maxLength: 8 }), (versions) => {
      const id = '00000000-0000-4000-8000-000000000002';
      let previous: CallRecord | null = null;
      const toldTriggers = new Set<string>();
      const expected = new Set<string>();
      for (const [changes, isForgotten] of versions) {
        const record = call({ id, ...changes });
        const occasions = occasionsOf(record, isForgotten ? null : previous, NEVER_STALE);
        for (const { triggers } of occasions) {
          const weights = triggers.map((trigger) => ALERT_TRIGGERS.indexOf(trigger));
          assert.deepEqual(
            weights,
            weights.toSorted((one, other) => one - other),
          );
          for (const trigger of triggers) toldTriggers.add(trigger);
        }
        const hasEnded = record.answeredAt !== null && record.endedAt !== null;
        if (hasEnded) expected.add('call-ended');
        const again = occasionsOf(record, record, NEVER_STALE);
        assert.deepEqual(again, []);
        for (const { triggers } of occasionsOf(record, null, NEVER_STALE))
          for (const one of triggers) expected.add(one);
        previous = record;
      }
      assert.deepEqual([...toldTriggers].toSorted(), [...expected].toSorted());
    }),
  );
});
