import Flatbush from 'flatbush';
import { NO_REST, type Rest } from '../support/rest.ts';
import { type BoundaryBlock, RUN_EDGES } from './boundary-block.ts';
import { type OutlinePolygons, STEPS_PER_DEGREE, twiceSignedArea } from './boundary-outline.ts';
import { listEdgeRuns } from './edge-runs.ts';
import { sharedInt32, sharedUint32 } from './growing-words.ts';
import { packCells } from './pack-cells.ts';
import { packSlabs } from './pack-slabs.ts';

const EARTH_SIDE = 2 ** 32;

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
export function packBoundaries(
  boundaries: readonly OutlinePolygons[],
  order?: Uint32Array,
  rest: Rest = NO_REST,
): BoundaryBlock {
  const numbers = sharedUint32(boundaries.length);
  for (let n = 0; n < numbers.length; n++) numbers[n] = order ? (order[n] as number) : n;
  const shapes = packPoints(boundaries, numbers, rest);
  const runs = listEdgeRuns(shapes, rest);
  const block: BoundaryBlock = {
    ...shapes,
    ...packSlabs(shapes.partBoxes, runs, rest),
    cells: sharedInt32(0),
    cellLists: sharedUint32(0),
    tree: packTree(shapes.partBoxes),
    order: numbers,
  };
  return { ...block, ...packCells(block, runs, rest) };
}

type Shapes = Pick<
  BoundaryBlock,
  'points' | 'ringStarts' | 'ringSizes' | 'partRings' | 'partBoundaries' | 'partBoxes' | 'partAreas' | 'boundaryParts'
>;

const isRing = (ring: Int32Array): boolean => ring.length >= 6;

function paddedEdges(ring: Int32Array): number {
  return Math.ceil(ring.length / 2 / RUN_EDGES) * RUN_EDGES;
}

function packPoints(boundaries: readonly OutlinePolygons[], order: Uint32Array, rest: Rest): Shapes {
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
    rest();
  }
  ringStarts[ringCount] = at / 2;
  return { points, ringStarts, ringSizes, partRings, partBoundaries, partBoxes, partAreas, boundaryParts };
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
