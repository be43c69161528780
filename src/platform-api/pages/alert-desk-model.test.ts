import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ageText,
  alarmOf,
  announcement,
  callerParts,
  callState,
  clockSkew,
  compareIncidents,
  createEventReader,
  type DeskIncident,
  endingText,
  escalationText,
  flagWords,
  headlineOf,
  placeLines,
  SEVERITIES,
  skewText,
  standingText,
  toldOf,
  toldSummary,
} from './alert-desk-model.js';

const NOW_MS = Date.parse('2026-03-05T18:30:00Z');

function incident(more: Partial<DeskIncident> = {}): DeskIncident {
  return {
    id: '1',
    callId: '1',
    state: 'open',
    severity: 'emergency',
    trigger: 'call-placed',
    isDrill: false,
    openedAt: '2026-03-05T18:29:18Z',
    title: 'Emergency call: Ann',
    caller: 'Ann, +15125550123',
    callbackNumber: '+15125550123',
    place: '301 W 2nd St, Floor 3, Austin',
    acknowledgedBy: null,
    acknowledgedVia: null,
    acknowledgedAt: null,
    resolvedBy: null,
    resolvedVia: null,
    resolvedAt: null,
    nextStepAt: null,
    stepsTold: 0,
    stepsWaiting: 0,
    ...more,
  };
}

test('what nobody took on comes first; real before drill, weighty before light, new before old', () => {
  const list = [
    incident({ id: 'settled', state: 'resolved' }),
    incident({ id: 'drill', isDrill: true }),
    incident({ id: 'warning', severity: 'warning' }),
    incident({ id: 'taken', state: 'acknowledged' }),
    incident({ id: 'old', openedAt: '2026-03-05T18:00:00Z' }),
    incident({ id: 'new' }),
    incident({ id: 'critical', severity: 'critical' }),
  ];
  const wanted = ['new', 'old', 'critical', 'warning', 'drill', 'taken', 'settled'];
  assert.deepEqual(
    [...list].sort(compareIncidents).map(({ id }) => id),
    wanted,
  );
  assert.deepEqual(
    [...list]
      .reverse()
      .sort(compareIncidents)
      .map(({ id }) => id),
    wanted,
  );
});

test('it sounds until somebody takes on or silences every loud one; a new one sounds again', () => {
  const silenced = new Set<string>();
  const [first, second] = [incident({ id: 'a' }), incident({ id: 'b', severity: 'critical' })];
  assert.equal(alarmOf([], silenced), null);
  assert.equal(alarmOf([incident({ severity: 'warning' }), incident({ severity: 'info' })], silenced), null);
  assert.equal(alarmOf([first, second], silenced), 'emergency');
  silenced.add('a');
  assert.equal(alarmOf([first, second], silenced), 'critical');
  silenced.add('b');
  assert.equal(alarmOf([first, second], silenced), null);
  assert.equal(alarmOf([first, second, incident({ id: 'c' })], silenced), 'emergency');
  assert.equal(alarmOf([incident({ state: 'acknowledged' }), incident({ state: 'resolved' })], new Set()), null);
  assert.equal(alarmOf([incident({ isDrill: true, severity: 'warning', trigger: 'drill' })], new Set()), 'critical');
});

test('every severity has a word and a shape of its own', () => {
  const shapes = Object.values(SEVERITIES);
  assert.equal(new Set(shapes.map(({ mark }) => mark)).size, shapes.length);
  assert.equal(new Set(shapes.map(({ name }) => name)).size, shapes.length);
});

test('ages are read at a glance', () => {
  const ages: [number, string][] = [
    [-5_000, '0:00'],
    [999, '0:00'],
    [42_000, '0:42'],
    [725_000, '12:05'],
    [3_600_000, '1 h 00 min'],
    [3_900_000, '1 h 05 min'],
    [49 * 3_600_000, '2 d 1 h'],
  ];
  for (const [ms, text] of ages) assert.equal(ageText(ms), text);
});

test('where somebody is stands first: floor and room, else the street', () => {
  assert.deepEqual(placeLines('301 W 2nd St, Floor 3, Room 312, Austin, TX', 'Floor 3, Room 312'), {
    first: 'Floor 3, Room 312',
    rest: '301 W 2nd St, Austin, TX',
  });
  assert.deepEqual(placeLines('Floor 3, 301 W 2nd St', 'Floor 3'), { first: 'Floor 3', rest: '301 W 2nd St' });
  assert.deepEqual(placeLines('301 W 2nd St, Austin', null), { first: '301 W 2nd St', rest: 'Austin' });
  assert.deepEqual(placeLines('301 W 2nd St, Austin', 'elsewhere'), { first: '301 W 2nd St', rest: 'Austin' });
  assert.deepEqual(placeLines(null, null), { first: 'Place unknown', rest: '' });
});

test('a number stands apart from the name before it', () => {
  assert.deepEqual(callerParts('Ann, +15125550123'), { name: 'Ann', number: '+15125550123' });
  assert.deepEqual(callerParts('مرحبا, +15125550123'), { name: 'مرحبا', number: '+15125550123' });
  assert.deepEqual(callerParts('+15125550123'), { name: '', number: '+15125550123' });
  assert.deepEqual(callerParts('Room 12, 4711'), { name: 'Room 12', number: '4711' });
  assert.deepEqual(callerParts('Ann'), { name: 'Ann', number: '' });
  assert.deepEqual(callerParts(null), { name: 'unknown', number: '' });
});

test('how the call goes on, who was told and what comes next are sentences', () => {
  const call = { startedAt: 's', answeredAt: null, endedAt: null, outcome: 'routing', destination: { name: 'PSAP' } };
  assert.deepEqual(callState(call), { text: 'Ringing at PSAP', at: 's', isLive: true });
  assert.deepEqual(callState({ ...call, answeredAt: 'a' }), { text: 'Talking to PSAP', at: 'a', isLive: true });
  assert.equal(callState({ ...call, endedAt: 'e', outcome: 'abandoned' })?.isLive, false);
  assert.match(callState({ ...call, answeredAt: 'a', endedAt: 'e', outcome: 'completed' })?.text ?? '', /^Ended/);
  assert.equal(callState(null), null);

  const told = toldOf([
    { recipient: 'b@example.com', channel: 'email', state: 'accepted', acceptedAt: 'x', lastError: 'old' },
    { recipient: '+15125550100', channel: 'sms', state: 'exhausted', lastError: 'refused' },
    { recipient: 'a@example.com', channel: 'email', state: 'accepted' },
    { recipient: 'c@example.com', channel: 'email', state: 'queued' },
  ]);
  assert.deepEqual(
    told.map(({ who, error }) => [who, error]),
    [
      ['+15125550100', 'refused'],
      ['c@example.com', null],
      ['a@example.com', null],
      ['b@example.com', null],
    ],
  );
  assert.equal(toldSummary(told), '2 of 4 told, 1 not reached');
  assert.equal(toldSummary([]), 'Nobody was told yet');

  const nextStepAt = new Date(NOW_MS + 42_000).toISOString();
  assert.equal(escalationText(incident(), NOW_MS), null);
  assert.equal(
    escalationText(incident({ nextStepAt, stepsWaiting: 2 }), NOW_MS),
    'If nobody acknowledges, next people are told in 0:42 (2 steps left)',
  );
  assert.match(escalationText(incident({ nextStepAt, stepsTold: 1 }), NOW_MS + 60_000) ?? '', /are being told/);
  assert.match(escalationText(incident({ stepsTold: 2 }), NOW_MS) ?? '', /nobody further/);
  assert.equal(
    standingText(incident({ state: 'acknowledged', acknowledgedBy: 'Sam', acknowledgedVia: 'link' })),
    'Acknowledged by Sam by the link in a message',
  );
});

test('a drill is called one wherever an incident is named', () => {
  assert.equal(headlineOf(incident({ isDrill: true })), 'Drill: 911 call');
  assert.match(announcement(incident({ isDrill: true })), /Drill/);
  assert.match(announcement(incident({ place: null })), /place unknown/);
  assert.deepEqual(flagWords(['relay', 'something-new']), ['Relay centre', 'something new']);
});

test('a clock that is off is told, the second that the header loses is not', () => {
  const sent = NOW_MS + 10_000;
  const skew = clockSkew('Thu, 05 Mar 2026 18:30:00 GMT', sent, sent + 200);
  assert.equal(skew, 9_600);
  assert.match(skewText(skew) ?? '', /0:09 ahead/);
  assert.match(skewText(-90_000) ?? '', /1:30 behind/);
  assert.equal(skewText(900), null);
  assert.equal(clockSkew(null, 0, 0), null);
  assert.equal(skewText(null), null);
});

test('a desk says half an hour before that it will be signed out', () => {
  assert.equal(endingText(null, NOW_MS), null, 'never');
  assert.equal(endingText(new Date(NOW_MS + 31 * 60_000).toISOString(), NOW_MS), null);
  assert.match(endingText(new Date(NOW_MS + 29 * 60_000).toISOString(), NOW_MS) ?? '', /signed out at \d\d:\d\d/);
});

test('events are read however the network cuts them', () => {
  const text =
    'retry: 2000\n\n: nothing new\n\nid: 7\nevent: incident.opened\ndata: {"id":"x"}\n\ndata: a\ndata:b\n\nid: 9\nevent: z\ndata: {}\n\n';
  const wanted = [
    { type: 'incident.opened', id: '7', data: '{"id":"x"}' },
    { type: 'message', id: '7', data: 'a\nb' },
    { type: 'z', id: '9', data: '{}' },
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), fc.boolean(), (cuts, isWindows) => {
      const whole = isWindows ? text.replaceAll('\n', '\r\n') : text;
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const reader = createEventReader();
      const events = at.slice(1).flatMap((end, index) => reader.push(whole.slice(at[index], end)));
      assert.deepEqual(events, wanted);
      assert.equal(reader.lastId, '9');
    }),
  );
});
