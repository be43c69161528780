import Flatbush from 'flatbush';
import type { Position } from '../domain/shape.ts';
import { type BoundaryBlock, blockBytes, CELL, holds, RUN_EDGES, slabAt } from './boundary-block.ts';
import { decodeOutline, encodeOutline, STEPS_PER_DEGREE } from './boundary-outline.ts';
import { createOverlapMeasure, type Outline } from './overlap-area.ts';
import { METERS_PER_DEGREE, packBoundaries, squareMeters } from './pack-boundaries.ts';

export { METERS_PER_DEGREE } from './pack-boundaries.ts';

/** Polygons of open rings of `longitude, latitude, …` in degrees. */
export type BoundaryGeometry = readonly (readonly Float64Array[])[];

/**
 * Finds which of many boundaries a point or a shape lies in. Boundaries are numbered in the order of the block.
 *
 * Edge rule: a point on an edge belongs to the boundary on its east side, and on a horizontal edge to the one on its
 * north side. Points are taken on the grid of the outlines (0.0000001 degrees, a centimetre), and edges are evaluated from their
 * southern end whichever way the ring runs, so of two boundaries that share an edge exactly one holds the point. Longitude
 * 180 is taken as -180. The inside of a polygon is even-odd over its rings.
 */
export type BoundaryIndex = {
  readonly size: number;
  readonly block: BoundaryBlock;
  /** Corners of all boundaries, and the bytes that they take with all that is needed to find them. */
  readonly corners: number;
  readonly bytes: number;
  /** The lowest-numbered boundary, of those from `from` to below `to`, that holds the point; -1 when none does. */
  first(latitude: number, longitude: number, from?: number, to?: number): number;
  /** Every boundary that holds the point, ascending. */
  all(latitude: number, longitude: number): number[];
  /** Whether this one boundary holds the point. */
  contains(boundary: number, latitude: number, longitude: number): boolean;
  /** Boundaries within `limitMeters` of the point (0 for those that hold it), nearest first, ties by number. */
  within(latitude: number, longitude: number, limitMeters: number): { boundary: number; distanceMeters: number }[];
  /**
   * Metres to the nearest edge of one boundary, or Infinity when farther than `limitMeters`. Where a boundary goes on beyond
   * longitude 180 it has no edge there.
   */
  distanceToEdge(boundary: number, latitude: number, longitude: number, limitMeters?: number): number;
  /** Boundaries that share area with the outline, in square metres, greatest first, ties by number. */
  overlapping(outline: Outline): { boundary: number; areaSquareMeters: number }[];
  /** Area on a local projection: good for comparing sizes, not for surveying. */
  areaSquareMeters(boundary: number): number;
  /** About `count` points spread evenly over a boundary; fewer where it is in small pieces, none without area. */
  spread(boundary: number, count: number): Position[];
  /** Boundaries whose boxes reach into a box, ascending; a box that crosses longitude 180 ends there. */
  inBox(south: number, west: number, north: number, east: number): number[];
  /** Corners of one boundary, with those that close its rings. */
  cornersOf(boundary: number): number;
  /** The polygons of one boundary, unpacked. */
  geometry(boundary: number): BoundaryGeometry;
};

/** Smaller shares of a shape are rounding: clipping a ring of 1,000 km to a shape of one metre leaves that much behind. */
const LEAST_OVERLAP = 1e-6;

const METERS_PER_STEP = METERS_PER_DEGREE / STEPS_PER_DEGREE;
const TURN = 360 * STEPS_PER_DEGREE;
const HALF_TURN = TURN / 2;

/** Longitude 180 is the same meridian as -180. */
function stepsEast(longitude: number): number {
  const x = Math.round(longitude * STEPS_PER_DEGREE);
  return x >= HALF_TURN ? x - TURN : x;
}

function stepsNorth(latitude: number): number {
  return Math.round(latitude * STEPS_PER_DEGREE);
}

/** Metres from a point to the part's nearest edge, searched slab by slab outwards; Infinity beyond `limitMeters`. */
function edgeDistance(
  block: BoundaryBlock,
  part: number,
  x: number,
  y: number,
  limitMeters: number,
  withoutAntimeridian: boolean,
): number {
  const { partBoxes, partSlabs, points, slabRuns, slabStarts } = block;
  const metersPerX = METERS_PER_STEP * Math.cos((y / STEPS_PER_DEGREE / 180) * Math.PI);
  let best = limitMeters * limitMeters;
  let found = false;
  const scan = (slab: number): void => {
    const end = slabStarts[slab + 1] as number;
    for (let entry = slabStarts[slab] as number; entry < end; entry++) {
      const first = (slabRuns[entry] as number) * 2;
      for (let i = first; i < first + RUN_EDGES * 2; i += 2) {
        const x0 = points[i] as number;
        const x1 = points[i + 2] as number;
        if (withoutAntimeridian && x0 === x1 && Math.abs(x0) === HALF_TURN) continue;
        const ax = (x0 - x) * metersPerX;
        const ay = ((points[i + 1] as number) - y) * METERS_PER_STEP;
        const dx = (x1 - x) * metersPerX - ax;
        const dy = ((points[i + 3] as number) - y) * METERS_PER_STEP - ay;
        const lengthSquared = dx * dx + dy * dy;
        const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / lengthSquared));
        const nx = ax + along * dx;
        const ny = ay + along * dy;
        const square = nx * nx + ny * ny;
        if (square <= best) {
          best = square;
          found = true;
        }
      }
    }
  };
  const firstSlab = partSlabs[part] as number;
  const endSlab = partSlabs[part + 1] as number;
  const south = partBoxes[part * 4 + 1] as number;
  const slabMeters = (((partBoxes[part * 4 + 3] as number) - south) / (endSlab - firstSlab)) * METERS_PER_STEP;
  const height = (y - south) * METERS_PER_STEP;
  const start = slabAt(block, part, y);
  scan(start);
  let low = start - 1;
  let high = start + 1;
  for (;;) {
    const below =
      low >= firstSlab ? Math.max(0, height - (low - firstSlab + 1) * slabMeters) : Number.POSITIVE_INFINITY;
    const above = high < endSlab ? Math.max(0, (high - firstSlab) * slabMeters - height) : Number.POSITIVE_INFINITY;
    const gap = Math.min(below, above);
    if (gap * gap > best || gap === Number.POSITIVE_INFINITY) break;
    scan(below <= above ? low-- : high++);
  }
  return found ? Math.sqrt(best) : Number.POSITIVE_INFINITY;
}

/** Opens a block for lookups; costs nothing worth mentioning. */
export function openBoundaryIndex(block: BoundaryBlock): BoundaryIndex {
  const {
    boundaryParts,
    cellLists,
    cells,
    partAreas,
    partBoundaries,
    partBoxes,
    partRings,
    points,
    ringSizes,
    ringStarts,
  } = block;
  const size = boundaryParts.length - 1;
  const tree = block.tree.length > 0 ? Flatbush.from(block.tree.buffer) : null;
  const search = (west: number, south: number, east: number, north: number): number[] =>
    tree ? tree.search(west, south, east, north) : [];

  function cellAt(x: number, y: number): number {
    const column = (x + 2 ** 31) >>> 0;
    const row = (y + 2 ** 31) >>> 0;
    let cell: number = CELL.divided;
    for (let shift = 30; (cell & 3) === CELL.divided; shift -= 2) {
      cell = cells[(cell >> 2) + ((((row >>> shift) & 3) << 2) | ((column >>> shift) & 3))] as number;
    }
    return cell;
  }

  /** Parts that may hold the point where a cell has too many to list, in their order. */
  function candidates(x: number, y: number): number[] {
    return search(x, y, x, y).sort((a, b) => a - b);
  }

  function firstOfMany(x: number, y: number, from: number, to: number): number {
    for (const part of candidates(x, y)) {
      const boundary = partBoundaries[part] as number;
      if (boundary >= to) break;
      if (boundary >= from && holds(block, part, x, y)) return boundary;
    }
    return -1;
  }

  const ring = (number: number): Int32Array => {
    const start = (ringStarts[number] as number) * 2;
    return points.subarray(start, start + (ringSizes[number] as number) * 2);
  };

  function ringsOf(part: number): Int32Array[] {
    const rings: Int32Array[] = [];
    for (let r = partRings[part] as number; r < (partRings[part + 1] as number); r++) rings.push(ring(r));
    return rings;
  }

  const boxOf = (part: number): [number, number, number, number] => [
    partBoxes[part * 4] as number,
    partBoxes[part * 4 + 1] as number,
    partBoxes[part * 4 + 2] as number,
    partBoxes[part * 4 + 3] as number,
  ];

  /** Whether a boundary was cut at longitude 180: it has parts that end there on both sides. */
  function crossesAntimeridian(boundary: number): boolean {
    let [west, east] = [false, false];
    for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
      west ||= partBoxes[part * 4] === -HALF_TURN;
      east ||= partBoxes[part * 4 + 2] === HALF_TURN;
    }
    return west && east;
  }

  return {
    size,
    block,
    corners: ringSizes.reduce((sum, corners) => sum + corners, 0),
    bytes: blockBytes(block),
    first(latitude, longitude, from = 0, to = size) {
      const x = stepsEast(longitude);
      const y = stepsNorth(latitude);
      const cell = cellAt(x, y);
      const number = cell >> 2;
      switch (cell & 3) {
        case CELL.whole:
          return number >= from && number < to ? number : -1;
        case CELL.list: {
          if (number === 0) return firstOfMany(x, y, from, to);
          const end = number + (cellLists[number] as number);
          for (let i = number + 1; i <= end; i++) {
            const entry = cellLists[i] as number;
            const part = entry >>> 1;
            const boundary = partBoundaries[part] as number;
            if (boundary >= to) return -1;
            if (boundary >= from && ((entry & 1) === 1 || holds(block, part, x, y))) return boundary;
          }
          return -1;
        }
        default:
          return -1;
      }
    },
    all(latitude, longitude) {
      const x = stepsEast(longitude);
      const y = stepsNorth(latitude);
      const cell = cellAt(x, y);
      const number = cell >> 2;
      if ((cell & 3) === CELL.whole) return [number];
      if ((cell & 3) !== CELL.list) return [];
      const found: number[] = [];
      const take = (part: number, isWhole: boolean): void => {
        const boundary = partBoundaries[part] as number;
        if (found.at(-1) !== boundary && (isWhole || holds(block, part, x, y))) found.push(boundary);
      };
      if (number === 0) for (const part of candidates(x, y)) take(part, false);
      else {
        for (let i = number + 1; i <= number + (cellLists[number] as number); i++) {
          const entry = cellLists[i] as number;
          take(entry >>> 1, (entry & 1) === 1);
        }
      }
      return found;
    },
    contains(boundary, latitude, longitude) {
      const x = stepsEast(longitude);
      const y = stepsNorth(latitude);
      for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
        if (holds(block, part, x, y)) return true;
      }
      return false;
    },
    within(latitude, longitude, limitMeters) {
      const y = stepsNorth(latitude);
      const reachY = limitMeters / METERS_PER_STEP;
      const reachX = Math.min(HALF_TURN, reachY / Math.max(1e-6, Math.cos((latitude * Math.PI) / 180)));
      const distances = new Map<number, number>();
      const middle = stepsEast(longitude);
      for (const x of [middle, middle - TURN, middle + TURN]) {
        if (x - reachX > HALF_TURN || x + reachX < -HALF_TURN) continue;
        for (const part of search(x - reachX, y - reachY, x + reachX, y + reachY)) {
          const boundary = partBoundaries[part] as number;
          const known = distances.get(boundary) ?? Number.POSITIVE_INFINITY;
          const distance = holds(block, part, x, y)
            ? 0
            : edgeDistance(block, part, x, y, Math.min(known, limitMeters), false);
          if (distance < known) distances.set(boundary, distance);
        }
      }
      return [...distances]
        .map(([boundary, distanceMeters]) => ({ boundary, distanceMeters }))
        .sort((a, b) => a.distanceMeters - b.distanceMeters || a.boundary - b.boundary);
    },
    distanceToEdge(boundary, latitude, longitude, limitMeters = Number.POSITIVE_INFINITY) {
      const y = stepsNorth(latitude);
      const middle = stepsEast(longitude);
      const isCut = crossesAntimeridian(boundary);
      let best = limitMeters;
      let found = false;
      for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
        const [west, south, east, north] = boxOf(part);
        if (Math.max(0, south - y, y - north) * METERS_PER_STEP > best) continue;
        // The way around the other side of the earth may be the shorter one.
        const x = west - middle > HALF_TURN ? middle + TURN : middle - east > HALF_TURN ? middle - TURN : middle;
        const distance = edgeDistance(block, part, x, y, best, isCut);
        if (distance <= best) {
          best = distance;
          found = true;
        }
      }
      return found ? best : Number.POSITIVE_INFINITY;
    },
    overlapping(outline) {
      const areas = new Map<number, number>();
      const measure = createOverlapMeasure(outline);
      const { bounds } = outline;
      for (const shift of [0, 360, -360]) {
        const west = bounds.west + shift;
        const east = bounds.east + shift;
        if (shift !== 0 && (west > 180 || east < -180)) continue;
        const found = search(
          west * STEPS_PER_DEGREE,
          bounds.south * STEPS_PER_DEGREE,
          east * STEPS_PER_DEGREE,
          bounds.north * STEPS_PER_DEGREE,
        );
        for (const part of found.sort((a, b) => a - b)) {
          const polygon = {
            rings: ringsOf(part),
            unitsPerDegree: STEPS_PER_DEGREE,
            box: boxOf(part),
            area: partAreas[part] as number,
          };
          const area = measure(polygon, shift);
          const boundary = partBoundaries[part] as number;
          if (area > 0) areas.set(boundary, (areas.get(boundary) ?? 0) + area);
        }
      }
      return [...areas]
        .map(([boundary, areaSquareMeters]) => ({ boundary, areaSquareMeters }))
        .filter(({ areaSquareMeters }) => areaSquareMeters > outline.areaSquareMeters * LEAST_OVERLAP)
        .sort((a, b) => b.areaSquareMeters - a.areaSquareMeters || a.boundary - b.boundary);
    },
    areaSquareMeters(boundary) {
      let area = 0;
      for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
        const [, south, , north] = boxOf(part);
        area += squareMeters(partAreas[part] as number, (south + north) / 2);
      }
      return area;
    },
    spread(boundary, count) {
      const positions: Position[] = [];
      const cell = this.areaSquareMeters(boundary) / count;
      if (!(cell > 0)) return positions;
      const stepY = Math.sqrt(cell) / METERS_PER_STEP;
      for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
        const [west, south, east, north] = boxOf(part);
        const middle = (south + north) / 2 / STEPS_PER_DEGREE;
        const stepX = stepY / Math.max(0.01, Math.cos((middle * Math.PI) / 180));
        for (let y = Math.floor(south + stepY / 2); y < north; y += Math.ceil(stepY)) {
          for (let x = Math.floor(west + stepX / 2); x < east; x += Math.ceil(stepX)) {
            if (!holds(block, part, x, y)) continue;
            positions.push({ latitude: y / STEPS_PER_DEGREE, longitude: x / STEPS_PER_DEGREE });
          }
        }
      }
      return positions;
    },
    inBox(south, west, north, east) {
      const parts = search(
        Math.max(-HALF_TURN, Math.round(west * STEPS_PER_DEGREE)),
        stepsNorth(south),
        Math.min(HALF_TURN, Math.round(east * STEPS_PER_DEGREE)),
        stepsNorth(north),
      );
      return [...new Set(parts.map((part) => partBoundaries[part] as number))].sort((a, b) => a - b);
    },
    cornersOf(boundary) {
      const firstRing = partRings[boundaryParts[boundary] as number] as number;
      const endRing = partRings[boundaryParts[boundary + 1] as number] as number;
      let corners = 0;
      for (let ring = firstRing; ring < endRing; ring++) corners += ringSizes[ring] as number;
      return corners;
    },
    geometry(boundary) {
      const polygons: Float64Array[][] = [];
      for (let part = boundaryParts[boundary] as number; part < (boundaryParts[boundary + 1] as number); part++) {
        polygons.push(ringsOf(part).map((one) => Float64Array.from(one, (steps) => steps / STEPS_PER_DEGREE)));
      }
      return polygons;
    },
  };
}

/** Packs and opens in one; for few boundaries. Rings may repeat their first point at the end. */
export function createBoundaryIndex(geometries: readonly BoundaryGeometry[]): BoundaryIndex {
  return openBoundaryIndex(packBoundaries(geometries.map(outlineOf)));
}

function outlineOf(geometry: BoundaryGeometry): Int32Array[][] {
  return decodeOutline(encodeOutline(geometry.map((rings) => rings.map(positionsOf))));
}

function positionsOf(ring: Float64Array): [number, number][] {
  const positions: [number, number][] = [];
  for (let i = 0; i < ring.length; i += 2) positions.push([ring[i] as number, ring[i + 1] as number]);
  return positions;
}

/** GML and GeoJSON rings as positions. */
export function ringPositions(ring: Float64Array): Position[] {
  return positionsOf(ring).map(([longitude, latitude]) => ({ longitude, latitude }));
}
