import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
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
  { to = '<sip:x@y>', via = `SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK${++calls}`, callId = 'of no call' } = {},
): SipRequest => ({
  kind: 'request',
  method,
  uri,
  headers: [
    { name: 'Via', value: via },
    { name: 'To', value: to },
    { name: 'Call-ID', value: callId },
  ],
  body: NO_BODY,
});
const anew = (message: SipMessage): SipMessage =>
  message.kind === 'response'
    ? message
    : request(message.method, message.uri, {
        to: headerValue(message, 'To') ?? '',
        callId: headerValue(message, 'Call-ID') ?? '',
      });
const OPTIONS = request('OPTIONS', 'sip:waymark.example');
const TO_A_NUMBER = request('INVITE', 'sip:+12145550181@waymark.example');

const AWAITED = request('INVITE', 'sip:+12145550190@waymark.example');
const KNOWN_CALL = 'known@a';

function setUp() {
  const emergencyCalls = { waiting: 0 };
  const transport = {
    isBehind: false,
    post: (message: SipMessage) => void refused.push(message),
  };
  const refused: SipMessage[] = [];
  const clock = createManualClock();
  const metrics = createMetrics({ processMetrics: false });
  const yieldToCalls = createYieldToCalls({
    emergencyCalls,
    isAwaited: (number) => number === '+12145550190',
    isPartOfCall: ({ callId }) => callId === KNOWN_CALL,
    transport,
    clock,
    logger: createLogger('silent'),
    metrics,
  });
  const taken: string[] = [];
  return {
    clock,
    emergencyCalls,
    transport,
    refused,
    metrics,
    taken,
    yieldToCalls,
    come: (message: SipMessage, count: number, from = '192.0.2.1', protocol: SipFlow['protocol'] = 'udp'): void => {
      const flow = { ...flowOf(from), protocol };
      for (let one = 0; one < count; one++) yieldToCalls(anew(message), flow, () => void taken.push(from));
    },
    /** From one sender, over UDP. */
    comeAs: (name: string, message: SipMessage): void =>
      yieldToCalls(message, flowOf('sbc'), () => void taken.push(name)),
  };
}

test('what begins an emergency call, and every response, is taken at once, however much of it comes', () => {
  const { come, taken, emergencyCalls } = setUp();
  emergencyCalls.waiting = 1;
  const ofCalls = [
    request('INVITE', 'sip:911@waymark.example'),
    request('INVITE', 'urn:service:sos'),
    request('INVITE', 'sip:933@waymark.example'),
    { kind: 'response', status: 200, reason: 'OK', headers: [], body: NO_BODY } as const,
  ];
  for (const message of ofCalls) come(message, 1_000);
  assert.equal(taken.length, ofCalls.length * 1_000);
});

test('what calls that came by here end with is taken in its senders’ turns, whatever waits, and none of it is dropped', async () => {
  const { come, taken, emergencyCalls, transport, metrics } = setUp();
  emergencyCalls.waiting = 1;
  transport.isBehind = true;
  for (const method of ['ACK', 'BYE', 'CANCEL', 'PRACK']) {
    come(request(method, 'sip:psap@192.0.2.9', { callId: KNOWN_CALL }), 2_000, 'flood');
  }
  come(request('BYE', 'sip:psap@192.0.2.9', { callId: KNOWN_CALL }), 1, 'phone');
  assert.equal(taken.length, 64);
  await nextTurn();
  assert.ok(taken.includes('phone'));
  while (taken.length < 8_001) await nextTurn();
  assert.doesNotMatch(await metrics.text(), /waymark_sip_requests_dropped_total\{.*\} [1-9]/);
});

test('other requests in dialogs of calls have their turns, too; what is too much is dropped and counted', async () => {
  const { come, taken, metrics } = setUp();
  for (const method of ['INFO', 'UPDATE', 'INVITE', 'MESSAGE']) {
    come(request(method, 'sip:psap@192.0.2.9', { to: '<sip:x@y>;tag=1', callId: KNOWN_CALL }), 500, 'flood');
  }
  come(request('INVITE', 'sip:psap@192.0.2.9', { to: '<sip:x@y>;tag=1', callId: KNOWN_CALL }), 1, 'phone');
  assert.equal(taken.length, 32);
  await nextTurn();
  assert.ok(taken.indexOf('phone') < 34);
  while (taken.length < 32 + 1_024 + 1) await nextTurn();
  assert.match(await metrics.text(), /waymark_sip_requests_dropped_total\{kind="dialog"\} 944\n/);
});

test('requests in dialogs of which nothing is known are begun at a measured rate: after a restart they may be of calls', async () => {
  const { clock, come, taken, metrics } = setUp();
  come(request('BYE', 'sip:nobody@192.0.2.9', { to: '<sip:x@y>;tag=1' }), 1_000, 'flood');
  come(request('INFO', 'sip:nobody@192.0.2.9'), 1_000, 'flood');
  come(request('BYE', 'sip:psap@192.0.2.9', { to: '<sip:x@y>;tag=1' }), 1, 'phone');
  assert.equal(taken.length, 8);
  clock.advance(20);
  assert.equal(taken.length, 16);
  assert.ok(taken.includes('phone'));
  clock.advance(10_000);
  assert.equal(taken.length, 8 + 1_024 + 1);
  assert.match(await metrics.text(), /waymark_sip_requests_dropped_total\{kind="dialog"\} 968\n/);
});

test('a PSAP that calls back does not stand behind the calls of a trunk that shares its address', async () => {
  const { come, taken } = setUp();
  come(TO_A_NUMBER, 1_000, 'shared');
  assert.equal(taken.length, 8);
  come(AWAITED, 1, 'shared');
  assert.equal(taken.length, 9);
});

test('who comes by an edge before us has a place in the line of the edge, whatever others send by it', () => {
  const { clock, comeAs, taken } = setUp();
  const by = (peer: string): SipRequest => ({
    ...TO_A_NUMBER,
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP edge;branch=z9hG4bKe${++calls}` },
      { name: 'Via', value: `SIP/2.0/UDP ${peer};branch=z9hG4bKp` },
    ],
  });
  for (let call = 0; call < 1_000; call++) comeAs('flood', by('flood:5060'));
  comeAs('psap', by('psap:5060'));
  clock.advance(20);
  assert.deepEqual(taken.slice(8, 10), ['flood', 'psap']);
});

test('what is dropped of a stream is refused with the time to wait, never with 503; its ACK leads nowhere', async () => {
  const { come, taken, refused, yieldToCalls } = setUp();
  come(TO_A_NUMBER, 8 + 256 + 3, 'sbc', 'tcp');
  come(OPTIONS, 16 + 256 + 2, 'sbc', 'tls');
  await nextTurn();
  assert.deepEqual(
    refused.map((message) => message.kind === 'response' && [message.status, headerValue(message, 'Retry-After')]),
    [
      [480, '5'],
      [480, '5'],
      [480, '5'],
      [500, '5'],
      [500, '5'],
    ],
  );
  const [refusal] = refused;
  assert.ok(refusal);
  const before = taken.length;
  yieldToCalls(
    request('ACK', 'sip:+12145550181@waymark.example', { to: headerValue(refusal, 'To') ?? '' }),
    { ...flowOf('sbc'), protocol: 'tcp' },
    () => void taken.push('ack'),
  );
  assert.ok(!taken.slice(before).includes('ack'));
  refused.length = 0;
  come(TO_A_NUMBER, 1_000, 'other', 'udp');
  await nextTurn();
  assert.deepEqual(refused, [], 'over UDP it is repeated');
  come(OPTIONS, 10_000, 'mad', 'tcp');
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.ok(refused.length < 400, 'nor are refusals without bound');
});

test('while datagrams stand in line, of what can wait one is begun in a turn', async () => {
  const { come, taken, transport } = setUp();
  transport.isBehind = true;
  come(OPTIONS, 5);
  come(request('INFO', 'sip:psap@192.0.2.9', { callId: KNOWN_CALL }), 5);
  assert.equal(taken.length, 0);
  await nextTurn();
  assert.equal(taken.length, 2);
  transport.isBehind = false;
  await nextTurn();
  await nextTurn();
  assert.equal(taken.length, 10);
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
