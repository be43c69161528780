import type { ServiceBoundary } from '../wire/lost/lost.ts';

/** Outlines lately given by value, by their keys: a key names one outline for ever (RFC 5222 §5.6). */
export type OutlineCache = {
  get(key: string): ServiceBoundary | undefined;
  set(key: string, outline: ServiceBoundary): void;
};

/** Corners kept in all, and of one outline; about a hundred bytes each, with the text that is written of them. */
const MAX_CORNERS = 400_000;
const MAX_CORNERS_OF_ONE = 100_000;

/** Least lately used goes first. The outline of a province costs twenty milliseconds to write, which nobody may ask for at will. */
export function createOutlineCache(): OutlineCache {
  const kept = new Map<string, { outline: ServiceBoundary; corners: number }>();
  let corners = 0;
  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return undefined;
      kept.delete(key);
      kept.set(key, entry);
      return entry.outline;
    },
    set(key, outline) {
      const count = countCorners(outline);
      if (count > MAX_CORNERS_OF_ONE || kept.has(key)) return;
      kept.set(key, { outline, corners: count });
      corners += count;
      for (const [oldest, entry] of kept) {
        if (corners <= MAX_CORNERS) break;
        kept.delete(oldest);
        corners -= entry.corners;
      }
    },
  };
}

function countCorners(boundary: ServiceBoundary): number {
  if (boundary.profile === 'civic') return 0;
  let count = 0;
  for (const { exterior, interiors } of boundary.polygons) {
    count += exterior.length;
    for (const interior of interiors) count += interior.length;
  }
  return count;
}
