import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMediaSessions, type MediaReport, type MediaSessions, type MediaStream } from './media-sessions.ts';
import { createMediaThread } from './media-thread.ts';
import { createRtpPorts } from './rtp-ports.ts';

const logger = createLogger('silent');
const HOST = { host: '127.0.0.1', from: 0, to: 0 };
const HOSTS = { hosts: ['127.0.0.1', '::1'], from: 0, to: 0 };
const IGNORED = { played: () => undefined, key: () => undefined, failed: () => undefined };
const TONE = Int16Array.from({ length: 4_000 }, (_, at) => (at % 8 < 4 ? 4_000 : -4_000));

function streamTo(port: number): MediaStream {
  const remote = { address: '127.0.0.1', port };
  return { remote, codec: 'PCMU', payloadType: 0, eventPayloadType: null, ptimeMs: 20, maySend: true };
}

/** Lets `media` play half a second into the ears of a phone; what the phone recorded, and the reports. */
async function playTone(media: MediaSessions) {
  const ports = createRtpPorts({ ...HOST, logger });
  const phone = await ports.open();
  const recording = phone.recordAudio({ maxMs: 20_000 });
  const played = Promise.withResolvers<MediaReport>();
  const session = await media.open('127.0.0.1', { ...IGNORED, played: played.resolve });
  session.follow(streamTo(phone.port));
  session.append(TONE);
  session.finish(1);
  const atEnd = await played.promise;
  const closed = await session.close();
  recording.stop();
  const heard = await recording.done;
  await ports.close();
  return { heard, atEnd, closed };
}

void test('audio is the same from the thread and without one', async () => {
  const thread = createMediaThread({ ...HOSTS, logger, clock: systemClock });
  const ports = createRtpPorts({ ...HOST, logger });
  for (const media of [thread, createMediaSessions({ ports, clock: systemClock })]) {
    const { heard, atEnd, closed } = await playTone(media);
    assert.equal(atEnd.audioMs, 500);
    assert.ok(closed.packetsSent >= 25);
    assert.equal(heard.lost, 0);
    const loud = heard.pcm.filter((sample) => Math.abs(sample) > 3_000).length;
    assert.equal(loud, 4_000);
    assert.equal(media.inUse(), 0);
    await media.close();
  }
});

void test('a thread that dies takes its calls with it, tells them, and is replaced', async () => {
  const workers: Worker[] = [];
  const clock = createManualClock();
  const thread = createMediaThread({
    ...HOSTS,
    logger,
    clock,
    startWorker: (workerData) => {
      const worker = new Worker(new URL('./media-worker.ts', import.meta.url), { workerData });
      workers.push(worker);
      return worker;
    },
  });
  const failed = Promise.withResolvers<string>();
  const session = await thread.open('127.0.0.1', { ...IGNORED, failed: failed.resolve });
  await workers[0]?.terminate();
  assert.match(await failed.promise, /media thread lost: exit 1/);
  assert.deepEqual((await session.close()).packetsSent, 0);
  await assert.rejects(thread.open('127.0.0.1', IGNORED), { kind: 'unavailable' });
  clock.advance(100);
  const next = await thread.open('127.0.0.1', IGNORED);
  assert.ok(next.port > 0);
  await next.close();
  assert.equal(thread.inUse(), 0);
  await thread.close();
  await assert.rejects(thread.open('127.0.0.1', IGNORED), { kind: 'unavailable' });
});

void test('no port to be had, and a thread that does not answer, are told in time', async () => {
  const taken = createRtpPorts({ ...HOST, logger });
  const { port } = await taken.open();
  const even = port - (port % 2);
  const full = createMediaThread({ hosts: ['127.0.0.1'], from: even, to: even, logger, clock: systemClock });
  const first = await full.open('127.0.0.1', IGNORED).catch(() => undefined);
  await assert.rejects(full.open('127.0.0.1', IGNORED), { kind: 'unavailable', message: /no media port/ });
  await first?.close();
  await full.close();
  await taken.close();

  const clock = createManualClock();
  const deaf = createMediaThread({
    ...HOSTS,
    logger,
    clock,
    startWorker: () => new Worker('setInterval(() => {}, 1000)', { eval: true }),
  });
  const opening = assert.rejects(deaf.open(undefined, IGNORED), { message: /does not answer/ });
  clock.advance(3_000);
  await opening;
  assert.equal(deaf.inUse(), 0);
  await deaf.close();
});

void test('the port is of the IP version that the phone has', async () => {
  const thread = createMediaThread({ ...HOSTS, logger, clock: systemClock });
  for (const [toward, address] of [
    ['::1', '::1'],
    ['127.0.0.1', '127.0.0.1'],
    [undefined, '127.0.0.1'],
  ] as const) {
    const session = await thread.open(toward, IGNORED);
    assert.equal(session.address, address);
    await session.close();
  }
  await thread.close();
  const onlyV4 = createMediaThread({ ...HOSTS, hosts: ['0.0.0.0'], logger, clock: systemClock });
  const session = await onlyV4.open('::1', IGNORED);
  assert.equal(session.address, '::1');
  await session.close();
  await onlyV4.close();
});
