import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { encodeSipMessage } from '../wire/sip/encode-message.ts';
import { headerValue, type SipMessage, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { SipFlow, SipTransport } from './sip-flow.ts';
import {
  createSipTransport,
  SIP_TRANSPORT_LIMITS,
  type SipTransportDeps,
  type SipTransportEvent,
} from './sip-transport.ts';

const WAIT_MS = 5_000;
const logger = createLogger('silent');
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const resource of opened.splice(0)) await resource.close();
});

type Arrival = { message: SipMessage; flow: SipFlow };

/** A transport that queues what it receives. */
async function startPeer(deps: Partial<SipTransportDeps> = {}) {
  const queue: Arrival[] = [];
  const waiting: ((arrival: Arrival) => void)[] = [];
  const events: SipTransportEvent[] = [];
  const transport = createSipTransport({
    hosts: ['127.0.0.1', '::1'],
    port: 0,
    isTrusted: () => true,
    logger,
    onEvent: (event) => events.push(event),
    ...deps,
  });
  await transport.listen((message, flow) => {
    const next = waiting.shift();
    if (next) next({ message, flow });
    else queue.push({ message, flow });
  });
  opened.push(transport);
  const next = (): Promise<Arrival> => {
    const ready = queue.shift();
    if (ready) return Promise.resolve(ready);
    return within(new Promise((resolve) => void waiting.push(resolve)));
  };
  return { transport, next, events, port: transport.addresses[0]?.port ?? 0 };
}

function within<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`nothing came within ${WAIT_MS} ms`)), WAIT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function optionsRequest(transport: SipTransport, target: { protocol: 'udp' | 'tcp'; address: string; port: number }) {
  const request: SipRequest = {
    kind: 'request',
    method: 'OPTIONS',
    uri: 'sip:test@example.com',
    headers: [
      {
        name: 'Via',
        value: `SIP/2.0/${target.protocol.toUpperCase()} ${transport.sentBy(target)};branch=z9hG4bK1;rport`,
      },
      { name: 'From', value: '<sip:a@example.com>;tag=1' },
      { name: 'To', value: '<sip:test@example.com>' },
      { name: 'Call-ID', value: 'c1' },
      { name: 'CSeq', value: '1 OPTIONS' },
    ],
    body: Buffer.from([0, 1, 2, 0xff, 0x0d, 0x0a]),
  };
  return request;
}

for (const protocol of ['udp', 'tcp'] as const) {
  for (const address of ['127.0.0.1', '::1']) {
    test(`a request and its response cross ${protocol} on ${address}`, async () => {
      const [caller, callee] = [await startPeer(), await startPeer()];
      const target = { protocol, address, port: callee.port };
      await caller.transport.send(optionsRequest(caller.transport, target), target);
      const arrived = await callee.next();
      assert.equal(arrived.message.kind, 'request');
      assert.deepEqual(arrived.message.body, Buffer.from([0, 1, 2, 0xff, 0x0d, 0x0a]));
      assert.equal(arrived.flow.protocol, protocol);
      assert.equal(arrived.flow.remoteAddress, address);
      const via = headerValue(arrived.message, 'Via') ?? '';
      assert.match(via, new RegExp(`;rport=${arrived.flow.remotePort};?`));
      assert.ok(via.includes(`received=${address}`));

      assert.ok(arrived.message.kind === 'request');
      await callee.transport.send(createResponse(arrived.message, 200), arrived.flow);
      const answer = await caller.next();
      assert.ok(answer.message.kind === 'response');
      assert.equal(answer.message.status, 200);
    });
  }
}

test('IPv6: sent-by in brackets, a response without rport goes to the port of sent-by, an IPv4 address in IPv6 is IPv4', async () => {
  const [caller, callee] = [await startPeer(), await startPeer()];
  const target = { protocol: 'udp', address: '::1', port: callee.port } as const;
  assert.equal(caller.transport.sentBy(target), `[::1]:${caller.port}`);
  const request = optionsRequest(caller.transport, target);
  const [via, ...others] = request.headers;
  const plain = { name: 'Via', value: (via?.value ?? '').replace(';rport', '') };
  await caller.transport.send({ ...request, headers: [plain, ...others] }, target);
  const { message, flow } = await callee.next();
  assert.ok(message.kind === 'request');
  assert.equal(headerValue(message, 'Via'), plain.value, 'sent-by is where it came from: nothing to note');
  await callee.transport.send(createResponse(message, 200), flow);
  assert.equal((await caller.next()).flow.remoteAddress, '::1');

  for (const protocol of ['udp', 'tcp'] as const) {
    const mapped = { protocol, address: '::ffff:127.0.0.1', port: callee.port };
    assert.equal(caller.transport.sentBy(mapped), `127.0.0.1:${caller.port}`);
    await caller.transport.send(optionsRequest(caller.transport, mapped), mapped);
    assert.equal((await callee.next()).flow.remoteAddress, '127.0.0.1');
  }
});

test('UDP and TCP share one port on every host', async () => {
  const { transport, port } = await startPeer();
  assert.equal(transport.addresses.length, 4);
  assert.ok(transport.addresses.every((address) => address.port === port && port > 0));
});

test('listening on a port that is taken is refused', async () => {
  const { port } = await startPeer();
  const second = createSipTransport({ hosts: ['127.0.0.1'], port, isTrusted: () => true, logger });
  await assert.rejects(
    second.listen(() => undefined),
    { code: 'EADDRINUSE' },
  );
  await second.close();
});

test('strangers are dropped on UDP and TCP, called peers may answer', async () => {
  const callee = await startPeer();
  const caller = await startPeer({ isTrusted: () => false });
  const target = { protocol: 'udp', address: '127.0.0.1', port: callee.port } as const;

  const stranger = connect({ host: '127.0.0.1', port: caller.port });
  opened.push({ close: () => stranger.destroy() });
  await within(once(stranger, 'close'));
  assert.deepEqual(caller.events, ['untrusted']);

  await caller.transport.send(optionsRequest(caller.transport, target), target);
  const { message, flow } = await callee.next();
  assert.ok(message.kind === 'request');
  await callee.transport.send(createResponse(message, 200), flow);
  assert.equal((await caller.next()).message.kind, 'response');
});

test('a response to a request without rport goes to the port of sent-by (RFC 3261 §18.2.2)', async () => {
  const callee = await startPeer();
  const [sender, listener] = [createSocket('udp4'), createSocket('udp4')];
  opened.push(sender, listener);
  await Promise.all(
    [sender, listener].map((socket) => new Promise((done) => socket.bind(0, '127.0.0.1', () => done(0)))),
  );
  sender.send(
    `OPTIONS sip:x@y SIP/2.0\r\nv: SIP/2.0/UDP phone.example.com:${listener.address().port};branch=z9hG4bKx\r\n` +
      'f: <sip:a@b>;tag=1\r\nt: <sip:x@y>\r\ni: 1\r\nCSeq: 1 OPTIONS\r\n\r\n',
    callee.port,
    '127.0.0.1',
  );
  const { message, flow } = await callee.next();
  assert.ok(message.kind === 'request');
  const answered = once(listener, 'message');
  await callee.transport.send(createResponse(message, 200), flow);
  const [bytes] = (await within(answered)) as [Buffer];
  assert.match(
    bytes.toString(),
    /^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/UDP phone\.example\.com:\d+;branch=z9hG4bKx;received=127\.0\.0\.1\r\n/,
  );
});

test('an unreadable datagram with readable headers is answered 400, noise is dropped, the transport lives', async () => {
  const callee = await startPeer();
  const client = createSocket('udp4');
  opened.push(client);
  const answered = once(client, 'message');
  const send = (data: string | Buffer) => client.send(data, callee.port, '127.0.0.1');
  send(Buffer.alloc(60_000, 0xff));
  send('\r\n\r\n');
  send(
    'INVITE sip:911@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKz\r\nFrom: <sip:a@b>;tag=1\r\n' +
      'To: <sip:911@b>\r\nCall-ID: 9\r\nCSeq: 1 INVITE\r\nContent-Length: 99999\r\n\r\nshort',
  );
  const [bytes] = (await within(answered)) as [Buffer];
  assert.match(bytes.toString(), /^SIP\/2\.0 400 Bad Request \(Content-Length says 99999/);
  assert.deepEqual(callee.events, ['malformed', 'malformed', 'sent']);
});

test('TCP: split and joined messages, keep-alives, then an unframeable one is answered and the connection closed', async () => {
  const callee = await startPeer();
  const socket = connect({ host: '127.0.0.1', port: callee.port });
  opened.push({ close: () => socket.destroy() });
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  const closed = once(socket, 'close');
  const message = (id: string, body: string) =>
    `MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${id}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\n` +
    `Call-ID: ${id}\r\nCSeq: 1 MESSAGE\r\nl: ${body.length}\r\n\r\n${body}`;
  const first = message('one', 'hello\r\n\r\nthere');
  socket.write(first.slice(0, 50));
  socket.write(first.slice(50) + message('two', '') + '\r\n\r\n' + message('three', 'x').slice(0, 20));
  socket.write(message('three', 'x').slice(20));
  assert.equal((await callee.next()).message.body.toString(), 'hello\r\n\r\nthere');
  assert.equal(headerValue((await callee.next()).message, 'Call-ID'), 'two');
  assert.equal(headerValue((await callee.next()).message, 'Call-ID'), 'three');
  socket.write(message('four', '').replace('l: 0\r\n', ''));
  await within(closed);
  const text = Buffer.concat(received).toString();
  assert.ok(text.startsWith('\r\nSIP/2.0 400 Bad Request (Content-Length is required'), text);
});

test('TCP: a busy connection lives on though no read ends between two messages; one that stops in the middle is closed', async () => {
  const clock = createManualClock();
  const callee = await startPeer({ clock });
  const socket = connect({ host: '127.0.0.1', port: callee.port });
  opened.push({ close: () => socket.destroy() });
  const closed = once(socket, 'close');
  const message = (id: number) =>
    `MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${id}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\n` +
    `Call-ID: ${id}\r\nCSeq: 1 MESSAGE\r\nl: 0\r\n\r\n`;
  socket.write(message(0) + message(1).slice(0, 40));
  for (let id = 0; id < 6; id++) {
    assert.equal(headerValue((await callee.next()).message, 'Call-ID'), String(id));
    clock.advance(SIP_TRANSPORT_LIMITS.messageTimeoutMs / 2);
    socket.write(message(id + 1).slice(40) + message(id + 2).slice(0, 40));
  }
  await callee.next();
  clock.advance(SIP_TRANSPORT_LIMITS.messageTimeoutMs + 1);
  await within(closed);
});

test('strangers with ever new addresses do not fill the log', async () => {
  const clock = createManualClock();
  const logged: string[] = [];
  const quiet = createLogger('silent');
  quiet.warn = (fields: { remoteAddress: string }) => logged.push(fields.remoteAddress);
  const callee = await startPeer({ clock, logger: quiet, isTrusted: () => false });
  const sendFrom = async (host: string): Promise<void> => {
    const before = callee.events.length;
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    socket.send('OPTIONS sip:x@y SIP/2.0\r\n\r\n', callee.port, '127.0.0.1');
    while (callee.events.length === before) await new Promise((resolve) => void setImmediate(resolve));
    await new Promise<void>((resolve) => void socket.close(() => resolve()));
  };
  for (let number = 2; number < 102; number++) await sendFrom(`127.0.0.${number}`);
  assert.equal(callee.events.filter((event) => event === 'untrusted').length, 100, 'every one is counted');
  assert.equal(logged.length, 60);
  clock.advance(60_000);
  await sendFrom('127.0.0.200');
  assert.equal(logged.at(-1), '127.0.0.200');
});

test('messages of one turn of the event loop arrive in the order in which they were posted, also when it ends with a close', async () => {
  const [caller, callee] = [await startPeer(), await startPeer()];
  const target = { protocol: 'udp', address: '127.0.0.1', port: callee.port } as const;
  const count = 20;
  for (let number = 0; number < count; number++) {
    const request = { ...optionsRequest(caller.transport, target), uri: `sip:${number}@example.com` };
    caller.transport.post(request, target, (error) => assert.fail(error));
  }
  assert.deepEqual(caller.events, [], 'nothing is sent before the turn ends');
  await caller.transport.close();
  for (let number = 0; number < count; number++) {
    const { message } = await callee.next();
    assert.ok(message.kind === 'request');
    assert.equal(message.uri, `sip:${number}@example.com`);
  }
});

test('who posts is told when a message cannot be sent, once, and the others go out', async () => {
  const [caller, callee] = [await startPeer(), await startPeer()];
  const target = { protocol: 'udp', address: '127.0.0.1', port: callee.port } as const;
  const request = optionsRequest(caller.transport, target);
  const failures: Error[] = [];
  const note = (error: Error): void => void failures.push(error);
  caller.transport.post({ ...request, body: Buffer.alloc(65_000, 0x61) }, target, note);
  caller.transport.post({ ...request, body: Buffer.alloc(66_000, 0x61) }, target, note);
  caller.transport.post(request, { ...target, address: 'not-an-address' }, note);
  await caller.transport.send(request, target);
  assert.ok((await callee.next()).message.body.length >= 6);
  assert.deepEqual(
    failures.map((error) => error instanceof ProblemError && error.kind),
    ['too-large', 'upstream-failed'],
  );
});

test('over TCP a message may be larger than a datagram', async () => {
  const [caller, callee] = [await startPeer(), await startPeer()];
  const target = { protocol: 'tcp', address: '127.0.0.1', port: callee.port } as const;
  const body = Buffer.alloc(200_000, 0x61);
  await caller.transport.send({ ...optionsRequest(caller.transport, target), body }, target);
  assert.ok((await callee.next()).message.body.equals(body));
});

test('a TCP peer that does not listen is reported as ProblemError', async () => {
  const peer = await startPeer();
  const gone = await startPeer();
  await gone.transport.close();
  const target = { protocol: 'tcp', address: '127.0.0.1', port: gone.port } as const;
  await assert.rejects(
    peer.transport.send(optionsRequest(peer.transport, target), target),
    (error) => error instanceof ProblemError && error.kind === 'upstream-failed',
  );
  assert.deepEqual(peer.events, ['send-failed']);
});

test('a lost TCP connection is replaced by one to the sent-by of the Via', async () => {
  const callee = await startPeer();
  const caller = await startPeer({ hosts: ['127.0.0.1'] });
  const socket = connect({ host: '127.0.0.1', port: callee.port });
  const request =
    `OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:${caller.port};branch=z9hG4bK7\r\nFrom: <sip:a@b>;tag=1\r\n` +
    'To: <sip:x@y>\r\nCall-ID: 7\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n';
  socket.write(request);
  const { message, flow } = await callee.next();
  const closed = once(socket, 'close');
  socket.destroy();
  await within(closed);
  assert.ok(message.kind === 'request');
  await callee.transport.send(createResponse(message, 200), { ...flow, remotePort: 1 });
  assert.equal((await caller.next()).message.kind, 'response');
});

test('a call for help that comes behind a flood of datagrams is delivered before it', async () => {
  const order: string[] = [];
  const transport = createSipTransport({ hosts: ['127.0.0.1'], port: 0, isTrusted: () => true, logger });
  opened.push(transport);
  const { promise: hasCome, resolve } = Promise.withResolvers<void>();
  await transport.listen(
    (message) => {
      order.push(message.kind === 'request' ? message.method : '');
      if (order.length === 201) resolve();
    },
    (bytes) => (bytes.toString('latin1', 0, 6) === 'INVITE' ? 'emergency' : 'call'),
  );
  const target = { protocol: 'udp', address: '127.0.0.1', port: transport.addresses[0]?.port ?? 0 } as const;
  const sender = createSocket('udp4');
  opened.push({ close: () => void sender.close() });
  sender.bind(0, '127.0.0.1');
  await once(sender, 'listening');
  const flood = encodeSipMessage(optionsRequest(transport, target));
  const call = encodeSipMessage({ ...optionsRequest(transport, target), method: 'INVITE' });
  for (let one = 0; one < 200; one++) sender.send(flood, target.port, target.address);
  sender.send(call, target.port, target.address);
  await within(hasCome);
  assert.ok(order.indexOf('INVITE') < 100, `it was number ${order.indexOf('INVITE')}`);
});
