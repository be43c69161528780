import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { pcmLevelDbov } from '../wire/sdp-rtp/pcm-level.ts';
import { decodeRtp, type RtpPacket } from '../wire/sdp-rtp/rtp-packet.ts';
import type { MediaEndpoint } from '../wire/sdp-rtp/session-description.ts';
import { createRtpPorts, type MediaSocket } from './rtp-ports.ts';
import { playAudio } from './rtp-sender.ts';

const logger = createLogger('silent');
const PCMU = { codec: 'PCMU', payloadType: 0, ptimeMs: 20 } as const;
const REMOTE = { address: '192.0.2.1', port: 4000 };

function sine(durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * 8 }, (_, index) => Math.round(10_000 * Math.sin(index / 3)));
}

/** A socket that keeps what is sent and lets the test play the network. */
function createFakeSocket() {
  const sent: { packet: RtpPacket; to: MediaEndpoint }[] = [];
  const listeners = new Set<Parameters<MediaSocket['listen']>[0]>();
  const socket: MediaSocket = {
    send: (packet, to) => sent.push({ packet: decodeRtp(packet), to }),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const arrive = (datagram: Uint8Array, from: MediaEndpoint) => {
    for (const listener of listeners) listener(datagram, from);
  };
  return { socket, sent, arrive, listeners };
}

void test('packets keep the schedule of the first one, however unevenly timers fire', async () => {
  const clock = createManualClock();
  const { socket, sent, listeners } = createFakeSocket();
  const playback = playAudio(socket, { ...PCMU, pcm: sine(1990), remote: REMOTE, clock });
  const counts: number[] = [];
  for (const stepMs of [0, 7, 13, 33, 47, 400]) {
    clock.advance(stepMs);
    counts.push(sent.length);
  }
  assert.deepEqual(counts, [1, 1, 2, 3, 6, 26]);
  clock.advance(1499);
  assert.equal(sent.length, 100, 'the last packet leaves at 1980 ms');
  clock.advance(1);
  assert.deepEqual(await playback.done, { outcome: 'spoken', packets: 100, sendErrors: 0, lastSendError: null });
  assert.equal(clock.pending(), 0);
  assert.equal(listeners.size, 0);

  const [first] = sent;
  assert.ok(first);
  for (const [index, { packet, to }] of sent.entries()) {
    assert.equal((packet.sequenceNumber - first.packet.sequenceNumber) & 0xffff, index);
    assert.equal((packet.timestamp - first.packet.timestamp) >>> 0, index * 160);
    assert.equal(packet.marker, index === 0);
    assert.equal(packet.payload.length, 160);
    assert.equal(packet.ssrc, first.packet.ssrc);
    assert.deepEqual(to, REMOTE);
  }
  assert.deepEqual([...(sent.at(-1)?.packet.payload.subarray(80) ?? [])], Array(80).fill(0xff), 'padded with silence');
});

void test('after a long stall the schedule moves instead of flooding', async () => {
  const steady = createManualClock();
  let offsetMs = 0;
  const clock = { ...steady, monotonicMs: () => steady.monotonicMs() + offsetMs };
  const { socket, sent } = createFakeSocket();
  const playback = playAudio(socket, { ...PCMU, pcm: sine(400), remote: REMOTE, clock });
  offsetMs = 5000;
  steady.advance(20);
  assert.equal(sent.length, 6, 'one on time, then a burst of five');
  steady.advance(20);
  assert.equal(sent.length, 7);
  steady.advance(1000);
  assert.equal((await playback.done).packets, 20);
});

void test('hold pauses the audio, resume goes on elsewhere with the media clock run on and the marker set', async () => {
  const clock = createManualClock();
  const { socket, sent } = createFakeSocket();
  const playback = playAudio(socket, { ...PCMU, pcm: sine(100), remote: REMOTE, clock });
  clock.advance(20);
  playback.hold();
  playback.hold();
  clock.advance(3000);
  assert.equal(sent.length, 2);
  playback.resume({ address: '192.0.2.2', port: 5000 });
  clock.advance(200);
  assert.equal((await playback.done).outcome, 'spoken');
  assert.deepEqual(
    sent.map(({ packet, to }) => [
      ((packet.timestamp - (sent[0]?.packet.timestamp ?? 0)) >>> 0) / 160,
      packet.marker,
      to.port,
    ]),
    [
      [0, true, 4000],
      [1, false, 4000],
      [152, true, 5000],
      [153, false, 5000],
      [154, false, 5000],
    ],
  );
  playback.resume(REMOTE);
  clock.advance(1000);
  assert.equal(sent.length, 5, 'nothing leaves after the end');
});

void test('stop ends at once and leaves nothing behind', async () => {
  const clock = createManualClock();
  const { socket, sent, listeners } = createFakeSocket();
  const playback = playAudio(socket, { ...PCMU, pcm: sine(1000), remote: REMOTE, clock });
  clock.advance(40);
  playback.stop();
  assert.deepEqual([(await playback.done).outcome, clock.pending(), listeners.size], ['stopped', 0, 0]);
  clock.advance(1000);
  assert.equal(sent.length, 3);
});

void test('only RTP of the agreed type from an accepted address moves the destination, once', () => {
  const clock = createManualClock();
  const { socket, sent, arrive } = createFakeSocket();
  const options = { ...PCMU, pcm: sine(1000), remote: REMOTE, acceptFrom: [REMOTE.address], clock };
  const playback = playAudio(socket, options);
  const rtp = Buffer.alloc(172, 0xff).fill('8000', 0, 2, 'hex');
  const destinationAfter = (datagram: Uint8Array, from: MediaEndpoint) => {
    arrive(datagram, from);
    clock.advance(20);
    return sent.at(-1)?.to.port;
  };
  assert.equal(destinationAfter(rtp, { address: '203.0.113.66', port: 1 }), 4000, 'a stranger');
  assert.equal(destinationAfter(Buffer.from('hello, this is no RTP'), { ...REMOTE, port: 2 }), 4000, 'noise');
  assert.equal(
    destinationAfter(Buffer.alloc(172).fill('8012', 0, 2, 'hex'), { ...REMOTE, port: 3 }),
    4000,
    'other type',
  );
  assert.equal(destinationAfter(rtp, { ...REMOTE, port: 4444 }), 4444);
  assert.equal(destinationAfter(rtp, { ...REMOTE, port: 5555 }), 4444, 'only once');
  playback.resume({ ...REMOTE });
  assert.equal(destinationAfter(rtp, { ...REMOTE, port: 5555 }), 4444, 'the old description repeated');
  playback.resume({ ...REMOTE, port: 6000 });
  clock.advance(20);
  assert.equal(sent.at(-1)?.to.port, 6000);
});

for (const host of ['127.0.0.1', '::1']) {
  for (const codec of ['PCMU', 'PCMA'] as const) {
    void test(`${codec} over real sockets on ${host}: what is recorded has the length and level of what was played`, async () => {
      const ports = createRtpPorts({ host, from: 0, to: 0, logger });
      const [speaker, hearer] = await Promise.all([ports.open(), ports.open()]);
      const pcm = sine(500);
      const recording = hearer.recordAudio({ maxMs: 10_000 });
      const playback = speaker.playAudio({
        codec,
        payloadType: codec === 'PCMU' ? 0 : 8,
        ptimeMs: 20,
        pcm,
        remote: hearer,
      });
      assert.deepEqual(await playback.done, { outcome: 'spoken', packets: 25, sendErrors: 0, lastSendError: null });
      recording.stop();
      const heard = await recording.done;
      assert.deepEqual([heard.durationMs, heard.packets, heard.lost, heard.foreign], [500, 25, 0, 0]);
      assert.ok(Math.abs(pcmLevelDbov(heard.pcm) - pcmLevelDbov(pcm)) < 0.1);
      assert.deepEqual(hearer.received(), { packets: 25, octets: 25 * 172 });
      assert.equal(ports.inUse(), 2);
      await ports.close();
      assert.equal(ports.inUse(), 0);
    });
  }
}

void test('the recorder puts packets where their timestamps say, and keeps one source', async () => {
  const ports = createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger });
  const port = await ports.open();
  const sender = createSocket('udp4');
  sender.bind(0, '127.0.0.1');
  await once(sender, 'listening');
  const recording = port.recordAudio({ maxMs: 100 });
  const packet = (sequenceNumber: number, timestamp: number, ssrc = 9, type = 0) => {
    const bytes = Buffer.alloc(12 + 160, 0x80);
    bytes[1] = type;
    bytes.writeUInt16BE(sequenceNumber & 0xffff, 2);
    bytes.writeUInt32BE(timestamp >>> 0, 4);
    bytes.writeUInt32BE(ssrc, 8);
    return bytes;
  };
  const datagrams = [
    packet(65_535, -160),
    packet(2, 320),
    packet(0, 0),
    packet(0, 0),
    packet(1, 160, 10),
    packet(1, 160, 9, 18),
    Buffer.from('noise'),
    packet(65_534, -320),
    packet(4, 640 - 160),
  ];
  for (const bytes of datagrams) {
    await new Promise((resolve) => {
      sender.send(bytes, port.port, '127.0.0.1', resolve);
    });
  }
  const { pcm, durationMs, packets, lost, foreign } = await recording.done;
  assert.deepEqual([durationMs, packets, lost, foreign], [100, 4, 2, 5]);
  const level = (from: number, to: number) => pcm.subarray(from * 160, to * 160).every((sample) => sample === 32_124);
  assert.deepEqual([level(0, 2), level(2, 3), level(3, 5)], [true, false, true]);
  sender.close();
  await ports.close();
});

/** Six free ports below the range from which the system hands out ephemeral ones; the third is taken. */
async function occupyMiddleOfFreeRange() {
  for (let first = 12_000; ; first += 6) {
    const sockets = [first, first + 2, first + 4].map((port) => createSocket('udp4').bind(port, '127.0.0.1'));
    const bound = await Promise.allSettled(sockets.map((socket) => once(socket, 'listening')));
    const free = bound.every(({ status }) => status === 'fulfilled');
    const [, squatter] = sockets;
    for (const socket of sockets) if (!free || socket !== squatter) socket.close();
    if (free && squatter) return { first, squatter };
  }
}

void test('ports come from the range, even, not twice, not the one just freed, and run out clearly', async () => {
  const { first, squatter } = await occupyMiddleOfFreeRange();
  const ports = createRtpPorts({ host: '127.0.0.1', from: first - 1, to: first + 5, logger });
  const [a, b] = [await ports.open(), await ports.open()];
  const numbers = [a.port, b.port].sort((left, right) => left - right);
  assert.deepEqual(numbers, [first, first + 4], 'the occupied one is passed over');
  await assert.rejects(ports.open(), { name: 'ProblemError', kind: 'unavailable' });
  await Promise.all([a.close(), a.close()]);
  const again = await ports.open();
  assert.equal(again.port, a.port);
  await ports.close();
  await assert.rejects(ports.open(), { kind: 'unavailable', message: /closing down/ });
  squatter.close();
});

void test('a host that is not ours is a clear problem', async () => {
  const ports = createRtpPorts({ host: '192.0.2.77', from: 0, to: 0, logger });
  await assert.rejects(ports.open(), { name: 'ProblemError', kind: 'unavailable', message: /EADDRNOTAVAIL/ });
});

void test('on a wildcard host the address is the one that leads to the peer, in its IP version', async () => {
  for (const host of ['0.0.0.0', '::']) {
    const ports = createRtpPorts({ host, from: 0, to: 0, logger });
    try {
      for (const peer of ['127.0.0.1', '::1']) {
        const [speaker, hearer] = [await ports.open(peer), await ports.open(peer)];
        assert.equal(hearer.address, peer);
        const recording = hearer.recordAudio({ maxMs: 10_000 });
        await speaker.playAudio({ ...PCMU, pcm: sine(20), remote: hearer }).done;
        for (let tries = 0; tries < 500 && hearer.received().packets === 0; tries += 1) await delay(10);
        recording.stop();
        assert.equal((await recording.done).packets, 1);
      }
    } finally {
      await ports.close();
    }
  }
});

void test('closing a port ends what plays and records there', async () => {
  const ports = createRtpPorts({ host: '127.0.0.1', from: 0, to: 0, logger });
  const port = await ports.open();
  const recording = port.recordAudio({ maxMs: 60_000 });
  const playback = port.playAudio({ ...PCMU, pcm: sine(60_000), remote: { address: '127.0.0.1', port: port.port } });
  await port.close();
  assert.equal((await playback.done).outcome, 'stopped');
  assert.equal((await recording.done).lost, 0);
});
