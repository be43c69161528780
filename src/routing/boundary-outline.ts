import type { MultiPolygonCoordinates } from './routing-rows.ts';

/** Outlines are kept in steps of 0.0000001 degrees (about a centimetre), which 32 bits hold for every longitude. */
export const STEPS_PER_DEGREE = 10_000_000;

/** An open ring (its first point is not repeated): `x, y, …` in steps, longitude first. */
export type OutlineRing = Int32Array;

/** Polygons of rings, the first of each the outer one. */
export type OutlinePolygons = readonly (readonly OutlineRing[])[];

/** The layout below; the first byte of every stored outline. */
const FORMAT = 1;

const LARGEST_X = 180 * STEPS_PER_DEGREE;
const LARGEST_Y = 90 * STEPS_PER_DEGREE;

/** A stored outline that nobody wrote like this: damage, or a layout of another version. */
export class OutlineDamagedError extends Error {
  constructor(what: string) {
    super(`a stored outline cannot be read: ${what}`);
    this.name = 'OutlineDamagedError';
  }
}

/**
 * Packs polygons (degrees, rings open or closed, in either direction) to the bytes that are stored and compared: equal areas
 * drawn from another starting point, in the other direction or in another order give equal bytes. Rings that are
 * nothing on the grid are left out. Throws RangeError for a position that is none.
 *
 * Layout: format, number of polygons; for each its number of rings; for each its number of points, then for each point the
 * way from the point before it (of the first point of an outline: from 0, 0). All as variable-length integers of 7 bits to a
 * byte, low ones first; ways as `2n` or `-2n - 1`.
 */
export function encodeOutline(coordinates: MultiPolygonCoordinates): Uint8Array {
  const polygons = coordinates.flatMap((rings) => {
    const drawn = rings.map((ring, number) => canonicalRing(ring, number === 0));
    const [outer, ...holes] = drawn;
    return outer ? [[outer, ...holes.filter((hole) => hole !== null).sort(byFirstPoint)]] : [];
  });
  polygons.sort(([a = NO_RING], [b = NO_RING]) => byFirstPoint(a, b));
  return writeOutline(polygons);
}

const NO_RING = new Int32Array(2);

function byFirstPoint(a: OutlineRing, b: OutlineRing): number {
  return (a[1] ?? 0) - (b[1] ?? 0) || (a[0] ?? 0) - (b[0] ?? 0) || a.length - b.length;
}

/** On the grid, open, without repeated points, from its southernmost point on, counter-clockwise if outer. */
function canonicalRing(ring: MultiPolygonCoordinates[number][number], isOuter: boolean): OutlineRing | null {
  const steps = new Int32Array(ring.length * 2);
  let n = 0;
  for (const [longitude = Number.NaN, latitude = Number.NaN] of ring) {
    if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) {
      throw new RangeError(`${longitude}, ${latitude} is no longitude and latitude`);
    }
    const x = Math.round(longitude * STEPS_PER_DEGREE);
    const y = Math.round(latitude * STEPS_PER_DEGREE);
    if (n > 0 && steps[n - 2] === x && steps[n - 1] === y) continue;
    steps[n++] = x;
    steps[n++] = y;
  }
  while (n > 2 && steps[0] === steps[n - 2] && steps[1] === steps[n - 1]) n -= 2;
  const open = steps.subarray(0, n);
  if (n < 6 || isFlat(open)) return null;
  const count = n / 2;
  let start = 0;
  for (let i = 1; i < count; i++) if (isBefore(open, i, start)) start = i;
  const turned = new Int32Array(n);
  const area = twiceSignedArea(open);
  // The lobes of a ring that crosses itself may cancel out: then its first corner tells the direction.
  const isForward = area === 0 ? crossAt(open, start) > 0 : area > 0;
  const step = isForward === isOuter ? 1 : count - 1;
  for (let i = 0, from = start; i < count; i++, from = (from + step) % count) {
    turned[i * 2] = open[from * 2] ?? 0;
    turned[i * 2 + 1] = open[from * 2 + 1] ?? 0;
  }
  return turned;
}

/** Whether all corners lie on one line. */
function isFlat(ring: OutlineRing): boolean {
  for (let i = 0; i < ring.length / 2; i++) if (crossAt(ring, i) !== 0) return false;
  return true;
}

/** Positive where the ring turns left at a corner. */
function crossAt(ring: OutlineRing, place: number): number {
  const n = ring.length;
  const [at, before, after] = [place * 2, (place * 2 - 2 + n) % n, (place * 2 + 2) % n];
  const x = ring[at] ?? 0;
  const y = ring[at + 1] ?? 0;
  return (
    (x - (ring[before] ?? 0)) * ((ring[after + 1] ?? 0) - y) - (y - (ring[before + 1] ?? 0)) * ((ring[after] ?? 0) - x)
  );
}

/** A ring may touch itself in its southernmost point: then what follows decides which of the visits is the first. */
function isBefore(ring: OutlineRing, a: number, b: number): boolean {
  const y = (ring[a * 2 + 1] ?? 0) - (ring[b * 2 + 1] ?? 0);
  if (y !== 0) return y < 0;
  const x = (ring[a * 2] ?? 0) - (ring[b * 2] ?? 0);
  if (x !== 0) return x < 0;
  return eastmostNeighbour(ring, a) > eastmostNeighbour(ring, b);
}

function eastmostNeighbour(ring: OutlineRing, place: number): number {
  const n = ring.length;
  return Math.max(ring[(place * 2 + 2) % n] ?? 0, ring[(place * 2 - 2 + n) % n] ?? 0);
}

/** Twice the area in square steps, positive for counter-clockwise rings; relative to a corner, where digits suffice. */
export function twiceSignedArea(ring: ArrayLike<number>): number {
  const x0 = ring[0] ?? 0;
  const y0 = ring[1] ?? 0;
  let twice = 0;
  for (let i = 2; i + 3 < ring.length; i += 2) {
    twice +=
      ((ring[i] as number) - x0) * ((ring[i + 3] as number) - y0) -
      ((ring[i + 2] as number) - x0) * ((ring[i + 1] as number) - y0);
  }
  return twice;
}

function writeOutline(polygons: OutlinePolygons): Uint8Array {
  let bytes = new Uint8Array(256);
  let at = 0;
  const put = (value: number): void => {
    if (at + 8 > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    let rest = value;
    while (rest >= 128) {
      bytes[at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    bytes[at++] = rest;
  };
  const putWay = (way: number): void => put(way < 0 ? -2 * way - 1 : 2 * way);
  put(FORMAT);
  put(polygons.length);
  let x = 0;
  let y = 0;
  for (const rings of polygons) {
    put(rings.length);
    for (const ring of rings) {
      put(ring.length / 2);
      for (let i = 0; i < ring.length; i += 2) {
        const nextX = ring[i] as number;
        const nextY = ring[i + 1] as number;
        putWay(nextX - x);
        putWay(nextY - y);
        x = nextX;
        y = nextY;
      }
    }
  }
  return bytes.slice(0, at);
}

/** Where the reading of an outline is: its next byte, and the last point in steps. */
type Cursor = { at: number; x: number; y: number };

function takeNumber(bytes: Uint8Array, cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift <= 35; shift += 7) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new OutlineDamagedError('it ends early');
    // Four bytes are a whole number to the engine too, and nearly every way is that short.
    if (shift < 28) value |= (byte & 127) << shift;
    else value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
  throw new OutlineDamagedError('a number is too large');
}

function takeCount(bytes: Uint8Array, cursor: Cursor): number {
  const count = takeNumber(bytes, cursor);
  // Each thing counted takes a byte at least.
  if (count > bytes.length) throw new OutlineDamagedError('it counts more than it holds');
  return count;
}

function takeWay(bytes: Uint8Array, cursor: Cursor): number {
  const value = takeNumber(bytes, cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function takeRing(bytes: Uint8Array, cursor: Cursor, ringOf: (length: number) => Int32Array): Int32Array {
  const ring = ringOf(takeCount(bytes, cursor) * 2);
  let { x, y } = cursor;
  for (let i = 0; i < ring.length; i += 2) {
    x += takeWay(bytes, cursor);
    y += takeWay(bytes, cursor);
    if (Math.abs(x) > LARGEST_X || Math.abs(y) > LARGEST_Y) throw new OutlineDamagedError('a point is not on earth');
    ring[i] = x;
    ring[i + 1] = y;
  }
  cursor.x = x;
  cursor.y = y;
  return ring;
}

/** Unpacks what `encodeOutline` made. Throws OutlineDamagedError. */
export function decodeOutline(bytes: Uint8Array): Int32Array[][] {
  return decodeOutlineInto(bytes, (length) => new Int32Array(length));
}

/** The same, each ring into the memory that `ringOf` gives for it. */
export function decodeOutlineInto(bytes: Uint8Array, ringOf: (length: number) => Int32Array): Int32Array[][] {
  const cursor: Cursor = { at: 0, x: 0, y: 0 };
  if (takeCount(bytes, cursor) !== FORMAT) throw new OutlineDamagedError('its format is not known');
  const polygons = Array.from({ length: takeCount(bytes, cursor) }, () =>
    Array.from({ length: takeCount(bytes, cursor) }, () => takeRing(bytes, cursor, ringOf)),
  );
  if (cursor.at !== bytes.length) throw new OutlineDamagedError('something follows its end');
  return polygons;
}

/** The outline as GeoJSON coordinates, rings closed. */
export function outlineCoordinates(bytes: Uint8Array): [number, number][][][] {
  return decodeOutline(bytes).map((rings) =>
    rings.map((ring) => {
      const positions: [number, number][] = [];
      for (let i = 0; i <= ring.length; i += 2) {
        const from = i % ring.length;
        positions.push([(ring[from] ?? 0) / STEPS_PER_DEGREE, (ring[from + 1] ?? 0) / STEPS_PER_DEGREE]);
      }
      return positions;
    }),
  );
}
