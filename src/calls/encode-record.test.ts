import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCallResult, TraceEntry } from '../domain/call-record.ts';
import { encodeRecord } from './encode-record.ts';
import { callRecord } from './testing/call-record.ts';

const entry = (reason: string): TraceEntry => ({ step: 'forward', choice: 'x', reason, durationMs: 1 });

const RESULT: TestCallResult = {
  spoken: 'speech',
  heard: true,
  received: true,
  codec: 'PCMU',
  packetsSent: 500,
  packetsReceived: 480,
  packetsLost: 2,
  jitterMs: 1.5,
  levelDbov: -30.1,
  digits: '12',
  foreignPackets: 0,
  hungUpBy: 'agent',
  durationMs: 10_000,
  fault: null,
};

test('a record reads back as it was, also when it was encoded after another version', () => {
  const first = callRecord({ callId: 'line\nbreak "quoted" \ud800 é', trace: [entry('a')] });
  const encoded = encodeRecord(first);
  // A lone surrogate is escaped as JSON.stringify does.
  assert.deepEqual(JSON.parse(encoded.json), JSON.parse(JSON.stringify(first)));

  const versions = [
    { ...first, version: 2, outcome: 'answered', answeredAt: first.startedAt, trace: [...first.trace, entry('b')] },
    { ...first, version: 3, flags: [], attempts: [], spokenText: 'said' },
    { ...first, version: 4, trace: [], spokenTranslation: { language: 'fr', text: 'dit' }, testResult: RESULT },
    { ...first, version: 5, trace: [entry('other'), entry('c')] },
    { ...first, version: 6, trace: [entry('other')] },
    { ...first, version: 7, caller: { ...first.caller, number: '+12145550199' }, organizationId: null },
  ] as const;
  let before = encoded;
  for (const version of versions) {
    const next = encodeRecord(version, encoded);
    before = encodeRecord(version, before);
    for (const { json, record } of [next, before]) {
      assert.deepEqual(JSON.parse(json), version);
      assert.equal(record, version);
    }
  }
});

test('what has not changed is not encoded again', () => {
  const first = encodeRecord(callRecord());
  const next = encodeRecord({ ...first.record, version: 2, trace: [...first.record.trace, entry('b')] }, first);
  assert.equal(next.fixed, first.fixed);
  assert.ok(next.traceJson.startsWith(first.traceJson.slice(0, -1)));
  assert.equal(encodeRecord({ ...first.record, version: 3 }, next).fixedJson, first.fixedJson);
});
