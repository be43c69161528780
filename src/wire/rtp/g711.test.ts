import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeG711, encodeG711 } from './g711.ts';
import { pcmLevelDbov } from './pcm-level.ts';

const CODECS = ['PCMU', 'PCMA'] as const;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const SAMPLE = fc.integer({ min: -32_768, max: 32_767 });

void test('the values of the G.711 tables, scaled to 16 bits', () => {
  // Tables 1a to 2b: silence, the first step on each side, and both virtual overload values.
  assert.deepEqual([...encodeG711('PCMU', Int16Array.of(0, -1, 32_767, -32_768))], [0xff, 0x7f, 0x80, 0x00]);
  assert.deepEqual([...decodeG711('PCMU', Uint8Array.of(0xff, 0x7f, 0x80, 0x00, 0xfe))], [0, 0, 32_124, -32_124, 8]);
  assert.deepEqual([...encodeG711('PCMA', Int16Array.of(0, -1, 32_767, -32_768))], [0xd5, 0x55, 0xaa, 0x2a]);
  assert.deepEqual([...decodeG711('PCMA', Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))], [8, -8, 32_256, -32_256]);
});

void test('encode reverses decode for every byte (mu-law has two zeroes, which become one)', () => {
  for (const codec of CODECS) {
    const expected = [...ALL_BYTES].map((byte) => (codec === 'PCMU' && byte === 0x7f ? 0xff : byte));
    assert.deepEqual([...encodeG711(codec, decodeG711(codec, ALL_BYTES))], expected, codec);
  }
});

void test('a decoded sample is the nearest the codec has, or at a segment border half a step beside it', () => {
  for (const codec of CODECS) {
    const levels = decodeG711(codec, ALL_BYTES);
    fc.assert(
      fc.property(SAMPLE, (sample) => {
        const [decoded = 0] = decodeG711(codec, encodeG711(codec, Int16Array.of(sample)));
        let nearest = Number.POSITIVE_INFINITY;
        for (const level of levels) nearest = Math.min(nearest, Math.abs(level - sample));
        // At a segment border the decision value belongs to one side by convention: half a step.
        assert.ok(Math.abs(decoded - sample) <= nearest + 1 + Math.abs(sample) / 64, `${sample} -> ${decoded}`);
      }),
      { numRuns: 1000, seed: 911 },
    );
  }
});

void test('companding keeps order: a louder sample never decodes quieter', () => {
  for (const codec of CODECS) {
    fc.assert(
      fc.property(SAMPLE, SAMPLE, (a, b) => {
        const [low = 0, high = 0] = decodeG711(codec, encodeG711(codec, Int16Array.of(Math.min(a, b), Math.max(a, b))));
        assert.ok(low <= high);
      }),
      { numRuns: 1000, seed: 911 },
    );
  }
});

void test('level in dBov: silence, full scale, and a sine 3 dB below its peak', () => {
  assert.equal(pcmLevelDbov(new Int16Array(0)), Number.NEGATIVE_INFINITY);
  assert.equal(pcmLevelDbov(new Int16Array(10)), Number.NEGATIVE_INFINITY);
  assert.equal(pcmLevelDbov(Int16Array.of(-32_768, -32_768)), 0);
  const sine = Int16Array.from({ length: 8000 }, (_, index) => Math.round(16_384 * Math.sin((index * Math.PI) / 4)));
  assert.ok(Math.abs(pcmLevelDbov(sine) + 9.03) < 0.01);
});
