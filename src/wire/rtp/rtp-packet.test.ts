import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../../domain/problem.ts';
import { decodeRtp, encodeRtp } from './rtp-packet.ts';
import { createRtpStream } from './rtp-stream.ts';

const UINT32 = fc.integer({ min: 0, max: 0xffff_ffff });
const UINT16 = fc.integer({ min: 0, max: 0xffff });
const PACKET = fc.record({
  payloadType: fc.integer({ min: 0, max: 127 }),
  marker: fc.boolean(),
  sequenceNumber: UINT16,
  timestamp: UINT32,
  ssrc: UINT32,
  csrcs: fc.array(UINT32, { maxLength: 15 }),
  extension: fc.option(
    fc.record({
      profile: UINT16,
      data: fc.array(UINT32, { maxLength: 8 }).map((words) => new Uint8Array(Uint32Array.from(words).buffer)),
    }),
  ),
  payload: fc.uint8Array({ maxLength: 200 }),
});

void test('the header is laid out as in RFC 3550 §5.1', () => {
  const bytes = encodeRtp({
    payloadType: 8,
    marker: true,
    sequenceNumber: 0x0102,
    timestamp: 0x0304_0506,
    ssrc: 0xa1b2_c3d4,
    csrcs: [],
    extension: null,
    payload: Uint8Array.of(0xd5),
  });
  assert.equal(bytes.toString('hex'), '80880102030405 06a1b2c3d4d5'.replace(' ', ''));
});

void test('decode reverses encode, with any padding', () => {
  fc.assert(
    fc.property(PACKET, fc.integer({ min: 0, max: 40 }), (packet, padding) => {
      const bytes = encodeRtp(packet);
      const padded = Buffer.concat([bytes, Buffer.alloc(padding)]);
      if (padding > 0) {
        padded[0] = (padded[0] ?? 0) | 0x20;
        padded[padded.length - 1] = padding;
      }
      const decoded = decodeRtp(padded);
      const plain = (bytes: Uint8Array) => [...bytes];
      assert.deepEqual(
        {
          ...decoded,
          payload: plain(decoded.payload),
          extension: decoded.extension && { ...decoded.extension, data: plain(decoded.extension.data) },
        },
        {
          ...packet,
          payload: plain(packet.payload),
          extension: packet.extension && { ...packet.extension, data: plain(packet.extension.data) },
        },
      );
    }),
    { seed: 911 },
  );
});

void test('noise and cut packets throw nothing but ProblemError malformed', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(PACKET, fc.nat({ max: 100 })).map(([packet, cut]) => encodeRtp(packet).subarray(0, cut)),
    fc.uint8Array({ minLength: 12, maxLength: 40 }).map((bytes) => Uint8Array.of(0xbf, ...bytes)),
  );
  fc.assert(
    fc.property(noise, (bytes) => {
      try {
        decodeRtp(bytes);
      } catch (error) {
        assert.ok(error instanceof ProblemError && error.kind === 'malformed', String(error));
      }
    }),
    { numRuns: 2000, seed: 911 },
  );
});

void test('what is no RTP is refused', () => {
  const header = (first: number, ...rest: number[]) => Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...rest);
  for (const bytes of [
    new Uint8Array(11),
    header(0x00),
    header(0x81),
    header(0x90),
    header(0x90, 0, 0, 0, 1),
    header(0xa0, 0),
    header(0xa0, 2),
    new Uint8Array(70_000).fill(0x80),
  ]) {
    assert.throws(() => decodeRtp(bytes), { name: 'ProblemError', kind: 'malformed' });
  }
});

void test('a stream counts packets and samples over the wrap and marks each talk spurt', () => {
  const stream = createRtpStream({ ssrc: 7, sequenceNumber: 0xfffe, timestamp: 0xffff_ff00 });
  const payload = new Uint8Array(160);
  const seen = [stream.next(0, payload, 160), stream.next(0, payload, 160)];
  stream.skip(8000);
  seen.push(stream.next(0, payload, 160));
  assert.deepEqual(
    seen.map((bytes) => {
      const { sequenceNumber, timestamp, marker, ssrc } = decodeRtp(bytes);
      return [sequenceNumber, timestamp, marker, ssrc];
    }),
    [
      [0xfffe, 0xffff_ff00, true, 7],
      [0xffff, 0xffff_ffa0, false, 7],
      [0x0000, (0xffff_ff00 + 320 + 8000) % 2 ** 32, true, 7],
    ],
  );
});
