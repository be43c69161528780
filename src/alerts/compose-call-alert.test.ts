import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCallRecord } from '../../test/support/call-record-fixture.ts';
import type { CallRecord } from '../domain/call-record.ts';
import { type AlertContext, composeCallAlert } from './compose-call-alert.ts';

const CONTEXT: AlertContext = {
  site: { name: 'Dallas office', timeZone: 'America/Chicago' },
  responseLocationName: 'Third floor, east',
  simulated: false,
  publicUrl: 'http://127.0.0.1:8911',
};

test('everything the law asks for, and what helps to act, stands in the text', () => {
  const record = exampleCallRecord({ flags: ['failover'] });
  const { subject, text, html } = composeCallAlert(record, CONTEXT);
  assert.match(subject, /^911 CALL – Desk 312 – 12 Elm St, Floor 3, Room 312/);
  for (const expected of [
    'A 911 call was made.',
    'When: Thu, Mar 5, 2026, 12:30:15 PM CST (2026-03-05T18:30:15.000Z)',
    'Caller: Desk 312 (+12145550123)',
    'Callback number: +12145550123 (reaches a person or workspace; the direct line of the caller)',
    'Site: Dallas office',
    'Location: 12 Elm St, Floor 3, Room 312, Dallas, TX 75201, US',
    'Floor: 3',
    'Room: 312',
    'Response location: Third floor, east',
    'Coordinates: 32.780200, -96.800500',
    'Found by: what is known of the device: switch port 7 of chassis 00:11:22:33:44:55',
    'Sent to: Dallas County, TX (public safety answering point)',
    'Conveyed: location conveyed by a reference that was added',
    `Call: ${record.emergencyCallId}`,
    `Incident: ${record.incidentId}`,
    `Decision trace: http://127.0.0.1:8911/calls/${record.id}`,
    `As data: http://127.0.0.1:8911/api/calls/${record.id}`,
    'was passed over',
  ]) {
    assert.ok(text.includes(expected), `${expected}\n---\n${text}`);
  }
  assert.ok(html.includes('Floor 3, Room 312'));
  assert.ok(html.includes(`<a href="http://127.0.0.1:8911/calls/${record.id}">`));
  assert.ok(!text.includes('SIMULATED'));
});

test('a test call, a simulated destination and an unknown location say so', () => {
  const record = exampleCallRecord({
    kind: '933',
    location: null,
    flags: ['no-location', 'relay'],
    callback: { number: null, quality: 'INVALID', rule: 'the call carries no number' },
  });
  const { subject, text } = composeCallAlert(record, { ...CONTEXT, site: null, simulated: true });
  assert.match(subject, /^933 test call – Desk 312 – location unknown$/);
  assert.match(text, /^A 933 test call was made\./);
  assert.match(text, /No public authority was contacted/);
  assert.match(text, /Location: UNKNOWN/);
  assert.match(text, /Callback number: none \(the call carries no number\)/);
  assert.match(text, /6:30:15 PM UTC/);
});

test('names chosen by callers break neither header, nor line, nor markup', () => {
  const displayName = `Ann\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script> & "quotes" 🚨\u2028${'é'.repeat(900)}`;
  const record = exampleCallRecord({ caller: { ...exampleCallRecord().caller, displayName } });
  const { subject, text, html } = composeCallAlert(record, {
    ...CONTEXT,
    site: { name: '<b>Site</b>', timeZone: 'Not/AZone' },
  });
  assert.doesNotMatch(subject, /[\p{Cc}\p{Zl}]/u);
  assert.ok(subject.length < 400);
  assert.ok(!text.includes('\r'));
  assert.ok(!text.split('\n').some((line) => line.startsWith('Bcc')));
  assert.ok(!html.includes('<script>') && !html.includes('<b>'));
  assert.ok(html.includes('&#60;script&#62;'));
  assert.ok(text.includes('🚨'));
  assert.ok(text.includes('UTC'), 'an unknown time zone falls back to UTC');
});

test('what a caller chooses becomes no link, and turns no line around', () => {
  const { caller } = exampleCallRecord();
  const record = exampleCallRecord({
    caller: { ...caller, displayName: 'https://evil.example/\u202Elogin\u2066', number: null },
    emergencyCallId: 'https://evil.example/call',
  });
  const { subject, text, html } = composeCallAlert(record, CONTEXT);
  assert.ok(!html.includes('href="https://evil.example'), html);
  assert.equal(html.match(/<a href=/g)?.length, 2);
  assert.doesNotMatch(subject + text + html, /\p{Bidi_Control}/u);
});

test('every flag and outcome has its words', () => {
  const flags: CallRecord['flags'] = [
    'not-enabled',
    'opted-out',
    'exempt',
    'no-route',
    'nomadic-canada',
    'conflict',
    'prefixed',
  ];
  const { text } = composeCallAlert(exampleCallRecord({ flags }), CONTEXT);
  assert.equal(text.split('\n').filter((line) => line.startsWith('  * ')).length, flags.length);
  assert.ok(!text.includes('undefined'));
});
