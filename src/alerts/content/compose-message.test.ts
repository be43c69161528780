import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleAlertContext, exampleOccasion, exampleTold } from '../../../test/support/alert-occasion-fixture.ts';
import { exampleCallRecord } from '../../../test/support/call-record-fixture.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import type { AlertContext } from './alert-context.ts';
import { composeMessage } from './compose-message.ts';

type Mail = { subject: string; text: string; html: string };

function mailOf(record: CallRecord, context: Partial<AlertContext> = {}): Mail {
  const isTest = record.kind === '933';
  const occasion = exampleOccasion(
    { moment: isTest ? 'test-call' : 'call-started', triggers: [isTest ? 'test-call' : 'call-placed'] },
    record,
  );
  const { content } = composeMessage(occasion, exampleTold(), exampleAlertContext(context));
  assert.ok(content.channel === 'email' && content.html !== null);
  return { subject: content.subject, text: content.text, html: content.html };
}

test('everything the law asks for, and what helps to act, stands in the mail', () => {
  const record = exampleCallRecord({ flags: ['failover'] });
  const { subject, text, html } = mailOf(record);
  assert.match(subject, /^911 CALL – Desk 312 – 12 Elm St, Floor 3, Room 312/);
  for (const expected of [
    'A 911 call was made',
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
    'You are told because: alert address of the building.',
  ]) {
    assert.ok(text.includes(expected), `${expected}\n---\n${text}`);
  }
  assert.ok(html.includes('Floor 3, Room 312'));
  assert.ok(html.includes(`href="http://127.0.0.1:8911/calls/${record.id}"`));
  assert.ok(!text.includes('SIMULATED'));
});

test('a test call, a simulated destination and an unknown location say so', () => {
  const record = exampleCallRecord({
    kind: '933',
    location: null,
    flags: ['no-location', 'relay'],
    callback: { number: null, quality: 'INVALID', rule: 'the call carries no number' },
  });
  const { subject, text } = mailOf(record, { site: null, responseLocationName: null, simulated: true });
  assert.match(subject, /^933 test call – Desk 312 – location unknown$/);
  assert.match(text, /A 933 test call was made/);
  assert.match(text, /No public authority was contacted/);
  assert.match(text, /Location: UNKNOWN/);
  assert.match(text, /Callback number: none \(the call carries no number\)/);
  assert.match(text, /6:30:15 PM UTC/);
});

test('names chosen by callers break neither header, nor line, nor markup', () => {
  const displayName = `Ann\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script> & "quotes" 🚨\u2028${'é'.repeat(900)}`;
  const record = exampleCallRecord({ caller: { ...exampleCallRecord().caller, displayName } });
  const { subject, text, html } = mailOf(record, { site: { name: '<b>Site</b>', timeZone: 'Not/AZone' } });
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
    callback: { number: 'https://evil.example/call', quality: 'INVALID', rule: 'javascript:alert(1)' },
    emergencyCallId: 'https://evil.example/call',
  });
  const { subject, text, html } = mailOf(record);
  assert.ok(!html.includes('href="https://evil.example'), html);
  const targets = new Set([...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]));
  assert.deepEqual(
    targets,
    new Set([`http://127.0.0.1:8911/calls/${record.id}`, `http://127.0.0.1:8911/api/calls/${record.id}`]),
  );
  assert.doesNotMatch(subject + text + html, /\p{Bidi_Control}/u);
});

test('every flag has its words, each once', () => {
  const flags: CallRecord['flags'] = [
    'not-enabled',
    'opted-out',
    'exempt',
    'no-route',
    'nomadic-canada',
    'conflict',
    'prefixed',
  ];
  const { text } = mailOf(exampleCallRecord({ flags }));
  assert.equal(text.split('\n').filter((line) => line.startsWith('  * ')).length, flags.length);
  assert.ok(!text.includes('undefined'));
});

test('triggers that a flag says already are not noted twice', () => {
  const record = exampleCallRecord({ flags: ['relay'], location: null });
  const occasion = exampleOccasion({ triggers: ['call-placed', 'relay-used', 'location-stale'] }, record);
  const { content } = composeMessage(occasion, exampleTold(), exampleAlertContext());
  assert.ok(content.channel === 'email');
  assert.equal(content.text.match(/went to the relay centre/g)?.length, 1);
  assert.match(content.text, /older than the organization allows/);
});
