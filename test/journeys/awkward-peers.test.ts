import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { RFC3261_TIMERS } from '../../src/calls/transactions/timer-table.ts';
import type { Database } from '../../src/storage/database.ts';
import { decodeSipMessage } from '../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../src/wire/sip/encode-message.ts';
import { headerValue, removeHeader, type SipMessage, type SipRequest, setHeader } from '../../src/wire/sip/message.ts';
import { readTag } from '../../src/wire/sip/name-addr.ts';
import { createResponse } from '../../src/wire/sip/responses.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { openPhone, type SipPhone } from '../support/sip-phone.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});

beforeEach(() => database.db.deleteFrom('emergencyCalls').execute());

after(() => database.close());

/** A SIP peer whose every byte the test decides. */
type RawPeer = {
  port: number;
  received: SipMessage[];
  next(wanted: (message: SipMessage) => boolean): Promise<SipMessage>;
  send(bytes: Buffer | string, port: number): void;
};

async function openRawPeer(
  t: TestContext,
  onRequest: (request: SipRequest, reply: (message: SipMessage) => void) => void = () => undefined,
): Promise<RawPeer> {
  const socket: Socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => new Promise<void>((resolve) => void socket.close(() => resolve())));
  const received: SipMessage[] = [];
  const waiters: { wanted: (message: SipMessage) => boolean; resolve: (message: SipMessage) => void }[] = [];
  socket.on('message', (bytes, source) => {
    const message = decodeSipMessage(bytes);
    received.push(message);
    for (const { wanted, resolve } of waiters) if (wanted(message)) resolve(message);
    if (message.kind === 'request') {
      onRequest(message, (reply) => socket.send(encodeSipMessage(reply), source.port, source.address));
    }
  });
  return {
    port: socket.address().port,
    received,
    next(wanted) {
      const known = received.find(wanted);
      return known ? Promise.resolve(known) : new Promise((resolve) => waiters.push({ wanted, resolve }));
    },
    send(bytes, port) {
      socket.send(bytes, port, '127.0.0.1');
    },
  };
}

const CONTACT = { name: 'Contact', value: '<sip:psap@127.0.0.1:9>' };

type Scene = { world: CallWorld; phone: SipPhone; relay: PsapWorld };

async function openScene(
  t: TestContext,
  psapUris: readonly string[],
  options: Partial<Parameters<typeof openCallWorld>[0]> & { phoneProtocol?: 'udp' | 'tcp' } = {},
): Promise<Scene> {
  const relay = await openPsap('answer');
  t.after(() => relay.stop());
  const world = await openCallWorld({ database, psapUris, relayUri: relay.uri('relay-us'), ...options });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target(options.phoneProtocol ?? 'udp') });
  t.after(() => phone.close());
  return { world, phone, relay };
}

const RELAY = 'X-Waymark-Simulated-Psap';

test('a 100 that arrives behind a 180 does not cut the ringing short', async (t) => {
  const psap = await openRawPeer(t, (request, reply) => {
    if (request.method !== 'INVITE') return;
    reply(createResponse(request, 180, undefined, { toTag: 'p', headers: [CONTACT] }));
    reply(createResponse(request, 100));
    const late = setTimeout(
      () => reply(createResponse(request, 200, undefined, { toTag: 'p', headers: [CONTACT] })),
      900,
    );
    t.after(() => clearTimeout(late));
  });
  const { phone, relay } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`], {
    deps: { timers: { tryingMs: 200, journalMs: 1_000 } },
  });
  const answer = await phone.call().final();
  assert.equal(headerValue(answer, RELAY), undefined);
  assert.equal(answer.status, 200);
  assert.equal(relay.simulator.calls().length, 0);
});

test('a destination that says 100 again and again is passed over', { timeout: 20_000 }, async (t) => {
  const timers: NodeJS.Timeout[] = [];
  t.after(() => timers.forEach((timer) => clearInterval(timer)));
  const psap = await openRawPeer(t, (request, reply) => {
    if (request.method === 'INVITE') timers.push(setInterval(() => reply(createResponse(request, 100)), 100));
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`], {
    deps: { timers: { tryingMs: 400, journalMs: 1_000 } },
  });
  assert.equal(headerValue(await phone.call().final(), RELAY), 'relay-us');
});

test('an answer whose lower Via values got lost on the way still reaches the caller', {
  timeout: 10_000,
}, async (t) => {
  const psap = await openRawPeer(t, (request, reply) => {
    if (request.method !== 'INVITE') return;
    const ok = createResponse(request, 200, undefined, { toTag: 'p', headers: [CONTACT] });
    reply(setHeader(ok, 'Via', headerValue(ok, 'Via') ?? ''));
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
  const answer = await phone.call().final();
  assert.equal(answer.status, 200);
  assert.equal(headerValue(answer, RELAY), undefined);
});

test('a 200 that belongs to another call, or to none, is passed over as silence', { timeout: 20_000 }, async (t) => {
  for (const spoil of [
    (ok: SipMessage) => setHeader(ok, 'Call-ID', 'somebody-else'),
    (ok: SipMessage) => removeHeader(ok, 'Call-ID'),
    (ok: SipMessage) => setHeader(ok, 'To', '<<<>'),
    (ok: SipMessage) => removeHeader(ok, 'From'),
  ]) {
    const psap = await openRawPeer(t, (request, reply) => {
      if (request.method !== 'INVITE') return;
      reply(spoil(createResponse(request, 200, undefined, { toTag: 'p', headers: [CONTACT] })));
    });
    const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
    assert.equal(headerValue(await phone.call().final(), RELAY), 'relay-us');
  }
});

test('redirections are followed in the order of the Contact values', async (t) => {
  const seen: string[] = [];
  const refuse = (name: string) =>
    openRawPeer(t, (request, reply) => {
      if (request.method !== 'INVITE') return;
      seen.push(name);
      reply(createResponse(request, 480, undefined, { toTag: name }));
    });
  const [first, second] = [await refuse('first'), await refuse('second')];
  const psap = await openRawPeer(t, (request, reply) => {
    const headers = [
      { name: 'Contact', value: `<sip:a@127.0.0.1:${first.port}?Subject=x>, <sip:b@127.0.0.1:${second.port}>` },
    ];
    if (request.method === 'INVITE') reply(createResponse(request, 302, undefined, { toTag: 'p', headers }));
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
  await phone.call().final();
  assert.deepEqual(seen, ['first', 'second']);
});

function inviteText(port: number, changes: { via?: string; lines?: string[]; maxForwards?: string } = {}): string {
  return [
    'INVITE sip:911@waymark.example.net SIP/2.0',
    changes.via ?? `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${Math.random()};rport`,
    `Max-Forwards: ${changes.maxForwards ?? '70'}`,
    'From: <sip:+12145550100@example.net>;tag=a',
    'To: <sip:911@example.net>',
    `Call-ID: ${Math.random()}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:phone@127.0.0.1:${port}>`,
    ...(changes.lines ?? []),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

test('a call for help is not refused for what nobody needs to read', { timeout: 60_000 }, async (t) => {
  const { world } = await openScene(t, []);
  const { port } = world.target();
  const cases: Record<string, Parameters<typeof inviteText>[1]> = {
    'Via with a zone': { via: 'Via: SIP/2.0/UDP [fe80::1%25eth0]:5060;branch=z9hG4bKzone;rport' },
    'Via with a bare zone': { via: 'Via: SIP/2.0/UDP [fe80::1%eth0]:5060;branch=z9hG4bKzone2;rport' },
    'Via with an empty port': { via: 'Via: SIP/2.0/UDP 127.0.0.1:;branch=z9hG4bKport;rport' },
    'a lower Via that is unreadable': {
      lines: ['Via: SIP/2.0/UDP'],
    },
    'a lower Via of somebody with our address': {
      lines: [`Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK74bf9`],
    },
    'a line without colon': { lines: ['this is no header'] },
    'a header name with a space': { lines: ['My Header: x'] },
    'an empty header name': { lines: [': x'] },
    'a very long header': { lines: [`X-Long: ${'x'.repeat(20_000)}`] },
    'Max-Forwards that is no number': { maxForwards: 'many' },
    'Max-Forwards twice': { lines: ['Max-Forwards: 69'] },
    'no Max-Forwards to speak of': { maxForwards: '' },
    'a second Content-Length': { lines: ['l: 0'] },
  };
  const refused: string[] = [];
  for (const [name, changes] of Object.entries(cases)) {
    const phone = await openRawPeer(t);
    phone.send(inviteText(phone.port, changes), port);
    const final = phone.next((message) => message.kind === 'response' && message.status >= 200);
    const answer = await Promise.race([final, setTimeoutPromise(2_500)]);
    if (answer?.kind !== 'response' || answer.status !== 200) {
      refused.push(`${name}: ${answer?.kind === 'response' ? `${answer.status} ${answer.reason}` : 'nothing'}`);
    }
  }
  assert.deepEqual(refused, []);
});

test('a call too large for a datagram goes to the destination over TCP', { timeout: 20_000 }, async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  server.on('connection', (socket) => {
    t.after(() => socket.destroy());
    let seen = 0;
    socket.on('data', (chunk) => {
      seen += chunk.length;
      if (seen > 64_950) resolve();
    });
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${address.port}`], { phoneProtocol: 'tcp' });
  const call = phone.call({ body: Buffer.alloc(64_950, 0x61), contentType: 'text/plain' });
  await call.status(100);
  await arrived;
});

test('a re-INVITE that crosses the end of a test call does not begin another one', { timeout: 20_000 }, async (t) => {
  const { world, phone } = await openScene(t, []);
  const call = phone.call({ uri: `sip:933@${phone.sentBy}` });
  await call.final();
  await call.ack();
  await call.hungUp();
  assert.equal((await call.request('INVITE', { body: call.invite.body })).status, 481);
  assert.equal((await world.records()).length, 1);
});

/** `200` to a request, as a PSAP that speaks for itself. */
function accept(request: SipRequest, toTag: string, contact: string = CONTACT.value): SipMessage {
  return createResponse(request, 200, undefined, { toTag, headers: [{ name: 'Contact', value: contact }] });
}

function isRequest(message: SipMessage, method: string, toTag: string): boolean {
  return message.kind === 'request' && message.method === method && readTag(message, 'To') === toTag;
}

test('CANCEL and 200 cross: the answer wins and the caller has its session', async (t) => {
  const psap: RawPeer = await openRawPeer(t, (request, reply) => {
    if (request.method === 'INVITE') reply(createResponse(request, 180, undefined, { toTag: 'p', headers: [CONTACT] }));
    if (request.method !== 'CANCEL') return;
    const invite = psap.received.find((message) => message.kind === 'request' && message.method === 'INVITE');
    assert.ok(invite?.kind === 'request');
    reply(accept(invite, 'p'));
    reply(createResponse(request, 200, undefined, { toTag: 'p' }));
  });
  const { world, phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
  const call = phone.call();
  await call.status(180);
  call.cancel();
  assert.equal((await call.final()).status, 200);
  const [record] = await world.records();
  assert.equal(record?.outcome, 'answered');
});

test('an answer after the caller was told 487 is acknowledged and ended', async (t) => {
  const psap: RawPeer = await openRawPeer(t, (request, reply) => {
    if (request.method === 'INVITE') {
      reply(createResponse(request, 180, undefined, { toTag: 'p', headers: [CONTACT] }));
      const late = setTimeout(() => reply(accept(request, 'p', `<sip:psap@127.0.0.1:${psap.port}>`)), 600);
      t.after(() => clearTimeout(late));
    } else if (request.method !== 'ACK') reply(createResponse(request, 200, undefined, { toTag: 'p' }));
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`], {
    deps: { timers: { cancelMs: 100, journalMs: 1_000 } },
  });
  const call = phone.call();
  await call.status(180);
  call.cancel();
  assert.equal((await call.final()).status, 487);
  await psap.next((message) => isRequest(message, 'ACK', 'p'));
  await psap.next((message) => isRequest(message, 'BYE', 'p'));
});

test('a fork answers twice: the caller gets the first, the second is acknowledged and ended', async (t) => {
  const psap: RawPeer = await openRawPeer(t, (request, reply) => {
    const contact = `<sip:psap@127.0.0.1:${psap.port}>`;
    if (request.method === 'INVITE') for (const tag of ['one', 'two']) reply(accept(request, tag, contact));
    else if (request.method !== 'ACK') reply(createResponse(request, 200));
  });
  const { phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
  const call = phone.call();
  assert.equal(readTag(await call.final(), 'To'), 'one');
  await call.ack();
  await psap.next((message) => isRequest(message, 'ACK', 'two'));
  await psap.next((message) => isRequest(message, 'BYE', 'two'));
  await psap.next((message) => isRequest(message, 'ACK', 'one'));
  assert.ok(!psap.received.some((message) => isRequest(message, 'BYE', 'one')));
  assert.deepEqual(
    call.responses.filter(({ status }) => status >= 200).map((response) => readTag(response, 'To')),
    ['one'],
  );
});

test('an answer after every timer ran out is acknowledged and ended, whoever took the call meanwhile', async (t) => {
  const psap: RawPeer = await openRawPeer(t, (request, reply) => {
    if (request.method !== 'INVITE') return;
    if (psap.received.filter((message) => message.kind === 'request' && message.method === 'INVITE').length > 1) return;
    const late = setTimeout(() => reply(accept(request, 'late', `<sip:psap@127.0.0.1:${psap.port}>`)), 1_500);
    t.after(() => clearTimeout(late));
  });
  const { phone, relay } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`], {
    deps: {
      transactionTimers: { ...RFC3261_TIMERS, t1Ms: 10, timerDMs: 700 },
      timers: { tryingMs: 200, journalMs: 1_000 },
    },
  });
  const call = phone.call();
  assert.equal(headerValue(await call.final(), RELAY), 'relay-us');
  await call.ack();
  await psap.next((message) => isRequest(message, 'ACK', 'late'));
  await psap.next((message) => isRequest(message, 'BYE', 'late'));
  assert.equal(relay.simulator.calls()[0]?.outcome, 'acknowledged');
  assert.equal(call.responses.filter(({ status }) => status >= 200).length, 1);
});

test('the end of a session that was not wanted does not end the record of the one that is', async (t) => {
  const psap: RawPeer = await openRawPeer(t, (request, reply) => {
    if (request.method !== 'INVITE') return;
    for (const tag of ['one', 'two']) reply(accept(request, tag, `<sip:psap@127.0.0.1:${psap.port}>`));
  });
  const { world, phone } = await openScene(t, [`sip:psap@127.0.0.1:${psap.port}`]);
  const call = phone.call();
  const ok = await call.final();
  await call.ack();
  const { port } = world.target();
  const bye = (tag: string) =>
    encodeSipMessage({
      kind: 'request',
      method: 'BYE',
      uri: `sip:phone@${phone.sentBy}`,
      headers: [
        { name: 'Via', value: `SIP/2.0/UDP 127.0.0.1:${psap.port};branch=z9hG4bK${tag}` },
        { name: 'Route', value: `<sip:127.0.0.1:${port};lr>` },
        { name: 'From', value: `<sip:911@example.net>;tag=${tag}` },
        { name: 'To', value: headerValue(ok, 'From') ?? '' },
        { name: 'Call-ID', value: call.callId },
        { name: 'CSeq', value: '1 BYE' },
      ],
      body: Buffer.alloc(0),
    });
  psap.send(bye('two'), port);
  await psap.next((message) => message.kind === 'response' && readTag(message, 'From') === 'two');
  assert.equal((await world.records())[0]?.outcome, 'answered');
  psap.send(bye('one'), port);
  await psap.next((message) => message.kind === 'response' && readTag(message, 'From') === 'one');
  assert.equal((await world.records())[0]?.outcome, 'completed');
});

test('every legal way to write 911 is a call for help', async (t) => {
  const { phone } = await openScene(t, []);
  for (const uri of [
    'tel:911',
    'tel:911;phone-context=+1',
    'tel:9-1-1;phone-context=example.com',
    'sip:911',
    'SIP:911@example.net',
    'sips:911@example.net',
    'sip:911;phone-context=%2B1@example.net;user=dialstring',
    'sip:%39%31%31@example.net',
    'sip:911:secret@example.net?Subject=help',
    'sip:911@[2001:db8::1]:5070;transport=tcp',
    'URN:Service:SOS',
    'urn:service:sos.police',
  ]) {
    const call = phone.call({ uri });
    assert.equal((await call.final()).status, 200, uri);
    await call.ack();
  }
});
