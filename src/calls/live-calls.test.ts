import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { NO_BODY, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { CallSession } from './call-session.ts';
import { createLiveCalls } from './live-calls.ts';
import { callRecord } from './testing/call-record.ts';
import { createTrunkLoad } from './trunk-load.ts';

function setUp(alarmAt = 100) {
  const metrics = createMetrics({ processMetrics: false });
  const live = createLiveCalls(createTrunkLoad({ metrics, logger: createLogger('silent'), alarmAt }));
  return {
    live,
    metrics,
    session: () =>
      new CallSession(callRecord({ outcome: 'answered' }), { update: () => undefined }, createManualClock()),
  };
}

function request(method: string, from: string, to: string | null, branch = 'one', callId = 'call-1'): SipRequest {
  return {
    kind: 'request',
    method,
    uri: 'sip:911@192.0.2.1',
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK${branch}` },
      { name: 'From', value: `<sip:a@example.com>;tag=${from}` },
      { name: 'To', value: `<sip:911@example.com>${to === null ? '' : `;tag=${to}`}` },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: `1 ${method}` },
    ],
    body: NO_BODY,
  };
}

const INVITE = request('INVITE', 'caller', null);

test('a BYE of either side ends the record; one with other tags does not', () => {
  for (const [from, to, ends] of [
    ['caller', 'psap', true],
    ['psap', 'caller', true],
    ['caller', 'other', false],
    ['other', 'psap', false],
    ['psap', 'psap', false],
  ] as const) {
    const { live, session } = setUp();
    const one = session();
    live.add(INVITE, one);
    live.answered(INVITE, 'psap');
    live.ended(request('BYE', from, to));
    assert.equal(one.record.outcome, ends ? 'completed' : 'answered', `${from} to ${to}`);
    assert.equal(live.size, ends ? 0 : 1);
  }
});

test('who sets a call up hears of the caller’s BYE, of nobody else’s, and of none after the answer', () => {
  const { live, session } = setUp();
  const heard: (string | undefined)[] = [];
  const one = { callerSaysBye: (tag: string | undefined) => void heard.push(tag) };
  live.add(INVITE, session(), one);
  live.add(INVITE, session(), one);
  for (const [from, to] of [
    ['caller', 'ringing'],
    ['ringing', 'caller'],
    ['other', 'ringing'],
    ['caller', null],
  ] as const) {
    live.saysBye(request('BYE', from, to));
  }
  assert.deepEqual(heard, ['ringing', 'ringing', undefined, undefined]);
  live.answered(INVITE, 'psap');
  live.saysBye(request('BYE', 'caller', 'psap'));
  assert.equal(heard.length, 4);
});

test('who could not set a call up hears of no BYE, though another passage of the call goes on', () => {
  const { live, session } = setUp();
  const heard: string[] = [];
  const passages = ['first', 'second'].map((name) => ({ name, session: session() }));
  for (const { name, session: one } of passages) live.add(INVITE, one, { callerSaysBye: () => void heard.push(name) });
  const [first] = passages;
  assert.ok(first);
  live.failed(INVITE, first.session);
  live.saysBye(request('BYE', 'caller', 'ringing'));
  assert.deepEqual(heard, ['second']);
});

test('of an answered call it is known where either side was, for requests of its dialog alone', () => {
  const { live, session } = setUp();
  const place = (address: string) => ({ protocol: 'udp', address, port: 5060 }) as const;
  const sides = { caller: place('192.0.2.9'), callee: place('192.0.2.20') };
  live.add(INVITE, session());
  assert.equal(live.otherSide(request('UPDATE', 'caller', 'psap')), undefined, 'not answered yet');
  live.answered(INVITE, 'psap', sides);
  assert.equal(live.otherSide(request('ACK', 'caller', 'psap')), sides.callee);
  assert.equal(live.otherSide(request('BYE', 'psap', 'caller')), sides.caller);
  for (const [from, to] of [
    ['caller', 'other'],
    ['other', 'caller'],
    ['psap', 'psap'],
    ['caller', null],
  ] as const) {
    assert.equal(live.otherSide(request('BYE', from, to)), undefined, `${from} to ${to}`);
  }
  live.ended(request('BYE', 'caller', 'psap'));
  assert.equal(live.otherSide(request('ACK', 'caller', 'psap')), undefined);
});

test('a BYE before the answer, or with the Call-ID of another call, changes nothing', () => {
  const { live, session } = setUp();
  const one = session();
  live.add(INVITE, one);
  live.ended(request('BYE', 'caller', 'psap'));
  live.answered(INVITE, 'psap');
  live.ended(request('BYE', 'caller', 'psap', 'two', 'call-2'));
  assert.equal(live.size, 1);
});

test('two callers with the same Call-ID are two calls', () => {
  const { live, session } = setUp();
  const [one, other] = [session(), session()];
  live.add(INVITE, one);
  live.add(request('INVITE', 'second', null), other);
  live.answered(INVITE, 'psap');
  live.answered(request('INVITE', 'second', null), 'psap');
  live.ended(request('BYE', 'second', 'psap'));
  assert.equal(one.record.outcome, 'answered');
  assert.equal(other.record.outcome, 'completed');
});

test('a call that passes here twice has two records that end together; a passage that fails ends alone', () => {
  const { live, session } = setUp();
  const [first, second, third] = [session(), session(), session()];
  for (const one of [first, second, third]) live.add(INVITE, one);
  live.failed(INVITE, third);
  live.answered(INVITE, 'psap');
  live.ended(request('BYE', 'psap', 'caller'));
  assert.deepEqual(
    [first, second, third].map(({ record }) => record.outcome),
    ['completed', 'completed', 'answered'],
  );
});

test('the INVITE of a call that goes on is known when it comes again; a call made anew is another one', () => {
  const { live, session } = setUp();
  live.add(INVITE, session());
  assert.equal(live.isRepeated(INVITE), false, 'before the answer its transaction absorbs it');
  live.answered(INVITE, 'psap');
  assert.equal(live.isRepeated(INVITE), true);
  assert.equal(live.isRepeated(request('INVITE', 'caller', null, 'two')), false);
  live.ended(request('BYE', 'caller', 'psap'));
  assert.equal(live.isRepeated(INVITE), false, 'a phone may be as dull as that: the call is never refused for it');
});

test('answers that come late are told from those of the dialog', () => {
  const { live, session } = setUp();
  live.add(INVITE, session());
  live.answered(INVITE, 'psap');
  const answer = (toTag: string) => createResponse(INVITE, 200, undefined, { toTag });
  assert.ok(live.isKnown(answer('psap')) && live.isAnswerOf(answer('psap')) && !live.isAnswerOf(answer('late')));
  live.ended(request('BYE', 'caller', 'psap'));
  assert.ok(live.isAnswerOf(answer('psap')) && !live.isAnswerOf(answer('late')));
});

test('a trunk with more calls than is usual raises an alarm, which goes with them', async () => {
  const { live, metrics, session } = setUp(2);
  const invites = [1, 2, 3].map((call) => request('INVITE', 'caller', null, 'one', `call-${call}`));
  for (const invite of invites) live.add(invite, session());
  assert.match(await metrics.text(), /waymark_calls_trunk_over_limit\{trunk="none"\} 3/);
  for (const invite of invites.slice(1)) live.answered(invite, 'psap');
  live.ended(request('BYE', 'caller', 'psap', 'one', 'call-2'));
  assert.doesNotMatch(await metrics.text(), /waymark_calls_trunk_over_limit\{/);
});

test('a request of either side is known as part of its call, also for a while after its end', () => {
  const { live, session } = setUp();
  live.add(INVITE, session());
  live.answered(INVITE, 'psap');
  const isPart = (callId: string | undefined, fromTag: string | undefined, toTag: string | undefined): boolean =>
    live.isPartOfCall({ callId, fromTag, toTag });
  assert.ok(isPart('call-1', 'caller', 'psap'));
  assert.ok(isPart('call-1', 'psap', 'caller'));
  assert.ok(!isPart('call-2', 'caller', 'psap'));
  assert.ok(!isPart('call-1', 'somebody', 'psap'));
  assert.ok(!isPart(undefined, undefined, undefined));
  live.ended(request('BYE', 'caller', 'psap'));
  assert.equal(live.size, 0);
  assert.ok(isPart('call-1', 'caller', 'psap'), 'a BYE is repeated until it is answered');
});
