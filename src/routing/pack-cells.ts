import type { Rest } from '../support/rest.ts';
import { type BoundaryBlock, CELL, holds, RUN_EDGES } from './boundary-block.ts';
import { CellLists } from './cell-lists.ts';
import type { EdgeRuns } from './edge-runs.ts';
import { GrowingWords } from './growing-words.ts';

/** A cell that so few runs of edges reach into is not divided further. */
const RUNS_IN_CELL = 6;
/** Nor one of this side, about 450 m: where many boundaries meet in a point, dividing would not end. */
const LEAST_SIDE = 2 ** 12;
const EARTH_SIDE = 2 ** 32;
/** Divisions of the earth until a side is the least. */
const MOST_LEVELS = 10;
const CHILDREN = 16;
const ALL_CHILDREN = 0xffff;
/** A longer list is not worth reading. */
const LONGEST_LIST = 128;
/** So many numbers are put in order faster by hand than by the engine's sort. */
const FEW = 16;
/** Words that cells and lists may take for each point; what many boundaries on top of each other would take is unbounded. */
const CELL_WORDS_PER_POINT = 1;
const LEAST_CELL_WORDS = 16_384;

/**
 * Divides the earth until a cell lies in one boundary whole, or few edges are left in it. A lookup in the first kind ends
 * there; in the second, only parts with edges in the cell are asked whether they hold the point.
 *
 * What is at work stands in memory outside the engine's heap: millions of short lists would keep the collector's threads busy,
 * which have the priority of those that answer calls.
 */
export function packCells(
  block: BoundaryBlock,
  { boxes, parts: runParts, starts }: EdgeRuns,
  rest: Rest,
): Pick<BoundaryBlock, 'cells' | 'cellLists'> {
  const { partBoundaries, points } = block;
  const cells = new GrowingWords();
  const lists = new CellLists();
  const entries = new Int32Array(LONGEST_LIST);
  const mostWords = Math.max(LEAST_CELL_WORDS, (points.length / 2) * CELL_WORDS_PER_POINT);
  const isFull = (): boolean => lists.words.length + cells.length > mostWords;

  /** The runs that touch the squares at work, the innermost last; within a square ascending: those of one part together. */
  const runs = new GrowingWords();
  /** Of each of them, one bit for each child that it touches. */
  let masks = new Uint16Array(new SharedArrayBuffer(0));
  /** The parts that hold all of the square at work. */
  const covers = new GrowingWords();
  /** Of the squares at work, the parts that hold children whole, each followed by one bit for each such child. */
  const childCovers = new GrowingWords();
  /** For each level the ends of its children's runs. */
  const childEnds = new Uint32Array(MOST_LEVELS * CHILDREN);

  /** What reaches into a square, given the place of its runs. */
  function listOf(from: number, end: number): number {
    let count = 0;
    for (let i = 0; i < covers.length; i++) {
      if (count === LONGEST_LIST) return CELL.list;
      entries[count++] = (covers.words[i] as number) * 2 + 1;
    }
    let last = -1;
    for (let i = from; i < end; i++) {
      const part = runParts[runs.words[i] as number] as number;
      if (part === last) continue;
      if (count === LONGEST_LIST) return CELL.list;
      entries[count++] = part * 2;
      last = part;
    }
    if (count === 0) return CELL.empty;
    const only = entries[0] as number;
    if (count === 1 && only % 2 === 1) return ((partBoundaries[(only - 1) / 2] as number) << 2) | CELL.whole;
    sortFirst(entries, count);
    const known = lists.find(entries, count);
    if (known === 0 && isFull()) return CELL.list;
    return ((known === 0 ? lists.add(entries, count) : known) << 2) | CELL.list;
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

  /** One bit for each child of a square that the run touches. */
  function childrenTouched(run: number, west: number, south: number, side: number): number {
    const box = run * 4;
    const firstColumn = Math.max(0, Math.floor(((boxes[box] as number) - west) / side));
    const firstRow = Math.max(0, Math.floor(((boxes[box + 1] as number) - south) / side));
    const lastColumn = Math.min(3, Math.floor(((boxes[box + 2] as number) - west) / side));
    const lastRow = Math.min(3, Math.floor(((boxes[box + 3] as number) - south) / side));
    let mask = 0;
    for (let row = firstRow; row <= lastRow; row++) {
      for (let column = firstColumn; column <= lastColumn; column++) {
        if (touches(run, west + column * side, south + row * side, side)) mask |= 1 << (row * 4 + column);
      }
    }
    return mask;
  }

  /** Notes which of the children that the part has no edges in it holds. */
  function coverChildren(part: number, touched: number, west: number, south: number, side: number): void {
    let held = 0;
    for (let rest = ~touched & ALL_CHILDREN; rest !== 0; rest &= rest - 1) {
      const child = lowestBit(rest);
      const x = west + (child % 4) * side + side / 2;
      const y = south + (child >> 2) * side + side / 2;
      if (holds(block, part, x, y)) held |= 1 << child;
    }
    if (held === 0) return;
    childCovers.push(part);
    childCovers.push(held);
  }

  /** Hands the runs of a square to its children, and notes what holds these whole; `childEnds` tells where which child's end. */
  function share(west: number, south: number, side: number, from: number, end: number, level: number): void {
    if (masks.length < runs.words.length) {
      const larger = new Uint16Array(new SharedArrayBuffer(runs.words.length * 2));
      larger.set(masks);
      masks = larger;
    }
    const base = level * CHILDREN;
    childEnds.fill(0, base, base + CHILDREN);
    for (let i = from; i < end; ) {
      const part = runParts[runs.words[i] as number] as number;
      let touched = 0;
      for (; i < end && runParts[runs.words[i] as number] === part; i++) {
        const mask = childrenTouched(runs.words[i] as number, west, south, side);
        masks[i] = mask;
        touched |= mask;
        for (let rest = mask; rest !== 0; rest &= rest - 1) {
          const child = base + lowestBit(rest);
          childEnds[child] = (childEnds[child] as number) + 1;
        }
      }
      coverChildren(part, touched, west, south, side);
      rest();
    }
    // From how many to where the next goes: it becomes the end as they are put there.
    let place = runs.length;
    for (let child = 0; child < CHILDREN; child++) {
      const count = childEnds[base + child] as number;
      childEnds[base + child] = place;
      place += count;
    }
    runs.reserve(place - runs.length);
    const { words } = runs;
    for (let i = from; i < end; i++) {
      for (let rest = masks[i] as number; rest !== 0; rest &= rest - 1) {
        const child = base + lowestBit(rest);
        const at = childEnds[child] as number;
        words[at] = words[i] as number;
        childEnds[child] = at + 1;
      }
    }
  }

  /** Divides a square whose runs stand at `from` … `end` into 16, and gives the place of these in `cells`. */
  function divide(west: number, south: number, fullSide: number, from: number, end: number, level: number): number {
    const side = fullSide / 4;
    const [runsBefore, coversBefore, childCoversBefore] = [runs.length, covers.length, childCovers.length];
    share(west, south, side, from, end, level);
    const childCoversEnd = childCovers.length;
    const place = cells.reserve(CHILDREN);
    let first = runsBefore;
    for (let child = 0; child < CHILDREN; child++) {
      for (let i = childCoversBefore; i < childCoversEnd; i += 2) {
        if (((childCovers.words[i + 1] as number) & (1 << child)) !== 0) covers.push(childCovers.words[i] as number);
      }
      const last = childEnds[level * CHILDREN + child] as number;
      const isLeaf = last - first <= RUNS_IN_CELL || side <= LEAST_SIDE || isFull();
      const code = isLeaf
        ? listOf(first, last)
        : (divide(west + (child % 4) * side, south + (child >> 2) * side, side, first, last, level + 1) << 2) |
          CELL.divided;
      cells.words[place + child] = code;
      covers.length = coversBefore;
      first = last;
    }
    runs.length = runsBefore;
    childCovers.length = childCoversBefore;
    return place;
  }

  const count = starts.length;
  runs.reserve(count);
  for (let run = 0; run < count; run++) runs.words[run] = run;
  divide(-EARTH_SIDE / 2, -EARTH_SIDE / 2, EARTH_SIDE, 0, count, 0);
  return { cells: cells.int32(), cellLists: lists.words.uint32() };
}

/** Number of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Puts the first `count` numbers in ascending order. */
function sortFirst(numbers: Int32Array, count: number): void {
  if (count > FEW) {
    numbers.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const number = numbers[i] as number;
    let at = i;
    for (; at > 0 && (numbers[at - 1] as number) > number; at--) numbers[at] = numbers[at - 1] as number;
    numbers[at] = number;
  }
}
