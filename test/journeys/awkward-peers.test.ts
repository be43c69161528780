import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { decodeSipMessage } from '../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../src/wire/sip/encode-message.ts';
import { headerValue, removeHeader, type SipMessage, type SipRequest, setHeader } from '../../src/wire/sip/message.ts';
import { createResponse } from '../../src/wire/sip/responses.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { openPhone, type SipPhone } from '../support/sip-phone.ts';

let database: Database;

before(async () => {
  database = await openDatabase({ url: undefined, embeddedDir: undefined }, logger);
  await database.migrate();
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
