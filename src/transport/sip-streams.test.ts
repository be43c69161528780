import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { encodeSipMessage } from '../wire/sip/encode-message.ts';
import { headerValue, type SipMessage, type SipRequest } from '../wire/sip/message.ts';
import type { SipTarget } from './sip-flow.ts';
import { createSipTransport, type SipTransportDeps, type SipTransportEvent } from './sip-transport.ts';

const WAIT_MS = 5_000;
const logger = createLogger('silent');
const isFailed = (pattern: RegExp) => (error: unknown) =>
  error instanceof ProblemError && error.kind === 'upstream-failed' && pattern.test(error.message);

async function startTransport(t: TestContext, deps: Partial<SipTransportDeps> = {}) {
  const clock = createManualClock();
  const events: SipTransportEvent[] = [];
  const messages: SipMessage[] = [];
  const transport = createSipTransport({
    hosts: ['127.0.0.1'],
    port: 0,
    isTrusted: () => true,
    logger,
    clock,
    onEvent: (event) => events.push(event),
    ...deps,
  });
  await transport.listen((message) => void messages.push(message));
  t.after(() => transport.close());
  return { transport, clock, events, messages, port: transport.addresses[0]?.port ?? 0 };
}

/** A TCP peer of raw sockets. */
async function startPeer(t: TestContext) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const target: SipTarget = { protocol: 'tcp', address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return { target, sockets, server, accepted: () => until(() => sockets[0]) };
}

async function until<Value>(ready: () => Value | undefined | false): Promise<Value> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const value = ready();
    if (value !== undefined && value !== false) return value;
    assert.ok(performance.now() < giveUpAt, 'waited in vain');
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

async function dial(t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the transport has read what arrived before: a ping that comes later is answered later. */
async function readBefore(t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<void> {
  const socket = await dial(t, port, localAddress);
  socket.write('\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
}

function closed(socket: Socket): Promise<true> {
  const hasClosed = once(socket, 'close');
  socket.resume();
  return hasClosed.then(() => true as const);
}

function request(id: number, bodyBytes = 0): SipRequest {
  return {
    kind: 'request',
    method: 'MESSAGE',
    uri: 'sip:x@example.com',
    headers: [
      { name: 'Via', value: `SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK${id}` },
      { name: 'From', value: '<sip:a@example.com>;tag=1' },
      { name: 'To', value: '<sip:x@example.com>' },
      { name: 'Call-ID', value: String(id) },
      { name: 'CSeq', value: '1 MESSAGE' },
    ],
    body: Buffer.alloc(bodyBytes, 0x61),
  };
}

const OK =
  'SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\n' +
  'To: <sip:x@example.com>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n';

test('a burst of requests opens one connection, which is used again', async (t) => {
  const peer = await startPeer(t);
  const { transport } = await startTransport(t);
  await Promise.all([1, 2, 3, 4].map((id) => transport.send(request(id), peer.target)));
  await transport.send(request(5), peer.target);
  const socket = await peer.accepted();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until(() => text.includes('Call-ID: 5'));
  assert.equal(peer.sockets.length, 1);
});

test('a peer that never reads is closed, and whatever waited for it fails', async (t) => {
  const peer = await startPeer(t);
  const { transport } = await startTransport(t, { limits: { maxQueuedBytes: 200_000 } });
  const failures: Error[] = [];
  await transport.send(request(0), peer.target);
  (await peer.accepted()).pause();
  // Until the kernel takes no more: then they wait here, and one is too many.
  for (let id = 1; failures.length === 0; id++) {
    assert.ok(id < 2_000, 'bounded');
    transport.post(request(id, 60_000), peer.target, (error) => failures.push(error));
    await new Promise((resolve) => void setImmediate(resolve));
  }
  await until(() => failures.length >= 3);
  for (const error of failures) assert.ok(error instanceof ProblemError && error.kind === 'upstream-failed');
});

test('a peer that stops reading is closed when nothing has gone for five seconds', async (t) => {
  const peer = await startPeer(t);
  const { transport, clock, events } = await startTransport(t, { limits: { maxQueuedBytes: 2 ** 30 } });
  const failures: Error[] = [];
  await transport.send(request(0), peer.target);
  (await peer.accepted()).pause();
  let posted = 1;
  // Until the kernel takes no more.
  for (let taken = -1; taken !== events.length || posted < 100; posted++) {
    assert.ok(posted < 2_000, 'bounded');
    taken = events.length;
    transport.post(request(posted, 100_000), peer.target, (error) => failures.push(error));
    await new Promise((resolve) => void setImmediate(resolve));
  }
  clock.advance(4_000);
  assert.equal(failures.length, 0);
  clock.advance(2_000);
  await until(() => failures.length > 0);
  const sent = events.filter((event) => event === 'sent').length;
  // Those that the kernel took are lost with the connection too: nothing was heard after them.
  await until(() => failures.length === posted - 1 || failures.length >= posted - sent);
});

test('a request on a connection that ends without another word fails; one that was answered does not', async (t) => {
  const peer = await startPeer(t);
  const { transport, messages } = await startTransport(t);
  const failures: string[] = [];
  transport.post(request(1), peer.target, (error) => failures.push(error.message));
  const socket = await peer.accepted();
  await once(socket, 'data');
  socket.write(OK);
  await until(() => messages.length === 1);
  socket.end();
  await once(socket, 'close');
  transport.post(request(2), peer.target, (error) => failures.push(error.message));
  const second = await until(() => peer.sockets[1]);
  await once(second, 'data');
  second.resetAndDestroy();
  await until(() => failures.length > 0);
  assert.deepEqual(failures, ['the connection ended without an answer']);
});

test('idle connections are closed; a message that is never completed is, however its bytes trickle in', async (t) => {
  const { clock, port, messages } = await startTransport(t);
  const loris = await dial(t, port);
  const ended = closed(loris);
  loris.write('OPTIONS sip:x SIP/2.0\r\n');
  for (let second = 0; second <= 20; second++) {
    loris.write('X: y\r\n');
    await readBefore(t, port);
    clock.advance(1_000);
  }
  await ended;
  assert.equal(messages.length, 0);

  const idle = await dial(t, port);
  idle.write('\r\n\r\n');
  assert.equal(String((await once(idle, 'data'))[0]), '\r\n', 'RFC 5626 §4.4.1');
  const idleEnded = closed(idle);
  clock.advance(901_000);
  await idleEnded;
});

test('connections that we opened are pinged; a peer that used to answer and no longer does is given up', async (t) => {
  const peer = await startPeer(t);
  const { transport, clock, port } = await startTransport(t);
  await transport.send(request(1), peer.target);
  const socket = await peer.accepted();
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await until(() => heard.endsWith('\r\n\r\n'));
  heard = '';
  for (let round = 0; round < 3; round++) {
    clock.advance(61_000);
    await until(() => heard === '\r\n\r\n');
    heard = '';
    socket.write('\r\n');
    await readBefore(t, port);
  }
  // The next ping is not answered.
  const ended = closed(socket);
  clock.advance(61_000);
  await until(() => heard === '\r\n\r\n');
  clock.advance(10_000);
  await ended;
});

test('each address and all together have a bounded number of connections; the longest silent one makes room', async (t) => {
  const { clock, port, events } = await startTransport(t, {
    limits: { maxConnections: 4, maxConnectionsPerAddress: 2 },
  });
  const first = await dial(t, port, '127.0.0.2');
  await dial(t, port, '127.0.0.2');
  await closed(await dial(t, port, '127.0.0.2'));
  assert.deepEqual(events, ['full']);
  await dial(t, port, '127.0.0.3');
  await dial(t, port, '127.0.0.4');
  await closed(await dial(t, port, '127.0.0.5'));
  assert.deepEqual(events, ['full', 'full']);
  clock.advance(60_000);
  const makesRoom = closed(first);
  const welcome = await dial(t, port, '127.0.0.5');
  await makesRoom;
  assert.equal(welcome.destroyed, false);
  assert.deepEqual(events, ['full', 'full']);
  // The one that made room is counted off once: its address has one left, which makes room for the second of two more.
  welcome.destroy();
  await readBefore(t, port, '127.0.0.3');
  await dial(t, port, '127.0.0.2');
  await dial(t, port, '127.0.0.2');
  await closed(await dial(t, port, '127.0.0.2'));
  assert.deepEqual(events, ['full', 'full', 'full']);
});

test('peers that come in crowds leave room for the connections that we open', async (t) => {
  const peer = await startPeer(t);
  const { transport, port, events } = await startTransport(t, {
    limits: { maxConnections: 20, maxConnectionsPerAddress: 20 },
  });
  for (let number = 0; number < 18; number++) await dial(t, port, '127.0.0.2');
  await closed(await dial(t, port, '127.0.0.2'));
  assert.deepEqual(events, ['full']);
  await transport.send(request(1), peer.target);
  await peer.accepted();
});

test('whether a connection can be had is known at once after the first attempt, and tried again beside the calls', async (t) => {
  const peer = await startPeer(t);
  const { transport, clock } = await startTransport(t);
  const { port } = peer.target;
  assert.equal(await transport.canConnect(peer.target, 500), true);
  assert.equal(transport.canConnect(peer.target, 500), true, 'at once');
  assert.equal(transport.canConnect({ ...peer.target, protocol: 'udp' }, 500), false);

  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const target: SipTarget = { protocol: 'tcp', address: '127.0.0.1', port: (gone.address() as AddressInfo).port };
  await new Promise((resolve) => void gone.close(resolve));
  assert.notEqual(target.port, port);
  assert.equal(await transport.canConnect(target, 500), false);
  assert.equal(transport.canConnect(target, 500), false, 'at once');
  clock.advance(60_000);
  gone.listen(target.port, '127.0.0.1');
  await once(gone, 'listening');
  t.after(() => gone.close());
  assert.equal(transport.canConnect(target, 500), false, 'no call waits for it');
  await until(() => transport.canConnect(target, 500) === true);
  await assert.rejects(transport.send(request(1), { ...target, port: 1 }), isFailed(/TCP/));
});

test('a connection that floods us is read a piece at a time: another one has its turn in between', async (t) => {
  const { messages, port } = await startTransport(t);
  const [flood, other] = [await dial(t, port), await dial(t, port)];
  const bytes = (id: number): Buffer => encodeSipMessage(request(id));
  const idOf = (message: SipMessage): string => headerValue(message, 'Via') ?? '';
  const last = 8_000;
  flood.write(Buffer.concat(Array.from({ length: last }, (_, index) => bytes(index + 1))));
  other.write(bytes(9_999_999));
  await until(() => messages.some((message) => idOf(message).endsWith('9999999')));
  const before = messages.findIndex((message) => idOf(message).endsWith('9999999'));
  assert.ok(before < 700, `${before} messages of the flood came before`);
  await until(() => messages.length === last + 1);
  const ofFlood = messages.filter((_, index) => index !== before).map(idOf);
  assert.deepEqual(
    ofFlood.map((via) => via.slice(via.lastIndexOf('K') + 1)),
    Array.from({ length: last }, (_, index) => String(index + 1)),
    'whole, and in order',
  );
});
