import { damaged, type LayerGeometry, type Point } from './layer.ts';

/** A geometry in a form that layers do not take: curves, surfaces, collections. */
export class UnreadableGeometryError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'UnreadableGeometryError';
  }
}

const NAMES: Readonly<Record<number, string>> = {
  7: 'a collection of geometries',
  8: 'a circular string',
  9: 'a compound curve',
  10: 'a polygon of curves',
  11: 'curves',
  12: 'surfaces',
  15: 'a polyhedral surface',
  16: 'a triangulated network',
  17: 'a triangle',
};

/** Well-known binary, as ISO or PostGIS write it (OGC 06-103r4 §8), from byte `start`; null for an empty geometry. */
export function readWkb(
  bytes: Uint8Array,
  start: number,
  { toWgs84, takePositions }: { toWgs84: (x: number, y: number) => Point; takePositions: (count: number) => void },
): LayerGeometry | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  let little = true;

  const take = (size: number): number => {
    const from = at;
    at += size;
    if (at > view.byteLength) throw damaged('a geometry ends early');
    return from;
  };
  const count = (bytesEach: number): number => {
    const number = view.getUint32(take(4), little);
    if (number * bytesEach > view.byteLength - at) throw damaged('a geometry counts more than it holds');
    return number;
  };
  const head = (): { type: number; dimensions: number } => {
    little = view.getUint8(take(1)) === 1;
    const code = view.getUint32(take(4), little);
    const isExtended = code >= 0x2000_0000;
    if (isExtended && (code & 0x2000_0000) !== 0) take(4);
    const type = isExtended ? code & 0xff : code % 1_000;
    const family = isExtended ? 0 : Math.floor(code / 1_000);
    const z = family === 1 || family === 3 || (isExtended && (code & 0x8000_0000) !== 0);
    const m = family === 2 || family === 3 || (isExtended && (code & 0x4000_0000) !== 0);
    return { type, dimensions: 2 + (z ? 1 : 0) + (m ? 1 : 0) };
  };
  const point = (dimensions: number): Point => {
    const from = take(8 * dimensions);
    return toWgs84(view.getFloat64(from, little), view.getFloat64(from + 8, little));
  };
  const line = (dimensions: number): Point[] => {
    const length = count(8 * dimensions);
    takePositions(length);
    return Array.from({ length }, () => point(dimensions));
  };
  const polygon = (dimensions: number): Point[][] => Array.from({ length: count(4) }, () => line(dimensions));
  const members = <T>(expected: number, read: (dimensions: number) => T): T[] =>
    Array.from({ length: count(5) }, () => {
      const { type, dimensions } = head();
      if (type !== expected) throw new UnreadableGeometryError(`is ${NAMES[type] ?? `of type ${type}`}`);
      return read(dimensions);
    });
  const single = (dimensions: number): Point[] => {
    takePositions(1);
    const one = point(dimensions);
    return Number.isNaN(one[0]) ? [] : [one];
  };

  const { type, dimensions } = head();
  switch (type) {
    case 1:
      return points(single(dimensions));
    case 2:
      return lines([line(dimensions)]);
    case 3:
      return polygons([polygon(dimensions)]);
    case 4:
      return points(members(1, single).flat());
    case 5:
      return lines(members(2, line));
    case 6:
      return polygons(members(3, polygon));
    default:
      throw new UnreadableGeometryError(`is ${NAMES[type] ?? `of type ${type}`}`);
  }
}

const points = (found: Point[]): LayerGeometry | null =>
  found.length === 0 ? null : { kind: 'points', points: found };

function lines(found: Point[][]): LayerGeometry | null {
  const kept = found.filter((line) => line.length > 0);
  return kept.length === 0 ? null : { kind: 'lines', lines: kept };
}

function polygons(found: Point[][][]): LayerGeometry | null {
  const kept = found.filter((rings) => rings.some((ring) => ring.length > 0));
  return kept.length === 0 ? null : { kind: 'polygons', polygons: kept };
}
