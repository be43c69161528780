/** What keeps calls safe from peers that mean ill or know no better: loops through B2BUAs, replays, made-up BYEs, dead PSAPs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { PsapBehaviour } from '../../src/calls/psap-simulator/psap-simulator.ts';
import { RFC3261_TIMERS, type TimerTable } from '../../src/calls/transactions/timer-table.ts';
import { createTransactionLayer } from '../../src/calls/transactions/transaction-layer.ts';
import type { Database } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import type { SipTarget, SipTransport } from '../../src/transport/sip-flow.ts';
import { createSipTransport } from '../../src/transport/sip-transport.ts';
import { headerValue, removeHeader, type SipRequest, type SipResponse, setHeader } from '../../src/wire/sip/message.ts';
import { createResponse } from '../../src/wire/sip/responses.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { openPhone } from '../support/sip-phone.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});

beforeEach(() => database.db.deleteFrom('emergencyCalls').execute());

after(() => database.close());

/** 64*T1 in 640 ms, so that transactions die while a test looks on. */
const QUICK: TimerTable = { ...RFC3261_TIMERS, t1Ms: 10, t2Ms: 40, t4Ms: 50, timerDMs: 320 };

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const limit = performance.now() + 8_000;
  while (!(await condition())) {
    assert.ok(performance.now() < limit, `in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Raw = { transport: SipTransport; sentBy: string; send(request: SipRequest): void; responses: number[] };

/** A bare socket of a trusted peer: what it sends is no transaction of its own. */
async function openRaw(target: SipTarget): Promise<Raw> {
  const transport = createSipTransport({ hosts: ['127.0.0.1'], port: 0, isTrusted: () => true, logger });
  const responses: number[] = [];
  await transport.listen((message) => {
    if (message.kind === 'response') responses.push(message.status);
  });
  return {
    transport,
    responses,
    sentBy: transport.sentBy(target),
    send: (request) => transport.post(request, target, () => undefined),
  };
}

/**
 * A B2BUA that makes a call of its own of every call and sends it to `target`, with what a B2BUA keeps: the identifiers and the
 * location, but none of Via, Call-ID and tags.
 */
async function openBackToBack(
  target: () => SipTarget,
): Promise<{ port: number; calls: () => number; stop(): Promise<void> }> {
  const transport = createSipTransport({ hosts: ['127.0.0.1'], port: 0, isTrusted: () => true, logger });
  let calls = 0;
  const layer = createTransactionLayer({
    transport,
    clock: systemClock,
    logger,
    onRequest(request, transaction) {
      if (request.method !== 'INVITE') return void transaction.respond(createResponse(request, 200));
      calls++;
      let own = request;
      for (const name of ['Via', 'Route', 'Record-Route']) own = removeHeader(own, name);
      own = setHeader(own, 'Call-ID', `b2bua-${calls}`);
      own = setHeader(own, 'From', `<sip:caller@b2bua.example>;tag=b${calls}`);
      layer.sendRequest(own, target(), {
        onResponse: ({ status }) => {
          if (status >= 200) transaction.respond(createResponse(request, status, undefined, { toTag: `b${calls}` }));
        },
        onTimeout: () => transaction.respond(createResponse(request, 408, undefined, { toTag: 'b' })),
        onTransportError: () => transaction.respond(createResponse(request, 500, undefined, { toTag: 'b' })),
      });
    },
    onAck: () => undefined,
    onStrayResponse: () => undefined,
  });
  await transport.listen(layer.receive);
  return {
    port: transport.addresses[0]?.port ?? 0,
    calls: () => calls,
    async stop() {
      layer.close();
      await transport.close();
    },
  };
}

async function open(
  t: { after(end: () => Promise<void>): void },
  psapUris: readonly string[],
  relayUri: string,
  options: Partial<Parameters<typeof openCallWorld>[0]> = {},
): Promise<CallWorld> {
  const world = await openCallWorld({ database, psapUris, relayUri, silenceMs: 3_000, ...options });
  t.after(() => world.stop());
  return world;
}

async function psapOf(
  t: { after(end: () => Promise<void>): void },
  ...args: Parameters<typeof openPsap>
): Promise<PsapWorld> {
  const psap = await openPsap(...args);
  t.after(() => psap.stop());
  return psap;
}

test('a PSAP that is a B2BUA and sends its calls back to us: after three passages the relay centre has the call', async (t) => {
  const relay = await psapOf(t, 'answer');
  let world: CallWorld | undefined;
  const looping = await openBackToBack(() => world?.target() ?? { protocol: 'udp', address: '127.0.0.1', port: 9 });
  t.after(() => looping.stop());
  world = await open(t, [`sip:psap@127.0.0.1:${looping.port}`], relay.uri('relay-us'));
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const call = phone.call();
  assert.equal((await call.final()).status, 200);
  await call.ack();
  assert.equal(looping.calls(), 3);
  assert.equal(relay.simulator.calls().length, 1);
  const records = await world.records();
  assert.equal(records.length, 4);
  assert.deepEqual(
    records.map(({ flags }) => flags.includes('loop')),
    [false, false, false, true],
  );
});

test('the relay centre sends its calls back to us as well: it ends, and the caller hears of it', async (t) => {
  let world: CallWorld | undefined;
  const looping = await openBackToBack(() => world?.target() ?? { protocol: 'udp', address: '127.0.0.1', port: 9 });
  t.after(() => looping.stop());
  world = await open(t, [], `sip:relay@127.0.0.1:${looping.port}`);
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  assert.equal((await phone.call().final()).status, 482);
  assert.ok(looping.calls() < 200, `${looping.calls()} passages`);
});

test('an INVITE that comes again long after its transaction is no second call; the same call made anew is one', async (t) => {
  const psap = await psapOf(t, 'answer', {});
  const world = await open(t, [psap.uri('psap-0')], psap.uri('relay-us'), { deps: { transactionTimers: QUICK } });
  const peer = await openRaw(world.target());
  t.after(() => peer.transport.close());
  const { invite, ack, bye } = callOf(peer.sentBy);
  peer.send(invite('one'));
  await until(() => peer.responses.includes(200), 'the answer');
  peer.send(ack(psap));
  // The Accepted state lasts 64*T1, and a retransmission in it is absorbed without a word.
  await until(async () => {
    peer.send(invite('one'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return peer.responses.includes(482);
  }, 'the replay is told off');
  assert.equal(psap.simulator.calls().length, 1);
  assert.equal((await world.records()).length, 1);

  peer.send(bye(psap, 'caller', undefined));
  peer.send(invite('two'));
  await until(() => psap.simulator.calls().length === 2, 'a call with another branch');
});

/** A PSAP that does as told with every request: what no simulator of ours would do. */
async function openScripted(
  t: { after(end: () => Promise<void>): void },
  onRequest: (request: SipRequest, respond: (response: SipResponse) => void) => void,
): Promise<{ uri(user: string): string; acknowledged(): number }> {
  const transport = createSipTransport({ hosts: ['127.0.0.1'], port: 0, isTrusted: () => true, logger });
  let acknowledged = 0;
  const layer = createTransactionLayer({
    transport,
    clock: systemClock,
    logger,
    onRequest: (request, transaction) => onRequest(request, (response) => void transaction.respond(response)),
    onAck: () => void acknowledged++,
    onStrayResponse: () => undefined,
  });
  await transport.listen(layer.receive);
  t.after(async () => {
    layer.close();
    await transport.close();
  });
  const port = transport.addresses[0]?.port ?? 0;
  return { uri: (user) => `sip:${user}@127.0.0.1:${port}`, acknowledged: () => acknowledged };
}

test('a caller that hangs up by BYE while it rings is not forwarded to anybody else', async (t) => {
  const relay = await psapOf(t, 'answer');
  let endInvite: (() => void) | undefined;
  const psap = await openScripted(t, (request, respond) => {
    if (request.method === 'INVITE') {
      endInvite = () => respond(createResponse(request, 487, undefined, { toTag: 'rings' }));
      return respond(createResponse(request, 180, undefined, { toTag: 'rings' }));
    }
    respond(createResponse(request, 200));
    // RFC 3261 §15.1.2: what the BYE leaves pending is answered.
    if (request.method === 'BYE') endInvite?.();
  });
  const world = await open(t, [psap.uri('psap-0')], relay.uri('relay-us'));
  const peer = await openRaw(world.target());
  t.after(() => peer.transport.close());
  const call = callOf(peer.sentBy);
  peer.send(call.invite('one'));
  await until(() => peer.responses.includes(180), 'it rings');
  peer.send(call.bye(psap, 'caller', 'rings'));
  await until(() => peer.responses.includes(487) && peer.responses.includes(200), 'BYE and INVITE are answered');
  assert.equal((await world.records())[0]?.outcome, 'abandoned');
  assert.equal(relay.simulator.calls().length, 0, 'nobody else is called');
});

test('a PSAP whose Contact nobody outside its network can resolve has its ACK and its BYE all the same', async (t) => {
  const relay = await psapOf(t, 'answer');
  const psap = await openScripted(t, (request, respond) => {
    const headers = [{ name: 'Contact', value: '<sip:desk@psap-inside.invalid>' }];
    respond(createResponse(request, 200, undefined, request.method === 'INVITE' ? { toTag: 'desk', headers } : {}));
  });
  const world = await open(t, [psap.uri('psap-0')], relay.uri('relay-us'));
  const peer = await openRaw(world.target());
  t.after(() => peer.transport.close());
  const call = callOf(peer.sentBy);
  const inside = { uri: () => 'sip:desk@psap-inside.invalid' };
  peer.send(call.invite('one'));
  await until(() => peer.responses.includes(200), 'the answer');
  peer.send(call.ack(inside, 'desk'));
  await until(() => psap.acknowledged() === 1, 'the ACK');
  peer.send(call.bye(inside, 'caller', 'desk'));
  await until(async () => (await world.records())[0]?.outcome === 'completed', 'the end is recorded');
});

test('a BYE that was made up ends nobody’s record, the real one does', async (t) => {
  const psap = await psapOf(t, 'answer');
  const world = await open(t, [psap.uri('psap-0')], psap.uri('relay-us'));
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const call = phone.call();
  const answer = await call.final();
  await call.ack();
  const stranger = await openRaw(world.target());
  t.after(() => stranger.transport.close());
  const route = headerValue(answer, 'Record-Route') ?? '';
  const contact = /<([^>]+)>/.exec(headerValue(answer, 'Contact') ?? '')?.[1] ?? '';
  const forged = (to: string, from: string, branch: string): SipRequest => ({
    kind: 'request',
    method: 'BYE',
    uri: contact,
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP ${stranger.sentBy};branch=z9hG4bK${branch};rport` },
      { name: 'Route', value: route },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: from },
      { name: 'To', value: to },
      { name: 'Call-ID', value: call.callId },
      { name: 'CSeq', value: '99 BYE' },
    ],
    body: Buffer.alloc(0),
  });
  const realFrom = headerValue(answer, 'From') ?? '';
  stranger.send(forged('<sip:911@example.com>;tag=guessed', realFrom, 'a'));
  await until(() => stranger.responses.includes(481), 'the PSAP knows no such dialog');
  assert.equal((await world.records())[0]?.outcome, 'answered');
  assert.equal((await call.request('BYE')).status, 200);
  assert.equal((await world.records())[0]?.outcome, 'completed');
});

test('a PSAP that died costs the first calls its silence; later ones go elsewhere first, and come back when it does', async (t) => {
  const relay = await psapOf(t, 'answer');
  const first = await openPsap('answer');
  const uri = first.uri('psap-0');
  await first.stop();
  const world = await open(t, [uri], relay.uri('relay-us'), { silenceMs: 300, deps: { probeIntervalMs: 200 } });
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const attemptsOf = async (): Promise<(string | undefined)[]> => {
    const call = phone.call();
    assert.equal((await call.final()).status, 200);
    await call.ack();
    await call.request('BYE');
    return (await world.records()).at(-1)?.attempts.map(({ name }) => name) ?? [];
  };
  assert.equal((await attemptsOf()).length, 2);
  await until(
    () =>
      world.calls.listDestinations().some(({ state, destination }) => state === 'down' && uri.includes(destination)),
    'the PSAP is known to be dead',
  );
  assert.deepEqual(await attemptsOf(), ['Relay centre']);
  const again = await psapOf(t, 'answer', { port: first.port });
  await until(() => world.calls.listDestinations().every(({ state }) => state !== 'down'), 'it lives again');
  assert.equal((await attemptsOf()).length, 1);
  assert.equal(again.simulator.calls().length, 1);
});

test('a PSAP that flaps: every call has one session, a silence costs a call once at most', async (t) => {
  const manners: readonly PsapBehaviour[] = ['answer', 'silence', 'answer', 'garbage', 503, 'late', 'answer', 'busy'];
  let calls = 0;
  const flapping = await psapOf(t, () => manners[calls] ?? 'answer', { lateMs: 600 });
  const relay = await psapOf(t, 'answer');
  const world = await open(t, [flapping.uri('psap-0')], relay.uri('relay-us'), {
    silenceMs: 300,
    deps: { probeIntervalMs: 50 },
  });
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  for (; calls < manners.length; calls++) {
    const call = phone.call();
    assert.equal((await call.final()).status, 200, String(manners[calls]));
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200);
  }
  const records = await world.records();
  assert.equal(records.length, calls);
  for (const { outcome, attempts } of records) {
    assert.equal(outcome, 'completed');
    assert.ok(attempts.length <= 2, JSON.stringify(attempts));
    assert.equal(attempts.filter((attempt) => attempt.outcome === 'answered').length, 1);
  }
  assert.deepEqual([...world.alerted].sort(), records.map(({ id }) => id).sort());
});

for (const [what, jumpMs] of [
  ['set back by a day', -86_400_000],
  ['set forward by ten years', 10 * 365 * 86_400_000],
] as const) {
  test(`the clock is ${what} while calls ring and talk: they go on, and their records tell how long they took`, async (t) => {
    let jumpedMs = 0;
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + jumpedMs };
    const silent = await psapOf(t, 'silence');
    const relay = await psapOf(t, 'answer');
    const world = await open(t, [silent.uri('psap-0')], relay.uri('relay-us'), { silenceMs: 300, deps: { clock } });
    const phone = await openPhone({ target: world.target() });
    t.after(() => phone.close());
    const talking = phone.call();
    assert.equal((await talking.final()).status, 200);
    await talking.ack();
    const ringing = phone.call();
    await ringing.status(100);
    jumpedMs = jumpMs;
    assert.equal((await ringing.final()).status, 200, 'timers do not hang on the clock on the wall');
    await ringing.ack();
    for (const call of [talking, ringing]) assert.equal((await call.request('BYE')).status, 200);
    const records = await world.records();
    assert.equal(records.length, 2);
    for (const { startedAt, answeredAt, endedAt, outcome } of records) {
      assert.equal(outcome, 'completed');
      const [started, answered, ended] = [startedAt, answeredAt, endedAt].map((at) => Date.parse(at ?? ''));
      assert.ok(started !== undefined && answered !== undefined && ended !== undefined);
      assert.ok(
        started <= answered && answered <= ended && ended - started < 60_000,
        `${startedAt} ${answeredAt} ${endedAt}`,
      );
    }
  });
}

/** The requests of one call, made by hand. */
function callOf(sentBy: string) {
  const request = (
    method: string,
    uri: string,
    branch: string,
    tags: [string, string | undefined],
    cseq: string,
  ): SipRequest => ({
    kind: 'request',
    method,
    uri,
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP ${sentBy};branch=z9hG4bK${branch};rport` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: `<sip:+12145550100@${sentBy}>;tag=${tags[0]}` },
      { name: 'To', value: `<sip:911@${sentBy}>${tags[1] === undefined ? '' : `;tag=${tags[1]}`}` },
      { name: 'Call-ID', value: 'by-hand' },
      { name: 'CSeq', value: `${cseq} ${method}` },
      { name: 'Contact', value: `<sip:phone@${sentBy}>` },
    ],
    body: Buffer.alloc(0),
  });
  return {
    invite: (branch: string) => request('INVITE', `sip:911@${sentBy}`, branch, ['caller', undefined], '1'),
    ack: (psap: Pick<PsapWorld, 'uri'>, to = 'any') => request('ACK', psap.uri('psap-0'), 'ack', ['caller', to], '1'),
    bye: (psap: Pick<PsapWorld, 'uri'>, from: string, to: string | undefined) =>
      request('BYE', psap.uri('psap-0'), 'bye', [from, to], '2'),
  };
}
