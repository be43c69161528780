import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSipStream } from './sip-stream.ts';
import { SIP_TRANSPORT_LIMITS } from './sip-transport.ts';

const WAIT_MS = 5_000;

async function until(isReady: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS;
  while (!isReady()) {
    assert.ok(performance.now() < giveUpAt, 'waited in vain');
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** A stream whose turns come when the test says so, and its peer. */
async function setUp(t: TestContext, { isOurs = false, hasTurns = true } = {}) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await accepted) as [Socket];
  t.after(() => {
    peer.destroy();
    socket.destroy();
    server.close();
  });
  const clock = createManualClock();
  const due: (() => void)[] = [];
  const messages: string[] = [];
  const run = (_: string, job: () => void): boolean => {
    if (hasTurns) due.push(job);
    else job();
    return true;
  };
  const stream = createSipStream(socket, {
    flow: {
      protocol: 'tcp',
      remoteAddress: '127.0.0.1',
      remotePort: socket.remotePort ?? 0,
      localAddress: '127.0.0.1',
      localPort: socket.localPort ?? 0,
    },
    isOurs,
    clock,
    logger: createLogger('silent'),
    limits: SIP_TRANSPORT_LIMITS,
    turns: { run, waiting: 0 },
    onMessage: (bytes) => messages.push(bytes.toString('latin1')),
    onClose: () => undefined,
  });
  const tendAfter = (ms: number): void => {
    clock.advance(ms);
    stream.tend(clock.monotonicMs());
  };
  return { peer, socket, stream, due, messages, tendAfter };
}

const message = (bodyBytes: number): string =>
  `MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c\r\nContent-Length: ${bodyBytes}\r\n\r\n${'x'.repeat(bodyBytes)}`;

test('a message of several pieces is read in their order, whatever turns come first', async (t) => {
  const { peer, due, messages } = await setUp(t);
  const sent = message(10_000);
  peer.write(sent);
  await until(() => due.length === 3);
  for (const turn of due.reverse()) turn();
  assert.deepEqual(messages, [sent]);
});

test('the time that a message waits for its turn is not its sender’s: the connection stays', async (t) => {
  const { peer, socket, due, messages, tendAfter } = await setUp(t);
  const [first, second] = [message(6_000), message(6_000)];
  peer.write(first + second.slice(0, 200));
  await until(() => due.length === 2);
  due.shift()?.();
  tendAfter(30_000);
  assert.ok(!socket.destroyed);
  due.shift()?.();
  assert.deepEqual(messages, [first]);
  tendAfter(19_999);
  assert.ok(!socket.destroyed, 'what has come of the second has the whole of its time from now on');
  peer.write(second.slice(200));
  await until(() => due.length > 0);
  while (due.length > 0) due.shift()?.();
  assert.deepEqual(messages, [first, second]);
  peer.write(second.slice(0, 200));
  await until(() => due.length > 0);
  due.shift()?.();
  tendAfter(20_000);
  assert.ok(socket.destroyed, 'who does not complete a message is still given up');
});

test('whoever has been heard since a ping is there, though its answer came together with a message', async (t) => {
  const { peer, socket, messages, tendAfter } = await setUp(t, { isOurs: true, hasTurns: false });
  let heard = 0;
  peer.on('data', (bytes) => {
    heard += bytes.length;
  });
  tendAfter(60_000);
  await until(() => heard === 4);
  peer.write('\r\n');
  await until(() => socket.bytesRead === 2);
  tendAfter(60_000);
  await until(() => heard === 8);
  peer.write(`${message(10)}\r\n`);
  await until(() => messages.length === 1);
  tendAfter(10_000);
  assert.ok(!socket.destroyed);
  tendAfter(50_000);
  await until(() => heard === 12);
  tendAfter(10_000);
  assert.ok(socket.destroyed, 'and who is silent then is gone');
});

test('nothing is told of what waits on a connection that we closed', async (t) => {
  const { peer, stream, due, messages } = await setUp(t);
  peer.write(message(10));
  await until(() => due.length === 1);
  stream.close();
  due.shift()?.();
  assert.deepEqual(messages, []);
});
