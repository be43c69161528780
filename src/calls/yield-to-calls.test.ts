import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { headerValue, NO_BODY, type SipMessage, type SipRequest } from '../wire/sip/message.ts';
import { createYieldToCalls } from './yield-to-calls.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const flowOf = (remoteAddress: string): SipFlow => ({
  protocol: 'udp',
  remoteAddress,
  remotePort: 5060,
  localAddress: '127.0.0.1',
  localPort: 5060,
});
let calls = 0;
const request = (
  method: string,
  uri: string,
  { to = '<sip:x@y>', via = `SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${++calls}` } = {},
): SipRequest => ({
  kind: 'request',
  method,
  uri,
  headers: [
    { name: 'Via', value: via },
    { name: 'To', value: to },
  ],
  body: NO_BODY,
});
const anew = (message: SipMessage): SipMessage =>
  message.kind === 'response'
    ? message
    : request(message.method, message.uri, { to: headerValue(message, 'To') ?? '' });
const OPTIONS = request('OPTIONS', 'sip:waymark.example');
const TO_A_NUMBER = request('INVITE', 'sip:+12145550181@waymark.example');

function setUp() {
  const emergencyCalls = { waiting: 0 };
  const clock = createManualClock();
  const metrics = createMetrics({ processMetrics: false });
  const yieldToCalls = createYieldToCalls({ emergencyCalls, clock, metrics });
  const taken: string[] = [];
  return {
    clock,
    emergencyCalls,
    metrics,
    taken,
    come: (message: SipMessage, count: number, from = '192.0.2.1'): void => {
      for (let one = 0; one < count; one++) yieldToCalls(anew(message), flowOf(from), () => void taken.push(from));
    },
    /** From one sender, over UDP. */
    comeAs: (name: string, message: SipMessage): void =>
      yieldToCalls(message, flowOf('sbc'), () => void taken.push(name)),
  };
}

test('whatever is part of an emergency call is taken at once, however much of it comes', () => {
  const { come, taken, emergencyCalls } = setUp();
  emergencyCalls.waiting = 1;
  const ofCalls = [
    request('INVITE', 'sip:911@waymark.example'),
    request('INVITE', 'urn:service:sos'),
    request('INVITE', 'sip:933@waymark.example'),
    request('INVITE', 'sip:psap@192.0.2.9', { to: '<sip:x@y>;tag=1' }),
    request('MESSAGE', 'sip:psap@192.0.2.9', { to: '<sip:x@y>;tag=1' }),
    ...['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO'].map((method) => request(method, 'sip:psap@192.0.2.9')),
    { kind: 'response', status: 200, reason: 'OK', headers: [], body: NO_BODY } as const,
  ];
  for (const message of ofCalls) come(message, 1_000);
  assert.equal(taken.length, ofCalls.length * 1_000);
});

test('questions stand in line in such numbers, the senders in turns; what is too much is dropped and counted', async () => {
  const { come, taken, metrics } = setUp();
  come(OPTIONS, 1_000, 'flood');
  come(OPTIONS, 1, 'other');
  assert.equal(taken.length, 16);
  await nextTurn();
  assert.ok(taken.indexOf('other') < 18, 'another sender waits for one turn');
  while (taken.length < 16 + 256 + 1) await nextTurn();
  assert.match(await metrics.text(), /waymark_sip_requests_dropped_total\{kind="other"\} 728\n/);
  come(OPTIONS, 1);
  await nextTurn();
  assert.equal(taken.length, 274);
});

test('calls to numbers are begun at a measured rate, the senders in turns', async () => {
  const { clock, come, taken, metrics } = setUp();
  come(TO_A_NUMBER, 1_000, 'flood');
  come(TO_A_NUMBER, 1, 'psap');
  assert.equal(taken.length, 8);
  clock.advance(20);
  assert.equal(taken.length, 16);
  assert.ok(taken.includes('psap'));
  clock.advance(1_000);
  assert.equal(taken.length, 8 + 256 + 1);
  assert.match(await metrics.text(), /waymark_sip_requests_dropped_total\{kind="call"\} 736\n/);
});

test('while emergency calls wait, of everything else one is begun in a turn: whoever is called back is not forgotten', async () => {
  const { clock, come, taken, emergencyCalls } = setUp();
  emergencyCalls.waiting = 1;
  come(TO_A_NUMBER, 100, 'flood');
  come(TO_A_NUMBER, 1, 'psap');
  assert.equal(taken.length, 0);
  clock.advance(20);
  assert.deepEqual(taken, ['flood']);
  clock.advance(20);
  assert.deepEqual(taken, ['flood', 'psap']);
  come(OPTIONS, 2, 'peer');
  await nextTurn();
  assert.deepEqual(taken, ['flood', 'psap', 'peer']);
  emergencyCalls.waiting = 0;
  clock.advance(20);
  await nextTurn();
  assert.equal(taken.length, 12);
});

test('a CANCEL does not overtake its INVITE, and an INVITE that is repeated meanwhile stands in line once', () => {
  const { clock, come, comeAs, taken } = setUp();
  come(TO_A_NUMBER, 8 + 254, 'sbc');
  const via = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-waits';
  comeAs('call', request('INVITE', 'sip:+12145550181@waymark.example', { via }));
  for (let again = 0; again < 10; again++) {
    comeAs('again', request('INVITE', 'sip:+12145550181@waymark.example', { via }));
    comeAs('hangs up', request('CANCEL', 'sip:+12145550181@waymark.example', { via }));
  }
  const other = request('CANCEL', 'sip:+12145550181@waymark.example', { via: `${via}-other` });
  comeAs('hangs up another', other);
  assert.equal(taken.at(-1), 'hangs up another', 'one whose INVITE has been taken is taken at once');
  clock.advance(1_000);
  assert.deepEqual(taken.slice(-2), ['call', 'hangs up']);
  comeAs('hangs up', request('CANCEL', 'sip:+12145550181@waymark.example', { via }));
  assert.deepEqual(taken.slice(-3), ['call', 'hangs up', 'hangs up'], 'and afterwards nothing is remembered of it');
});

test('an INVITE for which there was no room is taken when it is repeated', () => {
  const { clock, come, comeAs, taken } = setUp();
  come(TO_A_NUMBER, 8 + 256, 'sbc');
  const call = request('INVITE', 'sip:+12145550181@waymark.example', { via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1' });
  comeAs('call', call);
  clock.advance(1_000);
  assert.ok(!taken.includes('call'));
  comeAs('call', call);
  clock.advance(20);
  assert.equal(taken.at(-1), 'call');
});
