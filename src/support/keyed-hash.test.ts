import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createKeyedHash } from './keyed-hash.ts';

test('a keyed hash is HMAC, for every length of key and message', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('sha256' as const, 'sha512' as const),
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 256 }),
      (algorithm, key, message) => {
        const hashOf = createKeyedHash(algorithm, key);
        const wanted = createHmac(algorithm, key).update(message).digest('binary');
        assert.equal(hashOf(message), wanted);
        assert.equal(hashOf(message), wanted, 'a second time');
      },
    ),
    { numRuns: 200 },
  );
});

test('a message that is too long is refused, not cut', () => {
  assert.throws(() => createKeyedHash('sha256', Buffer.alloc(32))(Buffer.alloc(257)), RangeError);
});
