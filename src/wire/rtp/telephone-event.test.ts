import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createKeyReader, decodeTelephoneEvent } from './telephone-event.ts';

void test('the payload of RFC 4733 §2.3', () => {
  assert.deepEqual(decodeTelephoneEvent(Uint8Array.of(11, 0x8a, 0x03, 0x20)), {
    key: '#',
    isEnd: true,
    durationSamples: 800,
  });
  assert.equal(decodeTelephoneEvent(Uint8Array.of(16, 0, 0, 0)), null, 'flash is no key');
  assert.equal(decodeTelephoneEvent(Uint8Array.of(1, 0, 0)), null);
});

void test('every press counts once, whatever was lost, repeated or late', () => {
  const press = createKeyReader();
  const begin = Uint8Array.of(1, 10, 0, 160);
  const end = Uint8Array.of(1, 0x8a, 3, 32);
  const packets: [Uint8Array, number][] = [
    [begin, 0xffff_ff00],
    [begin, 0xffff_ff00],
    [end, 0xffff_ff00],
    [end, 0xffff_ff00],
    // The same key again: its own timestamp, over the wrap; all but its end lost.
    [end, 0x0000_0100],
    [begin, 0xffff_ff00],
    [Uint8Array.of(2, 0, 0, 0), 0x0000_0900],
  ];
  const pressed = packets.map(([payload, timestamp]) => press(payload, timestamp)).filter((key) => key !== null);
  assert.deepEqual(pressed, ['1', '1', '2']);
});

void test('any bytes are read without a fault', () => {
  const press = createKeyReader();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.integer({ min: 0, max: 0xffff_ffff }), (payload, timestamp) => {
      const key = press(payload, timestamp);
      assert.ok(key === null || /^[0-9*#A-D]$/.test(key));
    }),
    { numRuns: 500, seed: 933 },
  );
});
