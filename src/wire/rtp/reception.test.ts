import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeG711 } from './g711.ts';
import { createReception, type Reception } from './reception.ts';
import type { RtpPacket } from './rtp-packet.ts';

const TONE = encodeG711(
  'PCMU',
  Int16Array.from({ length: 160 }, (_, at) => (at % 8 < 4 ? 3_277 : -3_277)),
);
const SILENCE = encodeG711('PCMU', new Int16Array(160));

function packet(sequenceNumber: number, change: Partial<RtpPacket> = {}): RtpPacket {
  return {
    payloadType: 0,
    marker: false,
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp: (sequenceNumber * 160) >>> 0,
    ssrc: 1,
    csrcs: [],
    extension: null,
    payload: TONE,
    ...change,
  };
}

function feed(reception: Reception, numbers: readonly number[], change: Partial<RtpPacket> = {}): void {
  for (const number of numbers) reception.take(packet(number, change), 'PCMU', number * 20);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

void test('a steady stream: nothing lost, no jitter, its level', () => {
  const reception = createReception();
  feed(reception, range(65_500, 65_600));
  assert.deepEqual(reception.result(), { packets: 100, lost: 0, jitterMs: 0, levelDbov: -20 });
});

void test('what never came is lost, what came late is not', () => {
  const reception = createReception();
  feed(reception, [1, 2, 5, 4, 8, 9]);
  assert.equal(reception.result().lost, 3);
  reception.takeOther(packet(6, { payloadType: 101 }));
  assert.equal(reception.result().lost, 2, 'a key takes a number of the sequence');
});

void test('a new source, and a jump of the numbers, begin anew and add up', () => {
  const reception = createReception();
  feed(reception, [1, 3]);
  feed(reception, range(30_000, 30_010), { ssrc: 2 });
  feed(reception, [50_000, 50_002], { ssrc: 2 });
  const { packets, lost } = reception.result();
  assert.deepEqual([packets, lost], [14, 2]);
});

void test('silence has no level, the loudest second counts', () => {
  const quiet = createReception();
  feed(quiet, range(0, 200), { payload: SILENCE });
  assert.equal(quiet.result().levelDbov, null);
  feed(quiet, range(200, 250));
  feed(quiet, range(250, 400), { payload: SILENCE });
  assert.equal(quiet.result().levelDbov, -20);
  assert.equal(createReception().result().levelDbov, null);
});

void test('jitter follows RFC 3550 §A.8', () => {
  const reception = createReception();
  // Every second packet 16 ms late: differences of 16 ms, which the filter approaches.
  for (const number of range(0, 400)) {
    reception.take(packet(number), 'PCMU', number * 20 + (number % 2) * 16);
  }
  const { jitterMs } = reception.result();
  assert.ok(jitterMs > 15.9 && jitterMs <= 16, String(jitterMs));
});

void test('whatever numbers come, the counts stay sound', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          number: fc.integer({ min: 0, max: 70_000 }),
          timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
          ssrc: fc.integer({ min: 0, max: 2 }),
          payload: fc.uint8Array({ maxLength: 40 }),
        }),
        { maxLength: 60 },
      ),
      (arrivals) => {
        const reception = createReception();
        for (const [index, { number, ...change }] of arrivals.entries()) {
          reception.take(packet(number, change), 'PCMA', index * 20);
        }
        const { packets, lost, jitterMs, levelDbov } = reception.result();
        assert.equal(packets, arrivals.length);
        assert.ok(Number.isInteger(lost) && lost >= 0 && lost < 65_536 * 60);
        assert.ok(Number.isFinite(jitterMs) && jitterMs >= 0);
        assert.ok(levelDbov === null || (levelDbov <= 0 && levelDbov > -71));
      },
    ),
    { numRuns: 300, seed: 933 },
  );
});
