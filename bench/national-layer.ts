/**
 * A layer as large as a nation's: 8,000 polygons with 10 million corners over the contiguous United States, the same in every
 * run. A tessellation of quadrangles whose borders are fractal lines, each shared corner for corner by both neighbours.
 */
import type { BoundaryEntry } from '../src/routing/routing-rows.ts';

export type LayerSize = { columns: number; rows: number; cornersPerBorder: number };

export const NATIONAL: LayerSize = { columns: 125, rows: 64, cornersPerBorder: 313 };
export const SMALL: LayerSize = { columns: 12, rows: 6, cornersPerBorder: 40 };

export const EXTENT = { west: -125, south: 25, east: -67, north: 49 };

type Point = readonly [longitude: number, latitude: number];

/** Shifts of nodes and of the middle of lines: small enough that no border meets another. */
const NODE_SHIFT = 0.15;
const MIDDLE_SHIFT = 0.15;

/** Between -1 and 1, decided by the numbers alone (a 32-bit mix of them). */
function noise(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca77) ^ Math.imul(c, 0xc2b2_ae3d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 31 - 1;
}

/** `count` corners from `start` up to, not including, `end`: every line's middle is shifted to a side. */
function border(start: Point, end: Point, count: number, seed: number, place: number, corners: Point[]): void {
  if (count <= 1) {
    corners.push(start);
    return;
  }
  const shift = MIDDLE_SHIFT * noise(seed, place, count);
  const middle: Point = [
    (start[0] + end[0]) / 2 - (end[1] - start[1]) * shift,
    (start[1] + end[1]) / 2 + (end[0] - start[0]) * shift,
  ];
  const half = count >> 1;
  border(start, middle, half, seed, place * 2, corners);
  border(middle, end, count - half, seed, place * 2 + 1, corners);
}

const onGrid = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

/** The outline of every polygon, row by row from the south-west: one closed ring in degrees. */
export function* nationalLayer({ columns, rows, cornersPerBorder }: LayerSize): Generator<Point[]> {
  const width = (EXTENT.east - EXTENT.west) / columns;
  const height = (EXTENT.north - EXTENT.south) / rows;
  const node = (column: number, row: number): Point => [
    EXTENT.west + (column + NODE_SHIFT * noise(column, row, 1)) * width,
    EXTENT.south + (row + NODE_SHIFT * noise(column, row, 2)) * height,
  ];
  /** Both neighbours draw it from the same end. */
  const line = (column: number, row: number, isLevel: boolean): Point[] => {
    const corners: Point[] = [];
    const end = isLevel ? node(column + 1, row) : node(column, row + 1);
    const seed = (row * (columns + 1) + column) * 2 + (isLevel ? 1 : 0);
    border(node(column, row), end, cornersPerBorder, seed, 1, corners);
    return [...corners, end].map(([x, y]) => [onGrid(x), onGrid(y)]);
  };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      yield [
        ...line(column, row, true),
        ...line(column + 1, row, false).slice(1),
        ...line(column, row + 1, true)
          .toReversed()
          .slice(1),
        ...line(column, row, false).toReversed().slice(1),
      ];
    }
  }
}

/** How much of the extent is inside the outermost borders, wherever those run. */
const INNER = 0.9;

/** Points over the layer. */
export function layerPoints(count: number): { latitude: number; longitude: number }[] {
  return Array.from({ length: count }, (_, i) => ({
    longitude: onGrid((EXTENT.west + EXTENT.east) / 2 + ((EXTENT.east - EXTENT.west) / 2) * INNER * noise(i, 7, 3)),
    latitude: onGrid((EXTENT.south + EXTENT.north) / 2 + ((EXTENT.north - EXTENT.south) / 2) * INNER * noise(i, 7, 4)),
  }));
}

/** What stands beside polygon `number` in the database. */
export function nationalEntry(number: number): BoundaryEntry {
  return {
    sourceId: `national-${String(number).padStart(5, '0')}`,
    layer: 'national',
    source: 'psap.example',
    serviceUrn: 'urn:service:sos',
    uri: `sip:desk-${number}@psap.example`,
    displayName: `Emergency desk ${number}`,
    serviceNumber: '911',
    version: String(number).padStart(32, '0'),
    updatedAt: '2026-01-01T00:00:00.000Z',
    importId: '00000000-0000-4000-8000-000000000001',
  };
}
