import { createHash } from 'node:crypto';
import Flatbush from 'flatbush';
import type { Position } from '../domain/shape.ts';
import { type Outline, overlapArea } from './overlap-area.ts';

/** Polygons of rings; a ring is `longitude, latitude, …` in degrees and may repeat its first point at the end or not. */
export type BoundaryGeometry = readonly (readonly Float64Array[])[];

/** Length of one degree of latitude on the mean sphere (radius 6,371,008.8 m). */
export const METERS_PER_DEGREE = 111_195.08;

/**
 * Finds which of many boundaries a point or a shape lies in. Boundaries are numbered in the order they were given.
 *
 * Edge rule: a point on an edge belongs to the boundary on its east side, and on a horizontal edge to the one on its
 * north side. Edges are evaluated from their southern end whichever way the ring runs, so two boundaries that share an
 * edge agree bit for bit and exactly one of them holds the point. The inside of a polygon is even-odd over its rings.
 */
export type BoundaryIndex = {
  readonly size: number;
  /** The lowest-numbered boundary, of those from `from` to below `to`, that holds the point; -1 when none does. */
  first(latitude: number, longitude: number, from?: number, to?: number): number;
  /** Every boundary that holds the point, ascending. */
  all(latitude: number, longitude: number): number[];
  /** Boundaries within `limitMeters` of the point (0 for those that hold it), nearest first, ties by number. */
  within(latitude: number, longitude: number, limitMeters: number): { boundary: number; distanceMeters: number }[];
  /** Metres to the nearest edge of one boundary, or Infinity when farther than `limitMeters`. */
  distanceToEdge(boundary: number, latitude: number, longitude: number, limitMeters?: number): number;
  /** Boundaries that share area with the outline, in square metres, greatest first, ties by number. */
  overlapping(outline: Outline): { boundary: number; areaSquareMeters: number }[];
  /** Area on a local projection: good for comparing sizes, not for surveying. */
  areaSquareMeters(boundary: number): number;
};

/** Smaller shares of a shape are rounding: clipping a ring of 1,000 km to a shape of one metre leaves that much behind. */
const LEAST_OVERLAP = 1e-6;

/** Edges per horizontal slab of a polygon: a point is tested against about this many edges and no more. */
const EDGES_PER_SLAB = 6;

/** One polygon (outer ring and holes) with its edges sorted into slabs of equal height. */
type Part = {
  boundary: number;
  rings: readonly Float64Array[];
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
  slabs: number;
  slabsPerDegree: number;
  /** Edge numbers of slab s are slabEdges[slabStarts[s] … slabStarts[s + 1]]. */
  slabStarts: Uint32Array;
  slabEdges: Uint32Array;
  /** Four numbers an edge: southern x, southern y, northern x, northern y. */
  edges: Float64Array;
};

function slabOf(part: Part, y: number): number {
  const slab = Math.floor((y - part.minY) * part.slabsPerDegree);
  return slab < 0 ? 0 : slab >= part.slabs ? part.slabs - 1 : slab;
}

function createPart(boundary: number, given: readonly Float64Array[]): Part | null {
  const rings = given.map(openRing).filter((ring) => ring.length >= 6);
  const outer = rings[0];
  if (!outer) return null;
  let [minX, minY, maxX, maxY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1e9, -1e9];
  let count = 0;
  for (const ring of rings) {
    count += ring.length / 2;
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
  }
  const edges = new Float64Array(count * 4);
  let e = 0;
  for (const ring of rings) {
    let px = ring[ring.length - 2] as number;
    let py = ring[ring.length - 1] as number;
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      // From the southern end; level edges from the western one, so that both neighbours compute with the same numbers.
      const forward = py < y || (py === y && px <= x);
      edges[e++] = forward ? px : x;
      edges[e++] = forward ? py : y;
      edges[e++] = forward ? x : px;
      edges[e++] = forward ? y : py;
      px = x;
      py = y;
    }
  }
  const slabs = Math.max(1, Math.ceil(count / EDGES_PER_SLAB));
  const height = maxY - minY;
  const part: Part = {
    boundary,
    rings,
    minX,
    minY,
    maxX,
    maxY,
    slabs,
    slabsPerDegree: height > 0 ? slabs / height : 0,
    slabStarts: new Uint32Array(slabs + 1),
    slabEdges: new Uint32Array(0),
    edges,
  };
  fillSlabs(part, count);
  return part;
}

function fillSlabs(part: Part, count: number): void {
  const { edges, slabStarts } = part;
  for (let i = 0; i < count; i++) {
    const last = slabOf(part, edges[i * 4 + 3] as number);
    for (let s = slabOf(part, edges[i * 4 + 1] as number); s <= last; s++) {
      slabStarts[s + 1] = (slabStarts[s + 1] as number) + 1;
    }
  }
  for (let s = 0; s < part.slabs; s++) slabStarts[s + 1] = (slabStarts[s + 1] as number) + (slabStarts[s] as number);
  const next = slabStarts.slice();
  part.slabEdges = new Uint32Array(slabStarts[part.slabs] as number);
  for (let i = 0; i < count; i++) {
    const last = slabOf(part, edges[i * 4 + 3] as number);
    for (let s = slabOf(part, edges[i * 4 + 1] as number); s <= last; s++) {
      const slot = next[s] as number;
      part.slabEdges[slot] = i;
      next[s] = slot + 1;
    }
  }
}

function openRing(ring: Float64Array): Float64Array {
  const n = ring.length;
  const closed = n >= 4 && ring[0] === ring[n - 2] && ring[1] === ring[n - 1];
  return closed ? ring.subarray(0, n - 2) : ring;
}

function holds(part: Part, x: number, y: number): boolean {
  const { edges, slabEdges, slabStarts } = part;
  const slab = slabOf(part, y);
  const end = slabStarts[slab + 1] as number;
  let inside = false;
  for (let i = slabStarts[slab] as number; i < end; i++) {
    const e = (slabEdges[i] as number) * 4;
    const y0 = edges[e + 1] as number;
    if (y < y0) continue;
    const y1 = edges[e + 3] as number;
    if (y >= y1) continue;
    const x0 = edges[e] as number;
    if (x < x0 + ((y - y0) * ((edges[e + 2] as number) - x0)) / (y1 - y0)) inside = !inside;
  }
  return inside;
}

/** Metres from a point to the part's nearest edge, searched slab by slab outwards; Infinity beyond `limitMeters`. */
function edgeDistance(part: Part, x: number, y: number, limitMeters: number): number {
  const { edges, slabEdges, slabStarts } = part;
  const metersPerLongitude = METERS_PER_DEGREE * Math.cos((y * Math.PI) / 180);
  let best = limitMeters * limitMeters;
  let found = false;
  const scan = (slab: number): void => {
    const end = slabStarts[slab + 1] as number;
    for (let i = slabStarts[slab] as number; i < end; i++) {
      const e = (slabEdges[i] as number) * 4;
      const ax = ((edges[e] as number) - x) * metersPerLongitude;
      const ay = ((edges[e + 1] as number) - y) * METERS_PER_DEGREE;
      const dx = ((edges[e + 2] as number) - x) * metersPerLongitude - ax;
      const dy = ((edges[e + 3] as number) - y) * METERS_PER_DEGREE - ay;
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
  };
  const start = slabOf(part, y);
  scan(start);
  const slabMeters = part.slabsPerDegree > 0 ? METERS_PER_DEGREE / part.slabsPerDegree : 0;
  const metersBelow = (slab: number): number => (y - part.minY) * METERS_PER_DEGREE - (slab + 1) * slabMeters;
  const metersAbove = (slab: number): number => slab * slabMeters - (y - part.minY) * METERS_PER_DEGREE;
  let low = start - 1;
  let high = start + 1;
  for (;;) {
    const below = low >= 0 ? Math.max(0, metersBelow(low)) : Number.POSITIVE_INFINITY;
    const above = high < part.slabs ? Math.max(0, metersAbove(high)) : Number.POSITIVE_INFINITY;
    const gap = Math.min(below, above);
    if (gap * gap > best || gap === Number.POSITIVE_INFINITY) break;
    scan(below <= above ? low-- : high++);
  }
  return found ? Math.sqrt(best) : Number.POSITIVE_INFINITY;
}

/** The same meridian, as seen from both sides of longitude 180. */
function longitudesNear(longitude: number, windowDegrees: number): number[] {
  const list = [longitude];
  if (longitude + windowDegrees > 180) list.push(longitude - 360);
  if (longitude - windowDegrees < -180) list.push(longitude + 360);
  return list;
}

/** Area of a ring on a plane that touches the sphere at its first point's latitude. */
function ringArea(ring: Float64Array, metersPerLongitude: number): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    twice += (ring[j] as number) * (ring[i + 1] as number) - (ring[i] as number) * (ring[j + 1] as number);
  }
  return Math.abs(twice / 2) * metersPerLongitude * METERS_PER_DEGREE;
}

/** Builds the index; `geometries[n]` becomes boundary n. Polygons of fewer than three points are left out. */
export function createBoundaryIndex(geometries: readonly BoundaryGeometry[]): BoundaryIndex {
  const parts: Part[] = [];
  const partsOf: Part[][] = geometries.map(() => []);
  for (const [boundary, geometry] of geometries.entries()) {
    for (const polygon of geometry) {
      const part = createPart(boundary, polygon);
      if (!part) continue;
      parts.push(part);
      partsOf[boundary]?.push(part);
    }
  }
  const tree = parts.length > 0 ? new Flatbush(parts.length) : null;
  for (const part of parts) tree?.add(part.minX, part.minY, part.maxX, part.maxY);
  tree?.finish();
  const search = (minX: number, minY: number, maxX: number, maxY: number): number[] =>
    tree ? tree.search(minX, minY, maxX, maxY) : [];
  const partAt = (number: number): Part => parts[number] as Part;

  const index: BoundaryIndex = {
    size: geometries.length,
    first(latitude, longitude, from = 0, to = geometries.length) {
      let best = to;
      for (const number of search(longitude, latitude, longitude, latitude)) {
        const part = partAt(number);
        if (part.boundary < best && part.boundary >= from && holds(part, longitude, latitude)) best = part.boundary;
      }
      return best === to ? -1 : best;
    },
    all(latitude, longitude) {
      const found = new Set<number>();
      for (const number of search(longitude, latitude, longitude, latitude)) {
        const part = partAt(number);
        if (holds(part, longitude, latitude)) found.add(part.boundary);
      }
      return [...found].sort((a, b) => a - b);
    },
    within(latitude, longitude, limitMeters) {
      const degrees = limitMeters / METERS_PER_DEGREE;
      const longitudeDegrees = Math.min(180, degrees / Math.max(1e-6, Math.cos((latitude * Math.PI) / 180)));
      const distances = new Map<number, number>();
      for (const x of longitudesNear(longitude, longitudeDegrees)) {
        const west = x - longitudeDegrees;
        const east = x + longitudeDegrees;
        for (const number of search(west, latitude - degrees, east, latitude + degrees)) {
          const part = partAt(number);
          const known = distances.get(part.boundary) ?? Number.POSITIVE_INFINITY;
          const distance = holds(part, x, latitude) ? 0 : edgeDistance(part, x, latitude, Math.min(known, limitMeters));
          if (distance < known) distances.set(part.boundary, distance);
        }
      }
      return [...distances]
        .map(([boundary, distanceMeters]) => ({ boundary, distanceMeters }))
        .sort((a, b) => a.distanceMeters - b.distanceMeters || a.boundary - b.boundary);
    },
    distanceToEdge(boundary, latitude, longitude, limitMeters = Number.POSITIVE_INFINITY) {
      let best = limitMeters;
      let found = false;
      for (const part of partsOf[boundary] ?? []) {
        const dy = Math.max(0, part.minY - latitude, latitude - part.maxY) * METERS_PER_DEGREE;
        if (dy > best) continue;
        const distance = edgeDistance(part, longitude, latitude, best);
        if (distance <= best) {
          best = distance;
          found = true;
        }
      }
      return found ? best : Number.POSITIVE_INFINITY;
    },
    overlapping(outline) {
      const areas = new Map<number, number>();
      for (const shift of [0, 360, -360]) {
        const west = outline.bounds.west + shift;
        const east = outline.bounds.east + shift;
        if (shift !== 0 && (west > 180 || east < -180)) continue;
        for (const number of search(west, outline.bounds.south, east, outline.bounds.north)) {
          const part = partAt(number);
          const area = overlapArea(outline, part.rings, shift);
          if (area > 0) areas.set(part.boundary, (areas.get(part.boundary) ?? 0) + area);
        }
      }
      return [...areas]
        .map(([boundary, areaSquareMeters]) => ({ boundary, areaSquareMeters }))
        .filter(({ areaSquareMeters }) => areaSquareMeters > outline.areaSquareMeters * LEAST_OVERLAP)
        .sort((a, b) => b.areaSquareMeters - a.areaSquareMeters || a.boundary - b.boundary);
    },
    areaSquareMeters(boundary) {
      let area = 0;
      for (const part of partsOf[boundary] ?? []) {
        const perLongitude = METERS_PER_DEGREE * Math.cos((((part.minY + part.maxY) / 2) * Math.PI) / 180);
        for (const [number, ring] of part.rings.entries())
          area += (number === 0 ? 1 : -1) * ringArea(ring, perLongitude);
      }
      return area;
    },
  };
  return index;
}

/** Names a boundary by 128 bits of the hash of its name and outline: it changes with every corner, equal on every node. */
export function boundaryKey(name: string, geometry: BoundaryGeometry): string {
  const hash = createHash('sha256').update(name);
  for (const polygon of geometry) {
    for (const ring of polygon) hash.update('|').update(new Uint8Array(ring.buffer, ring.byteOffset, ring.byteLength));
    hash.update('/');
  }
  return hash.digest('hex').slice(0, 32);
}

/** GML and GeoJSON rings as positions. */
export function ringPositions(ring: Float64Array): Position[] {
  const positions: Position[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    positions.push({ longitude: ring[i] as number, latitude: ring[i + 1] as number });
  }
  return positions;
}
