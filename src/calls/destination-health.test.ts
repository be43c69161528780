import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { headerValue, type SipHeader, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { createDestinationHealth, type DestinationChange, type WatchedDestination } from './destination-health.ts';
import type { ClientHandlers, ClientTransaction } from './transactions/transaction.ts';

const PSAP = 'sip:psap@192.0.2.20;transport=tcp';
const FLOW = {
  protocol: 'udp',
  remoteAddress: '192.0.2.20',
  remotePort: 5060,
  localAddress: '192.0.2.1',
  localPort: 5060,
} as const;

/** What a destination does with OPTIONS: a status, nothing, or a transport that fails. */
type Manner = number | 'silent' | 'unreachable';

function setUp(
  watched: readonly WatchedDestination[] = [{ kind: 'psap', name: 'Austin', uri: PSAP }],
  intervalMs = 30_000,
  addresses = ['192.0.2.20'],
) {
  const clock = createManualClock();
  let wallJumpMs = 0;
  const metrics = createMetrics({ processMetrics: false });
  const asked: SipRequest[] = [];
  const dead = new Set<string>();
  const changes: DestinationChange[] = [];
  let manner: Manner = 200;
  const health = createDestinationHealth({
    layer: {
      sendRequest(request: SipRequest, target, handlers: ClientHandlers) {
        asked.push(request);
        const isDead = 'address' in target && dead.has(target.address);
        if (isDead) return {} as ClientTransaction;
        if (manner === 'unreachable') handlers.onTransportError(new Error('refused'));
        else if (manner !== 'silent') handlers.onResponse(createResponse(request, manner), FLOW);
        return {} as ClientTransaction;
      },
    },
    resolve: () => Promise.resolve(addresses.map((address) => ({ protocol: 'udp', address, port: 5060 }))),
    clock: { ...clock, nowMs: () => clock.nowMs() + wallJumpMs },
    logger: createLogger('silent'),
    metrics,
    sipDomain: 'waymark.example.net',
    intervalMs,
    watched: () => watched,
    random: () => 0.5,
    onChange: (change) => changes.push(change),
  });
  health.start();
  return {
    changes,
    clock,
    metrics,
    health,
    asked,
    dead,
    jump(ms: number) {
      wallJumpMs += ms;
    },
    behave(next: Manner) {
      manner = next;
    },
    /** Lets time pass second by second, with room for promises. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    answered: (status: number, headers: readonly SipHeader[] = []) =>
      health.answered(PSAP, createResponse(asked[0] ?? ANY_REQUEST, status, undefined, { headers })),
  };
}

const ANY_REQUEST: SipRequest = { kind: 'request', method: 'OPTIONS', uri: PSAP, headers: [], body: Buffer.alloc(0) };

test('any answer to OPTIONS counts as alive, once per interval', async () => {
  for (const status of [200, 405, 503]) {
    const scene = setUp();
    scene.behave(status);
    await scene.pass(70);
    assert.ok(scene.asked.length >= 2 && scene.asked.length <= 4, `${scene.asked.length} questions in 70 s`);
    const [one] = scene.health.list();
    assert.equal(one?.state, 'up');
    assert.equal(one.lastStatus, status);
    assert.deepEqual(one.serves, [{ kind: 'psap', name: 'Austin' }]);
    assert.equal(scene.health.doubtOf(PSAP), null);
  }
});

test('who asks for one URI is told of its next hop, and of nobody else who is reached there', async () => {
  const scene = setUp();
  await scene.pass(10);
  const health = scene.health.healthOf(PSAP);
  assert.deepEqual([health?.state, health?.lastStatus, health?.failures], ['up', 200, 0]);
  assert.ok(health !== null && !('serves' in health) && !('destination' in health));
  assert.equal(scene.health.healthOf('sip:other@192.0.2.99;transport=tcp')?.state, 'unknown');
  assert.equal(scene.health.healthOf('no uri'), null);
});

test('OPTIONS names the destination and us, and carries no headers of its URI', async () => {
  const scene = setUp([{ kind: 'relay', name: 'Relay', uri: 'sip:relay@192.0.2.20?Subject=x' }]);
  await scene.pass(10);
  const [options] = scene.asked;
  assert.equal(options?.method, 'OPTIONS');
  assert.equal(options.uri, 'sip:relay@192.0.2.20');
  assert.match(headerValue(options, 'From') ?? '', /^<sip:health@waymark\.example\.net>;tag=[\w-]/);
});

test('who listens hears of it when a destination goes down and when it is back, with who is reached there', async () => {
  const scene = setUp();
  await scene.pass(10);
  scene.behave('silent');
  await scene.pass(90);
  scene.behave(200);
  await scene.pass(60);
  const [known, down, up] = scene.changes;
  assert.equal(scene.changes.length, 3);
  assert.deepEqual([known?.isDown, known?.downSince], [false, null]);
  assert.deepEqual([down?.isDown, down?.downSince], [true, down?.at]);
  assert.deepEqual([up?.isDown, up?.downSince], [false, down?.at]);
  assert.deepEqual(down?.serves, [{ kind: 'psap', name: 'Austin', uri: PSAP }]);
});

for (const manner of ['silent', 'unreachable'] as const) {
  test(`${manner}: one failure is no death, two are; the first answer brings it back`, async () => {
    const scene = setUp();
    await scene.pass(10);
    scene.behave(manner);
    await scene.pass(90);
    const [dead] = scene.health.list();
    assert.equal(dead?.state, 'down');
    assert.match(scene.health.doubtOf(PSAP) ?? '', /^has not answered since 2026-/);
    assert.match(await scene.metrics.text(), /waymark_sip_destinations\{state="down"\} 1/);
    scene.behave(200);
    await scene.pass(20);
    assert.equal(scene.health.list()[0]?.state, 'up');
    assert.equal(scene.health.doubtOf(PSAP), null);
  });
}

test('calls tell too: two that nobody answers raise a doubt, an answer ends it', () => {
  const scene = setUp([], 0);
  scene.health.unanswered(PSAP);
  assert.equal(scene.health.doubtOf(PSAP), null);
  scene.health.unanswered(PSAP);
  assert.notEqual(scene.health.doubtOf(PSAP), null);
  assert.notEqual(scene.health.doubtOf('sip:other@192.0.2.20;transport=TCP'), null, 'the same next hop');
  assert.equal(scene.health.doubtOf('sip:psap@192.0.2.20'), null, 'another transport is another next hop');
  scene.answered(486);
  assert.equal(scene.health.doubtOf(PSAP), null);
});

test('a destination that never answered OPTIONS is not doubted for that, and a doubt that no probe can end lapses', async () => {
  const scene = setUp();
  scene.behave('silent');
  await scene.pass(300);
  assert.ok(scene.asked.length > 4);
  assert.equal(scene.health.doubtOf(PSAP), null, 'it may be deaf to OPTIONS alone');
  scene.health.unanswered(PSAP);
  assert.notEqual(scene.health.doubtOf(PSAP), null, 'a call in vain bears the probes out');
  await scene.pass(59);
  assert.notEqual(scene.health.doubtOf(PSAP), null);
  await scene.pass(2);
  assert.equal(scene.health.doubtOf(PSAP), null, 'a call puts it to the test');
  scene.health.unanswered(PSAP);
  assert.notEqual(scene.health.doubtOf(PSAP), null);
  scene.answered(180);
  assert.equal(scene.health.doubtOf(PSAP), null);
  await scene.pass(300);
  assert.equal(scene.health.doubtOf(PSAP), null);
});

test('without probes a doubt lapses too', async () => {
  const scene = setUp(undefined, 0);
  scene.health.unanswered(PSAP);
  scene.health.unanswered(PSAP);
  assert.notEqual(scene.health.doubtOf(PSAP), null);
  await scene.pass(61);
  assert.equal(scene.health.doubtOf(PSAP), null);
});

test('what cannot be reached at all is doubted from the start', async () => {
  const scene = setUp();
  scene.behave('unreachable');
  await scene.pass(60);
  assert.notEqual(scene.health.doubtOf(PSAP), null);
});

test('a destination lives when one of its addresses does', async () => {
  const scene = setUp(undefined, undefined, ['192.0.2.20', '192.0.2.21']);
  await scene.pass(10);
  scene.dead.add('192.0.2.20');
  await scene.pass(180);
  assert.equal(scene.health.list()[0]?.state, 'up');
  assert.equal(scene.health.doubtOf(PSAP), null);
  scene.dead.add('192.0.2.21');
  await scene.pass(180);
  assert.equal(scene.health.list()[0]?.state, 'down');
});

test('what nobody configured is asked only while it seems dead', async () => {
  const scene = setUp([]);
  scene.answered(200);
  await scene.pass(60);
  assert.equal(scene.asked.length, 0);
  scene.health.unanswered(PSAP);
  scene.health.unanswered(PSAP);
  await scene.pass(30);
  assert.ok(scene.asked.length > 0);
  assert.equal(scene.health.list()[0]?.state, 'up');
});

test('Retry-After of a 503 spares it for that time, five minutes at most', async () => {
  const scene = setUp([], 0);
  const retryAfter = (value: string): SipHeader[] => [{ name: 'Retry-After', value }];
  scene.answered(503, retryAfter('120 (maintenance)'));
  assert.match(scene.health.doubtOf(PSAP) ?? '', /^asked to be spared until/);
  await scene.pass(121);
  assert.equal(scene.health.doubtOf(PSAP), null);
  scene.answered(503, retryAfter('99999999'));
  await scene.pass(301);
  assert.equal(scene.health.doubtOf(PSAP), null);
  scene.answered(503, retryAfter('120'));
  scene.jump(-3_600_000);
  await scene.pass(121);
  assert.equal(scene.health.doubtOf(PSAP), null, 'a clock that is set back spares nobody for longer');
  scene.answered(503, retryAfter('soon'));
  assert.equal(scene.health.doubtOf(PSAP), null);
});

test('many dead destinations do not keep the others from being asked', async () => {
  const many = Array.from(
    { length: 100 },
    (_, at) => ({ kind: 'psap', name: `${at}`, uri: `sip:p@psap-${at}.example` }) as const,
  );
  const scene = setUp(many);
  scene.behave('silent');
  await scene.pass(60);
  assert.equal(new Set(scene.asked.map(({ uri }) => uri)).size, 100);
});

test('so many destinations are watched and no more, so many asked at once and no more', async () => {
  const many = Array.from(
    { length: 1_500 },
    (_, at) => ({ kind: 'psap', name: `${at}`, uri: `sip:p@psap-${at}.example` }) as const,
  );
  const scene = setUp(many);
  scene.behave('silent');
  await scene.pass(4);
  assert.equal(scene.health.list().length, 1_000);
  assert.ok(scene.asked.length <= 20, `${scene.asked.length} under way`);
  scene.health.stop();
  const before = scene.asked.length;
  await scene.pass(60);
  assert.equal(scene.asked.length, before, 'nothing is asked after the end');
});
