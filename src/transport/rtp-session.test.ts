import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../support/manual-clock.ts';
import { decodeG711, encodeG711 } from '../wire/rtp/g711.ts';
import { decodeRtp, encodeRtp, type RtpPacket } from '../wire/rtp/rtp-packet.ts';
import type { MediaEndpoint } from '../wire/sdp/session-description.ts';
import { createRtpPacer } from './rtp-pacer.ts';
import type { MediaSocket } from './rtp-ports.ts';
import { createRtpSession, type MediaReport, type MediaStream } from './rtp-session.ts';

const PHONE = { address: '192.0.2.1', port: 20_000 };
const STREAM: MediaStream = {
  remote: PHONE,
  codec: 'PCMU',
  payloadType: 0,
  eventPayloadType: 101,
  ptimeMs: 20,
  maySend: true,
};
const LOUD = new Int16Array(1_600).fill(8_000);

/** A session on a clock that a test advances, with a wire that a test reads and feeds. */
function openSession(signallingAddress: string | undefined = PHONE.address) {
  const clock = createManualClock();
  const sent: { packet: RtpPacket; to: MediaEndpoint; atMs: number }[] = [];
  const seen: string[] = [];
  const reports: MediaReport[] = [];
  let hear: (datagram: Uint8Array, from: MediaEndpoint) => void = () => undefined;
  let sendFault: string | undefined;
  const socket: MediaSocket = {
    send(bytes, to, onError) {
      sent.push({ packet: decodeRtp(bytes), to, atMs: clock.monotonicMs() });
      if (sendFault !== undefined) onError(sendFault);
    },
    listen(listener) {
      hear = listener;
      return () => {
        hear = () => undefined;
      };
    },
  };
  const session = createRtpSession({
    socket,
    pacer: createRtpPacer(clock),
    clock,
    signallingAddress,
    handlers: {
      played(report, mark) {
        seen.push(`played ${mark}`);
        reports.push(report);
      },
      key: (key) => seen.push(`key ${key}`),
    },
  });
  return {
    clock,
    session,
    sent,
    seen,
    reports,
    failSends: (reason: string) => {
      sendFault = reason;
    },
    hearBytes: (bytes: Uint8Array, from: MediaEndpoint = PHONE) => hear(bytes, from),
    hear: (change: Partial<RtpPacket> = {}, from: MediaEndpoint = PHONE) => {
      const payload = encodeG711('PCMU', new Int16Array(160).fill(1_000));
      const base = { payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 5, csrcs: [] };
      hear(encodeRtp({ ...base, extension: null, payload, ...change }), from);
    },
    /** Mean of the absolute samples of each packet since the last look. */
    loudness: () =>
      sent.splice(0).map(({ packet }) => {
        const pcm = decodeG711('PCMU', packet.payload);
        return Math.round(pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length / 1_000);
      }),
  };
}

void test('packets leave every 20 ms: silence, what is played, the end is told, silence again', () => {
  const { session, clock, sent, seen, reports, loudness } = openSession();
  session.follow(STREAM);
  clock.advance(45);
  session.append(LOUD.subarray(0, 320));
  session.append(LOUD.subarray(0, 80));
  session.finish(7);
  clock.advance(100);
  const numbers = sent.map(({ packet }) => packet);
  for (const [index, packet] of numbers.entries()) {
    assert.equal(packet.sequenceNumber, ((numbers[0]?.sequenceNumber ?? 0) + index) & 0xffff);
    assert.equal(packet.timestamp, ((numbers[0]?.timestamp ?? 0) + 160 * index) >>> 0);
    assert.equal(packet.marker, index === 0);
    assert.equal(packet.payload.length, 160);
  }
  assert.ok(sent.every(({ to, atMs }, index) => to.port === PHONE.port && atMs - (sent[0]?.atMs ?? 0) === 20 * index));
  assert.deepEqual(
    loudness().filter((level) => level > 0),
    [8, 8, 4],
  );
  assert.deepEqual(seen, ['played 7']);
  assert.equal(reports[0]?.audioMs, 50);
  clock.advance(40);
  assert.deepEqual(loudness(), [0, 0]);
  session.append(new Int16Array(320));
  clock.advance(60);
  assert.equal(session.report().audioMs, 50, 'silence that was appended is silence');
});

void test('on hold nothing is sent and what is played waits; the media clock runs on', () => {
  const { session, clock, sent, seen } = openSession();
  session.follow(STREAM);
  session.append(LOUD);
  session.finish(7);
  clock.advance(100);
  const before = sent.splice(0).length;
  session.follow({ ...STREAM, maySend: false });
  clock.advance(1_000);
  assert.equal(sent.length, 0);
  session.follow(STREAM);
  clock.advance(20);
  assert.equal(sent[0]?.packet.marker, true, 'a talk spurt begins');
  clock.advance(400);
  assert.equal(seen.length, 1);
  assert.equal(session.report().audioMs, 200);
  assert.ok(before >= 4 && before <= 6);
});

void test('another place, format and packet time are followed in one stream', () => {
  const { session, clock, sent } = openSession();
  session.follow(STREAM);
  session.append(LOUD);
  clock.advance(40);
  const last = sent.splice(0).at(-1)?.packet;
  session.follow({ ...STREAM, remote: { ...PHONE, port: 20_010 }, codec: 'PCMA', payloadType: 8, ptimeMs: 60 });
  clock.advance(60);
  const [next] = sent;
  assert.deepEqual([next?.to.port, next?.packet.payloadType, next?.packet.payload.length], [20_010, 8, 480]);
  assert.equal(next?.packet.ssrc, last?.ssrc);
  assert.equal(next?.packet.sequenceNumber, ((last?.sequenceNumber ?? 0) + 1) & 0xffff);
  assert.ok(Math.abs((decodeG711('PCMA', next?.packet.payload ?? new Uint8Array())[5] ?? 0) - 8_000) < 300);
});

void test('keys are told once, audio is measured, the rest is counted as foreign', () => {
  const { session, clock, seen, hear, hearBytes } = openSession();
  session.follow(STREAM);
  for (let number = 0; number < 50; number += 1) {
    clock.advance(20);
    hear({ sequenceNumber: number, timestamp: 160 * number });
  }
  const key = { payloadType: 101, timestamp: 8_000, payload: Uint8Array.of(2, 10, 0, 160) };
  hear({ ...key, sequenceNumber: 50, marker: true });
  hear({ ...key, sequenceNumber: 51 });
  hear({ ...key, sequenceNumber: 53, payload: Uint8Array.of(2, 0x8a, 3, 32) });
  hear({ payloadType: 13, sequenceNumber: 54, payload: Uint8Array.of(60) });
  hear({ payloadType: 18 });
  hear({}, { address: '203.0.113.9', port: 20_000 });
  hearBytes(Buffer.from('not RTP at all'));
  hearBytes(Buffer.from('80c80006000000', 'hex'));
  // RTCP on the same port is neither audio nor foreign.
  hearBytes(Buffer.concat([Buffer.from('80c80006', 'hex'), Buffer.alloc(24)]));
  assert.deepEqual(seen, ['key 2']);
  const { received, keys, foreignPackets } = session.report();
  assert.deepEqual([received.packets, received.lost, received.jitterMs, keys, foreignPackets], [50, 1, 0, '2', 4]);
  assert.ok(received.levelDbov !== null && Math.abs(received.levelDbov + 30.3) < 0.5, String(received.levelDbov));
});

void test('an address that nothing vouches for hears silence; the announcement waits until it sends', () => {
  const { session, clock, hear, loudness } = openSession('198.51.100.1');
  const elsewhere = { address: '8.8.8.8', port: 20_000 };
  session.follow({ ...STREAM, remote: elsewhere });
  session.append(LOUD);
  clock.advance(10_000);
  assert.deepEqual(
    loudness().filter((level) => level > 0),
    [],
  );
  const { packetsSent } = session.report();
  assert.ok(packetsSent > 140 && packetsSent <= 151, String(packetsSent));
  hear({}, { ...elsewhere, port: 20_004 });
  clock.advance(300);
  assert.equal(loudness().filter((level) => level === 8).length, 10);
});

void test('clear forgets what waits; sends that fail are told; stop ends it', () => {
  const { session, clock, seen, sent, loudness, failSends } = openSession();
  session.follow(STREAM);
  session.append(LOUD);
  session.finish(7);
  session.clear();
  clock.advance(300);
  assert.deepEqual([seen, loudness().filter((level) => level > 0)], [[], []]);
  failSends('EPERM');
  clock.advance(40);
  assert.deepEqual([session.report().sendErrors, session.report().lastSendError], [2, 'EPERM']);
  session.stop();
  sent.splice(0);
  clock.advance(100);
  assert.equal(sent.length, 0);
  assert.equal(clock.pending(), 0, 'the beat stands still when nobody listens');
});

void test('a thread that was held up sends at most ten beats at once and then moves its schedule', () => {
  const clock = createManualClock();
  let nowMs = 0;
  const late = { ...clock, monotonicMs: () => nowMs };
  const pacer = createRtpPacer(late);
  const beats: number[] = [];
  pacer.join((beat) => beats.push(beat));
  clock.advance(0);
  nowMs = 5_000;
  clock.advance(20);
  assert.equal(beats.length, 11);
  assert.deepEqual(beats, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  nowMs = 5_010;
  clock.advance(20);
  assert.equal(beats.at(-1), 501);
});

void test('garbage at the port harms nobody', () => {
  const { session, clock, hearBytes } = openSession();
  session.follow(STREAM);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, isRtp) => {
      if (isRtp && bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
      hearBytes(bytes);
    }),
    { numRuns: 2_000, seed: 933 },
  );
  clock.advance(40);
  assert.ok(session.report().foreignPackets > 0);
});
