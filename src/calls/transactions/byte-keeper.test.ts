import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createByteKeeper } from './byte-keeper.ts';

test('what is kept stays as it was, whatever comes after it and whatever becomes of the original', () => {
  const keep = createByteKeeper();
  const originals = Array.from({ length: 300 }, (_, index) => Buffer.alloc((index * 37) % 5_000, index));
  const kept = originals.map((bytes) => keep(bytes));
  const expected = originals.map((bytes) => Buffer.from(bytes));
  for (const bytes of originals) bytes.fill(0xff);
  assert.deepEqual(kept, expected);
});

test('small ones share their memory, large ones have their own', () => {
  const keep = createByteKeeper();
  const [first, second] = [keep(Buffer.from('a')), keep(Buffer.from('b'))];
  assert.equal(first.buffer, second.buffer);
  assert.notEqual(keep(Buffer.alloc(10_000)).buffer, first.buffer);
});
