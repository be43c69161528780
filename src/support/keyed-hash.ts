import { createHmac, hash } from 'node:crypto';

const BLOCK_BYTES = { sha256: 64, sha512: 128 } as const;
const DIGEST_BYTES = { sha256: 32, sha512: 64 } as const;
const MAX_MESSAGE = 256;
const INNER = 0x36;
const OUTER = 0x5c;

/** HMAC of at most 256 bytes, as one character a byte (`latin1`). */
export type KeyedHash = (message: Uint8Array) => string;

/**
 * HMAC (RFC 2104) for hot paths: two one-shot hashes over blocks that are laid out once. `createHmac` makes an object of the
 * engine's for every message, whose making and collecting costs five times the hashing.
 */
export function createKeyedHash(algorithm: 'sha256' | 'sha512', key: Uint8Array): KeyedHash {
  const block = BLOCK_BYTES[algorithm];
  const inner = Buffer.alloc(block + MAX_MESSAGE, INNER);
  const outer = Buffer.alloc(block + DIGEST_BYTES[algorithm], OUTER);
  // A key longer than a block is hashed first (RFC 2104 §2).
  const short = key.length > block ? Buffer.from(hash(algorithm, key, 'binary'), 'latin1') : key;
  for (const [index, byte] of short.entries()) {
    inner[index] = byte ^ INNER;
    outer[index] = byte ^ OUTER;
  }
  let filled = inner.subarray(0, block);
  return (message) => {
    if (message.length > MAX_MESSAGE) throw new RangeError(`a keyed hash takes at most ${MAX_MESSAGE} bytes`);
    // Messages of one kind are of one length.
    if (filled.length !== block + message.length) filled = inner.subarray(0, block + message.length);
    inner.set(message, block);
    outer.write(hash(algorithm, filled, 'binary'), block, 'latin1');
    return hash(algorithm, outer, 'binary');
  };
}

/** A key for one purpose out of a master key: whoever has one derived key learns nothing about the others. */
export function deriveKey(master: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', master).update(purpose).digest();
}
