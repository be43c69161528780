const SLAB_BYTES = 64 * 1024;
/** Larger ones get memory of their own, so that little of a slab is left unused. */
const MAX_SHARED_BYTES = SLAB_BYTES / 16;

/**
 * Copies bytes next to those that were kept before them. What is kept at the same time is let go at the same time, so a slab is
 * freed as a whole; in the engine's own pool one small piece would hold the room of many that were not kept.
 */
export function createByteKeeper(): (bytes: Buffer) => Buffer {
  let slab: Buffer = Buffer.alloc(0);
  let used = 0;
  return (bytes) => {
    const { length } = bytes;
    if (length > MAX_SHARED_BYTES) {
      const own = Buffer.allocUnsafeSlow(length);
      bytes.copy(own);
      return own;
    }
    if (used + length > slab.length) {
      slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      used = 0;
    }
    const kept = slab.subarray(used, used + length);
    bytes.copy(kept);
    used += length;
    return kept;
  };
}
