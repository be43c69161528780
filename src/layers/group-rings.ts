import type { Point } from './layer.ts';

/** Twice the area of a ring, positive for counter-clockwise ones; relative to a corner, where digits suffice. */
function twiceArea(ring: readonly Point[]): number {
  const [x0, y0] = ring[0] ?? [0, 0];
  let twice = 0;
  for (let i = 1; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i] ?? [0, 0];
    const [bx, by] = ring[i + 1] ?? [0, 0];
    twice += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return twice;
}

type Measured = { ring: Point[]; area: number; west: number; south: number; east: number; north: number };

function measure(ring: Point[]): Measured {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return { ring, area: twiceArea(ring), west, south, east, north };
}

function contains({ ring }: Measured, [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i] ?? [0, 0];
    const [bx, by] = ring[j] ?? [0, 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Rings that touch in a corner are told apart by the others. */
const TRIED = 7;

function lies(hole: Measured, outer: Measured): boolean {
  if (hole.west < outer.west || hole.east > outer.east || hole.south < outer.south || hole.north > outer.north)
    return false;
  const step = Math.max(1, Math.floor(hole.ring.length / TRIED));
  let [inside, tried] = [0, 0];
  for (let i = 0; i < hole.ring.length; i += step) {
    const corner = hole.ring[i];
    if (corner === undefined) continue;
    tried += 1;
    if (contains(outer, corner)) inside += 1;
  }
  return inside * 2 > tried;
}

/**
 * The rings of one shape as polygons: those drawn clockwise are outer ones, each other is a hole of the smallest that holds it
 * (ESRI Shapefile, July 1998, page 8). A hole in nothing is taken as a polygon drawn in the wrong direction.
 */
export function groupRings(rings: readonly Point[][]): Point[][][] {
  const measured = rings.filter((ring) => ring.length >= 3).map(measure);
  const outers = measured.filter(({ area }) => area <= 0).sort((a, b) => Math.abs(a.area) - Math.abs(b.area));
  const polygons = new Map<Measured, Point[][]>(outers.map((outer) => [outer, [outer.ring]]));
  const strays: Point[][][] = [];
  for (const hole of measured) {
    if (hole.area <= 0) continue;
    const outer = outers.find((one) => lies(hole, one));
    if (outer === undefined) strays.push([hole.ring]);
    else polygons.get(outer)?.push(hole.ring);
  }
  return [...polygons.values(), ...strays];
}
