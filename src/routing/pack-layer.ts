import type { BoundaryBlock } from './boundary-block.ts';
import { decodeOutline } from './boundary-outline.ts';
import { outlineArea, packBoundaries } from './pack-boundaries.ts';

/** Stored outlines of a layer in one piece of memory: outline n is bytes[ends[n - 1]] … bytes[ends[n]]. */
export type StoredOutlines = { bytes: Uint8Array; ends: Uint32Array };

/**
 * Packs a layer of imported boundaries. The index answers with the lowest number: where boundaries overlap, the smaller one
 * comes first, then the one given first.
 */
export function packLayer({ bytes, ends }: StoredOutlines): BoundaryBlock {
  const outlines = Array.from(ends, (end, n) => decodeOutline(bytes.subarray(n === 0 ? 0 : ends[n - 1], end)));
  const areas = Float64Array.from(outlines, outlineArea);
  const order = Uint32Array.from(areas.keys()).sort((a, b) => (areas[a] as number) - (areas[b] as number) || a - b);
  return packBoundaries(outlines, order);
}
