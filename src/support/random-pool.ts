import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8_192;

/** Unguessable bytes, fetched from the system in larger pieces: asking for each handful costs more than using it. */
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Fills `target` with random bytes (at most 1,024). Handed-out bytes are wiped from the pool. */
export function fillRandom(target: Uint8Array): void {
  if (target.length > 1_024) throw new RangeError('too many random bytes at once');
  if (used + target.length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const end = used + target.length;
  target.set(pool.subarray(used, end));
  pool.fill(0, used, end);
  used = end;
}
