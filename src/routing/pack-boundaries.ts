import Flatbush from 'flatbush';
import { type BoundaryBlock, CELL, holds, RUN_EDGES } from './boundary-block.ts';
import { type OutlinePolygons, STEPS_PER_DEGREE, twiceSignedArea } from './boundary-outline.ts';

/** A cell that so few runs of edges reach into is not divided further. */
const RUNS_IN_CELL = 6;
/** Nor one of this side, about 450 m: where many boundaries meet in a point, dividing would not end. */
const LEAST_SIDE = 2 ** 12;
const EARTH_SIDE = 2 ** 32;
/** A longer list is not worth reading. */
const LONGEST_LIST = 128;
/** Words that cells and lists may take for each point; what many boundaries on top of each other would take is unbounded. */
const CELL_WORDS_PER_POINT = 1;
const LEAST_CELL_WORDS = 16_384;
/** Slabs are made as flat as lets each run stand in about three of them. */
const SLABS_PER_RUN_HEIGHT = 2;

/** Takes numbers one by one into memory that grows, and gives them as one shared section. */
class Collected {
  words = new Int32Array(1_024);
  length = 0;

  push(value: number): void {
    if (this.length === this.words.length) this.grow(this.length * 2);
    this.words[this.length++] = value;
  }

  /** Makes room and gives its place. */
  reserve(count: number): number {
    const place = this.length;
    this.length += count;
    while (this.length > this.words.length) this.grow(this.words.length * 2);
    return place;
  }

  grow(length: number): void {
    const larger = new Int32Array(length);
    larger.set(this.words.subarray(0, this.length));
    this.words = larger;
  }

  uint32(): Uint32Array {
    const section = sharedUint32(this.length);
    section.set(this.words.subarray(0, this.length));
    return section;
  }

  int32(): Int32Array {
    const section = sharedInt32(this.length);
    section.set(this.words.subarray(0, this.length));
    return section;
  }
}

function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

function sharedUint32(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

/** Square metres of polygons, on a plane for each: good for comparing sizes, not for surveying. */
export function outlineArea(polygons: OutlinePolygons): number {
  let area = 0;
  for (const [outer, ...holes] of polygons) {
    if (!outer) continue;
    let [south, north] = [outer[1] ?? 0, outer[1] ?? 0];
    for (let i = 1; i < outer.length; i += 2) {
      south = Math.min(south, outer[i] as number);
      north = Math.max(north, outer[i] as number);
    }
    const twice = holes.reduce((sum, hole) => sum - Math.abs(twiceSignedArea(hole)), Math.abs(twiceSignedArea(outer)));
    area += squareMeters(twice / 2, (south + north) / 2);
  }
  return area;
}

/** Length of one degree of latitude on the mean sphere (radius 6,371,008.8 m). */
export const METERS_PER_DEGREE = 111_195.08;

/** Square metres of square steps around a latitude (in steps). */
export function squareMeters(squareSteps: number, y: number): number {
  const metersPerStep = METERS_PER_DEGREE / STEPS_PER_DEGREE;
  return squareSteps * metersPerStep * metersPerStep * Math.cos((y / STEPS_PER_DEGREE / 180) * Math.PI);
}

/**
 * Packs boundaries; `boundaries[order[n]]` becomes boundary n, without `order` boundaries[n]. Rings of fewer than three
 * points are left out, a polygon without outer ring whole. Pure; a national layer takes some seconds.
 */
export function packBoundaries(boundaries: readonly OutlinePolygons[], order?: Uint32Array): BoundaryBlock {
  const numbers = sharedUint32(boundaries.length);
  for (let n = 0; n < numbers.length; n++) numbers[n] = order ? (order[n] as number) : n;
  const shapes = packPoints(boundaries, numbers);
  const slabs = packSlabs(shapes);
  const block: BoundaryBlock = {
    ...shapes,
    ...slabs,
    cells: sharedInt32(0),
    cellLists: sharedUint32(0),
    tree: packTree(shapes.partBoxes),
    order: numbers,
  };
  return { ...block, ...packCells(block) };
}

type Shapes = Pick<
  BoundaryBlock,
  'points' | 'ringStarts' | 'ringSizes' | 'partRings' | 'partBoundaries' | 'partBoxes' | 'partAreas' | 'boundaryParts'
>;

const isRing = (ring: Int32Array): boolean => ring.length >= 6;

function paddedEdges(ring: Int32Array): number {
  return Math.ceil(ring.length / 2 / RUN_EDGES) * RUN_EDGES;
}

function packPoints(boundaries: readonly OutlinePolygons[], order: Uint32Array): Shapes {
  const parts: { boundary: number; rings: readonly Int32Array[] }[] = [];
  const boundaryParts = sharedUint32(boundaries.length + 1);
  for (let boundary = 0; boundary < order.length; boundary++) {
    for (const [outer, ...holes] of boundaries[order[boundary] as number] ?? []) {
      if (outer && isRing(outer)) parts.push({ boundary, rings: [outer, ...holes.filter(isRing)] });
    }
    boundaryParts[boundary + 1] = parts.length;
  }
  let ringCount = 0;
  let pointCount = 0;
  for (const { rings } of parts) {
    ringCount += rings.length;
    for (const ring of rings) pointCount += paddedEdges(ring) + 1;
  }
  const points = sharedInt32(pointCount * 2);
  const ringStarts = sharedUint32(ringCount + 1);
  const ringSizes = sharedUint32(ringCount);
  const partRings = sharedUint32(parts.length + 1);
  const partBoundaries = sharedUint32(parts.length);
  const partBoxes = sharedInt32(parts.length * 4);
  const partAreas = new Float64Array(new SharedArrayBuffer(parts.length * 8));
  let r = 0;
  let at = 0;
  for (const [p, { boundary, rings }] of parts.entries()) {
    partBoundaries[p] = boundary;
    const box = [EARTH_SIDE, EARTH_SIDE, -EARTH_SIDE, -EARTH_SIDE] as [number, number, number, number];
    let twice = 0;
    for (const [number, ring] of rings.entries()) {
      ringStarts[r] = at / 2;
      ringSizes[r] = ring.length / 2;
      r++;
      points.set(ring, at);
      for (let i = 0; i < ring.length; i += 2) {
        const x = ring[i] as number;
        const y = ring[i + 1] as number;
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      }
      const end = at + (paddedEdges(ring) + 1) * 2;
      for (at += ring.length; at < end; at += 2) {
        points[at] = ring[0] as number;
        points[at + 1] = ring[1] as number;
      }
      twice += (number === 0 ? 1 : -1) * Math.abs(twiceSignedArea(ring));
    }
    partRings[p + 1] = r;
    partBoxes.set(box, p * 4);
    partAreas[p] = twice / 2;
  }
  ringStarts[ringCount] = at / 2;
  return { points, ringStarts, ringSizes, partRings, partBoundaries, partBoxes, partAreas, boundaryParts };
}

/** Calls back for every run of a part, by its first point, with the least and greatest latitude in it. */
function eachRun(shapes: Shapes, part: number, call: (start: number, south: number, north: number) => void): void {
  const { partRings, points, ringStarts } = shapes;
  const lastRing = partRings[part + 1] as number;
  for (let ring = partRings[part] as number; ring < lastRing; ring++) {
    const end = (ringStarts[ring + 1] as number) - 1;
    for (let start = ringStarts[ring] as number; start < end; start += RUN_EDGES) {
      let south = points[start * 2 + 1] as number;
      let north = south;
      for (let i = start + 1; i <= start + RUN_EDGES; i++) {
        const y = points[i * 2 + 1] as number;
        if (y < south) south = y;
        if (y > north) north = y;
      }
      call(start, south, north);
    }
  }
}

function packSlabs(shapes: Shapes): Pick<BoundaryBlock, 'partSlabs' | 'slabStarts' | 'slabRuns'> {
  const partCount = shapes.partBoundaries.length;
  const partSlabs = sharedUint32(partCount + 1);
  const slabStarts = new Collected();
  const slabRuns = new Collected();
  for (let part = 0; part < partCount; part++) {
    const south = shapes.partBoxes[part * 4 + 1] as number;
    const height = Math.max(1, (shapes.partBoxes[part * 4 + 3] as number) - south);
    let runs = 0;
    let climbed = 0;
    eachRun(shapes, part, (_start, low, high) => {
      runs++;
      climbed += high - low;
    });
    const wanted = Math.floor((SLABS_PER_RUN_HEIGHT * runs * height) / Math.max(1, climbed));
    const count = Math.max(1, Math.min(wanted, SLABS_PER_RUN_HEIGHT * runs));
    // The same arithmetic as when it is looked up: both round alike.
    const slabOf = (y: number): number => Math.min(count - 1, Math.floor(((y - south) * count) / height));
    const sizes = new Uint32Array(count + 1);
    eachRun(shapes, part, (_start, low, high) => {
      const last = slabOf(high);
      for (let slab = slabOf(low); slab <= last; slab++) sizes[slab + 1] = (sizes[slab + 1] as number) + 1;
    });
    const base = slabRuns.length;
    for (let slab = 0; slab < count; slab++) {
      slabStarts.push(base + (sizes[slab] as number));
      sizes[slab + 1] = (sizes[slab + 1] as number) + (sizes[slab] as number);
    }
    slabRuns.reserve(sizes[count] as number);
    eachRun(shapes, part, (start, low, high) => {
      const last = slabOf(high);
      for (let slab = slabOf(low); slab <= last; slab++) {
        const place = sizes[slab] as number;
        slabRuns.words[base + place] = start;
        sizes[slab] = place + 1;
      }
    });
    partSlabs[part + 1] = slabStarts.length;
  }
  slabStarts.push(slabRuns.length);
  return { partSlabs, slabStarts: slabStarts.uint32(), slabRuns: slabRuns.uint32() };
}

function packTree(partBoxes: Int32Array): Uint8Array {
  if (partBoxes.length === 0) return new Uint8Array(new SharedArrayBuffer(0));
  const tree = new Flatbush(partBoxes.length / 4, 16, Int32Array, SharedArrayBuffer);
  for (let i = 0; i < partBoxes.length; i += 4) {
    tree.add(partBoxes[i] as number, partBoxes[i + 1] as number, partBoxes[i + 2], partBoxes[i + 3]);
  }
  tree.finish();
  return new Uint8Array(tree.data);
}

/** A square of the earth in steps, south-west corner and side, with what reaches into it. */
type Square = {
  west: number;
  south: number;
  side: number;
  /** Runs whose edges touch it, ascending: those of one part stand together. */
  runs: number[];
  /** Parts that hold all of it. */
  covers: number[];
};

/**
 * Divides the earth until a cell lies in one boundary whole, or few edges are left in it. A lookup in the first kind ends
 * there; in the second, only parts with edges in the cell are asked whether they hold the point.
 */
function packCells(block: BoundaryBlock): Pick<BoundaryBlock, 'cells' | 'cellLists'> {
  const { points, partBoundaries } = block;
  const starts: number[] = [];
  const runParts: number[] = [];
  for (let part = 0; part < partBoundaries.length; part++) {
    eachRun(block, part, (start) => {
      starts.push(start);
      runParts.push(part);
    });
  }
  const boxes = new Int32Array(starts.length * 4);
  for (const [run, start] of starts.entries()) {
    let [west, south, east, north] = [EARTH_SIDE, EARTH_SIDE, -EARTH_SIDE, -EARTH_SIDE];
    for (let i = start * 2; i <= (start + RUN_EDGES) * 2; i += 2) {
      west = Math.min(west, points[i] as number);
      east = Math.max(east, points[i] as number);
      south = Math.min(south, points[i + 1] as number);
      north = Math.max(north, points[i + 1] as number);
    }
    boxes[run * 4] = west;
    boxes[run * 4 + 1] = south;
    boxes[run * 4 + 2] = east;
    boxes[run * 4 + 3] = north;
  }
  const cells = new Collected();
  const lists = new Collected();
  // Place 0 stands for "too much to list".
  lists.push(0);
  const known = new Map<string, number>();
  const mostWords = Math.max(LEAST_CELL_WORDS, (points.length / 2) * CELL_WORDS_PER_POINT);

  function listOf({ covers, runs }: Square): number {
    const entries = covers.map((part) => part * 2 + 1);
    let last = -1;
    for (const run of runs) {
      const part = runParts[run] as number;
      if (part !== last) entries.push(part * 2);
      last = part;
    }
    const [only] = entries;
    if (only === undefined) return CELL.empty;
    if (entries.length === 1 && only % 2 === 1) {
      return ((partBoundaries[(only - 1) / 2] as number) << 2) | CELL.whole;
    }
    if (entries.length > LONGEST_LIST) return CELL.list;
    entries.sort((a, b) => a - b);
    const name = entries.join();
    let place = known.get(name);
    if (place === undefined) {
      if (lists.length + cells.length > mostWords) return CELL.list;
      place = lists.length;
      known.set(name, place);
      lists.push(entries.length);
      for (const entry of entries) lists.push(entry);
    }
    return (place << 2) | CELL.list;
  }

  /** Whether an edge of the run touches the square with its border. */
  function touches(run: number, west: number, south: number, side: number): boolean {
    const east = west + side - 1;
    const north = south + side - 1;
    const box = run * 4;
    if (
      (boxes[box] as number) >= west &&
      (boxes[box + 1] as number) >= south &&
      (boxes[box + 2] as number) <= east &&
      (boxes[box + 3] as number) <= north
    ) {
      return true;
    }
    const first = (starts[run] as number) * 2;
    for (let i = first; i < first + RUN_EDGES * 2; i += 2) {
      const x0 = points[i] as number;
      const y0 = points[i + 1] as number;
      const x1 = points[i + 2] as number;
      const y1 = points[i + 3] as number;
      if ((x0 < west && x1 < west) || (x0 > east && x1 > east)) continue;
      if ((y0 < south && y1 < south) || (y0 > north && y1 > north)) continue;
      const side0 = (x1 - x0) * (south - y0) - (y1 - y0) * (west - x0);
      const side1 = (x1 - x0) * (south - y0) - (y1 - y0) * (east - x0);
      const side2 = (x1 - x0) * (north - y0) - (y1 - y0) * (west - x0);
      const side3 = (x1 - x0) * (north - y0) - (y1 - y0) * (east - x0);
      const allLeft = side0 > 0 && side1 > 0 && side2 > 0 && side3 > 0;
      const allRight = side0 < 0 && side1 < 0 && side2 < 0 && side3 < 0;
      if (!allLeft && !allRight) return true;
    }
    return false;
  }

  function divide(square: Square, level: number): number {
    const { runs } = square;
    const isLeaf = runs.length <= RUNS_IN_CELL || square.side <= LEAST_SIDE || lists.length + cells.length > mostWords;
    // The first level is always there: a lookup begins in it.
    if (isLeaf && level > 0) return listOf(square);
    const side = square.side / 4;
    const children: Square[] = [];
    for (let child = 0; child < 16; child++) {
      const west = square.west + (child % 4) * side;
      const south = square.south + Math.floor(child / 4) * side;
      children.push({ west, south, side, runs: [], covers: [...square.covers] });
    }
    for (let i = 0; i < runs.length; ) {
      const part = runParts[runs[i] as number] as number;
      let touched = 0;
      for (; i < runs.length && runParts[runs[i] as number] === part; i++) {
        const run = runs[i] as number;
        const box = run * 4;
        const lastColumn = Math.min(3, Math.floor(((boxes[box + 2] as number) - square.west) / side));
        const lastRow = Math.min(3, Math.floor(((boxes[box + 3] as number) - square.south) / side));
        const firstColumn = Math.max(0, Math.floor(((boxes[box] as number) - square.west) / side));
        for (
          let row = Math.max(0, Math.floor(((boxes[box + 1] as number) - square.south) / side));
          row <= lastRow;
          row++
        ) {
          for (let column = firstColumn; column <= lastColumn; column++) {
            const child = children[row * 4 + column] as Square;
            if (!touches(run, child.west, child.south, side)) continue;
            child.runs.push(run);
            touched |= 1 << (row * 4 + column);
          }
        }
      }
      for (const [number, child] of children.entries()) {
        if ((touched & (1 << number)) !== 0) continue;
        if (holds(block, part, child.west + side / 2, child.south + side / 2)) child.covers.push(part);
      }
    }
    runs.length = 0;
    const place = cells.reserve(16);
    for (let child = 0; child < 16; child++) {
      const code = divide(children[child] as Square, level + 1);
      cells.words[place + child] = code;
    }
    return (place << 2) | CELL.divided;
  }

  const all = starts.map((_start, run) => run);
  divide({ west: -EARTH_SIDE / 2, south: -EARTH_SIDE / 2, side: EARTH_SIDE, runs: all, covers: [] }, 0);
  return { cells: cells.int32(), cellLists: lists.uint32() };
}
