import { NO_REST, type Rest } from '../support/rest.ts';
import type { BoundaryBlock } from './boundary-block.ts';
import { decodeOutlineInto } from './boundary-outline.ts';
import { sharedInt32 } from './growing-words.ts';
import { outlineArea, packBoundaries } from './pack-boundaries.ts';

/** Stored outlines of a layer in one piece of memory: outline n is bytes[ends[n - 1]] … bytes[ends[n]]. */
export type StoredOutlines = { bytes: Uint8Array; ends: Uint32Array };

/**
 * Packs a layer of imported boundaries. The index answers with the lowest number: where boundaries overlap, the smaller one
 * comes first, then the one given first.
 */
export function packLayer({ bytes, ends }: StoredOutlines, rest: Rest = NO_REST): BoundaryBlock {
  const ringOf = shareMemory(bytes.length);
  const areas = new Float64Array(ends.length);
  const outlines = Array.from(ends, (end, n) => {
    const outline = decodeOutlineInto(bytes.subarray(n === 0 ? 0 : ends[n - 1], end), ringOf);
    areas[n] = outlineArea(outline);
    rest();
    return outline;
  });
  const order = Uint32Array.from(areas.keys()).sort((a, b) => (areas[a] as number) - (areas[b] as number) || a - b);
  return packBoundaries(outlines, order, rest);
}

/** One piece of memory for all rings, see `GrowingWords`: a number takes a byte at least, and what is not used is not taken. */
function shareMemory(mostNumbers: number): (length: number) => Int32Array {
  const memory = sharedInt32(mostNumbers);
  let used = 0;
  return (length) => {
    const from = used;
    used += length;
    // More than that only damage counts, which the outline's end will tell.
    return used <= memory.length ? memory.subarray(from, used) : new Int32Array(length);
  };
}
