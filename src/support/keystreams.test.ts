import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createKeystreams } from './keystreams.ts';

const KEY = randomBytes(32);

test('what is hidden is what AES-256 in counter mode makes of it, block by block', () => {
  const streams = createKeystreams(KEY, { nonceBytes: 12, maxBytes: 87 });
  for (const length of [0, 1, 15, 16, 17, 87]) {
    const plain = randomBytes(length);
    const message = Buffer.concat([Buffer.alloc(13), plain]);
    streams.hide(message, { nonceAt: 1, plainAt: 13, end: 13 + length });
    const counter = Buffer.concat([message.subarray(1, 13), Buffer.alloc(4)]);
    const expected = createCipheriv('aes-256-ctr', KEY, counter).update(plain);
    assert.deepEqual(message.subarray(13), expected);
    streams.show(message, { nonceAt: 1, plainAt: 13, end: 13 + length });
    assert.deepEqual(message.subarray(13), plain);
  }
});

test('no nonce comes twice, nor a longer message than there is keystream for', () => {
  const streams = createKeystreams(KEY, { nonceBytes: 16, maxBytes: 40 });
  const nonces = new Set<string>();
  for (let count = 0; count < 1_000; count++) {
    const message = Buffer.alloc(56);
    streams.hide(message, { nonceAt: 0, plainAt: 16, end: 56 });
    nonces.add(message.toString('hex', 0, 16));
  }
  assert.equal(nonces.size, 1_000);
  assert.throws(() => streams.hide(Buffer.alloc(100), { nonceAt: 0, plainAt: 16, end: 100 }), RangeError);
});
