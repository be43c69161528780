import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDestinationResolver, type ResolveHost } from './resolve-destination.ts';

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setUp() {
  const clock = createManualClock();
  const questions: { host: string; answer: (addresses: string[]) => void; fail: (error: Error) => void }[] = [];
  const resolveHost: ResolveHost = (host) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    questions.push({ host, answer: resolve, fail: reject });
    return promise;
  };
  return { clock, questions, resolve: createDestinationResolver({ clock, deadlineMs: 1_500, resolveHost }) };
}

const isProblem = (kind: string) => (error: unknown) => error instanceof ProblemError && error.kind === kind;

test('addresses need no question; transport, port and maddr are those of the URI', async () => {
  const { questions, resolve } = setUp();
  assert.deepEqual(await resolve('sip:psap@192.0.2.1'), [{ protocol: 'udp', address: '192.0.2.1', port: 5060 }]);
  assert.deepEqual(await resolve('sip:[2001:db8::1]:5070;transport=TCP'), [
    { protocol: 'tcp', address: '2001:db8::1', port: 5070 },
  ]);
  assert.deepEqual(await resolve('sips:psap@example.net;maddr=192.0.2.2'), [
    { protocol: 'tcp', address: '192.0.2.2', port: 5060 },
  ]);
  assert.equal(questions.length, 0);
  await assert.rejects(resolve('tel:911'), isProblem('invalid'));
});

test('many calls to one name ask once at a time; a name that is unknown is waited for until the deadline', async () => {
  const { clock, questions, resolve } = setUp();
  const calls = Promise.allSettled([1, 2, 3].map(() => resolve('sip:psap.example.net')));
  await settled();
  assert.equal(questions.length, 1);
  clock.advance(1_500);
  for (const call of await calls) assert.ok(call.status === 'rejected' && isProblem('upstream-timeout')(call.reason));
  assert.equal(clock.pending(), 0);
});

test('a name server that hangs or fails later does not hold up calls to a name that is known', async () => {
  const { clock, questions, resolve } = setUp();
  const first = resolve('sip:psap.example.net');
  questions[0]?.answer(['192.0.2.1']);
  assert.equal((await first)[0]?.address, '192.0.2.1');

  const second = resolve('sip:psap.example.net');
  clock.advance(100);
  assert.equal((await second)[0]?.address, '192.0.2.1', 'after a moment');
  const third = resolve('sip:psap.example.net');
  questions[1]?.fail(new Error('SERVFAIL'));
  assert.equal((await third)[0]?.address, '192.0.2.1', 'at once');

  const fourth = resolve('sip:psap.example.net');
  questions[2]?.answer(['192.0.2.9']);
  assert.equal((await fourth)[0]?.address, '192.0.2.9', 'what is answered in time is used');
  assert.equal(questions.length, 3);
});

test('a late failure is nobody\u2019s unhandled rejection', async () => {
  const { clock, questions, resolve } = setUp();
  const call = resolve('sip:psap.example.net');
  clock.advance(1_500);
  await assert.rejects(call, isProblem('upstream-timeout'));
  questions[0]?.fail(new Error('ENOTFOUND'));
  await settled();
});
