/**
 * Boundaries packed for lookups: nothing but numbers in shared memory, so that a thread can make them, another read them
 * without a copy, and a file keep them as they are. About 12 bytes for each point, see bench/.
 */
export type BoundaryBlock = {
  /** `x, y, …` in steps of 0.0000001 degrees. Rings are closed and padded with their first point to whole runs. */
  points: Int32Array;
  /** Ring r begins at point ringStarts[r]. */
  ringStarts: Uint32Array;
  /** Points of ring r without closing and padding. */
  ringSizes: Uint32Array;
  /** The rings of part p (one polygon: an outer ring and its holes) are partRings[p] … partRings[p + 1]. */
  partRings: Uint32Array;
  /** The boundary that part p belongs to; ascending. */
  partBoundaries: Uint32Array;
  /** Four for each part: least x, least y, greatest x, greatest y. */
  partBoxes: Int32Array;
  /** Square steps of each part, holes taken off. */
  partAreas: Float64Array;
  /** The parts of boundary b are boundaryParts[b] … boundaryParts[b + 1]. */
  boundaryParts: Uint32Array;
  /** A part's height in slabs of equal height: slabs of part p are partSlabs[p] … partSlabs[p + 1]. */
  partSlabs: Uint32Array;
  /** Runs of edges that reach into slab s are slabRuns[slabStarts[s]] …, each by its first point. */
  slabStarts: Uint32Array;
  slabRuns: Uint32Array;
  /** Cells of 4 by 4 cells, see `CELL`; the first 16 are the earth in 16 squares of 2³⁰ steps. */
  cells: Int32Array;
  /** What reaches into a cell: how many, then for each `2 · part`, plus 1 when the part holds all of the cell. */
  cellLists: Uint32Array;
  /** A Flatbush over the parts' boxes; empty without parts. */
  tree: Uint8Array;
  /** Which of the boundaries given became boundary b. */
  order: Uint32Array;
};

/** The sections in the order in which a file has them. */
export const BLOCK_SECTIONS = {
  points: Int32Array,
  ringStarts: Uint32Array,
  ringSizes: Uint32Array,
  partRings: Uint32Array,
  partBoundaries: Uint32Array,
  partBoxes: Int32Array,
  partAreas: Float64Array,
  boundaryParts: Uint32Array,
  partSlabs: Uint32Array,
  slabStarts: Uint32Array,
  slabRuns: Uint32Array,
  cells: Int32Array,
  cellLists: Uint32Array,
  tree: Uint8Array,
  order: Uint32Array,
} as const;

/** The lowest two bits of a cell; the others are a number. */
export const CELL = {
  /** Nothing is here. */
  empty: 0,
  /** Divided: the place in `cells` of its 16 cells, row by row from the south-west. */
  divided: 1,
  /** The place in `cellLists` of what is here; 0: too much to list, the tree knows. */
  list: 2,
  /** One boundary alone holds all of the cell: its number. */
  whole: 3,
} as const;

/** Edges are looked at in runs of this many neighbours: they lie side by side in memory. */
export const RUN_EDGES = 4;

/** Bytes that a block takes. */
export function blockBytes(block: BoundaryBlock): number {
  return Object.values(block).reduce((sum, section) => sum + section.byteLength, 0);
}

/** Slab of a part in which a latitude lies, or the nearest one. */
export function slabAt(block: BoundaryBlock, part: number, y: number): number {
  const first = block.partSlabs[part] as number;
  const count = (block.partSlabs[part + 1] as number) - first;
  const south = block.partBoxes[part * 4 + 1] as number;
  const north = block.partBoxes[part * 4 + 3] as number;
  const slab = Math.floor(((y - south) * count) / Math.max(1, north - south));
  return first + (slab < 0 ? 0 : slab >= count ? count - 1 : slab);
}

/**
 * Whether a part holds a point (in steps; whole numbers). A point on an edge lies east of it, on a level edge north of it.
 * An edge is always taken from its southern end: neighbours that share it decide by the same numbers.
 */
export function holds(block: BoundaryBlock, part: number, x: number, y: number): boolean {
  const { partBoxes, points, slabRuns, slabStarts } = block;
  const box = part * 4;
  if (
    x < (partBoxes[box] as number) ||
    y < (partBoxes[box + 1] as number) ||
    x > (partBoxes[box + 2] as number) ||
    y > (partBoxes[box + 3] as number)
  ) {
    return false;
  }
  const slab = slabAt(block, part, y);
  const end = slabStarts[slab + 1] as number;
  let inside = false;
  for (let entry = slabStarts[slab] as number; entry < end; entry++) {
    let at = (slabRuns[entry] as number) * 2;
    const last = at + RUN_EDGES * 2;
    let below = (points[at + 1] as number) <= y;
    for (at += 2; at <= last; at += 2) {
      const y1 = points[at + 1] as number;
      const isBelow = y1 <= y;
      if (isBelow === below) continue;
      below = isBelow;
      const x0 = points[at - 2] as number;
      const y0 = points[at - 1] as number;
      const x1 = points[at] as number;
      if (isBelow ? (x - x1) * (y0 - y1) < (y - y1) * (x0 - x1) : (x - x0) * (y1 - y0) < (y - y0) * (x1 - x0)) {
        inside = !inside;
      }
    }
  }
  return inside;
}
