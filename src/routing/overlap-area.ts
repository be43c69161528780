/** Bounding box in degrees; `west` may be below -180 and `east` above 180 when the box crosses longitude 180. */
export type Bounds = { west: number; south: number; east: number; north: number };

/**
 * A query shape on a plane that touches the earth at `origin`: loops of `x, y, …` in metres (east, north), outer loops
 * counter-clockwise, holes clockwise.
 */
export type Outline = {
  originLatitude: number;
  originLongitude: number;
  metersPerLongitude: number;
  metersPerLatitude: number;
  loops: readonly Float64Array[];
  /** One convex loop: clipped in one pass instead of triangle by triangle. */
  convex: boolean;
  areaSquareMeters: number;
  bounds: Bounds;
};

type Box = readonly [minX: number, minY: number, maxX: number, maxY: number];

/** A polygon of a boundary: rings of `x, y, …` in any unit of degrees, open or closed, the outer one first. */
export type MeasuredPolygon = {
  rings: readonly ArrayLike<number>[];
  unitsPerDegree: number;
  /** Of its outer ring, in units. */
  box: Box;
  /** In square units, holes taken off. */
  area: number;
};

/** Keeps the side of a ring on which `a·x + b·y <= c` (Sutherland and Hodgman); the area stays exact for any simple ring. */
function clipHalfPlane(ring: readonly number[], a: number, b: number, c: number): number[] {
  const kept: number[] = [];
  const n = ring.length;
  if (n < 6) return kept;
  let px = ring[n - 2] as number;
  let py = ring[n - 1] as number;
  let pd = a * px + b * py - c;
  for (let i = 0; i < n; i += 2) {
    const x = ring[i] as number;
    const y = ring[i + 1] as number;
    const d = a * x + b * y - c;
    if (d <= 0 !== pd <= 0) {
      const t = pd / (pd - d);
      kept.push(px + t * (x - px), py + t * (y - py));
    }
    if (d <= 0) kept.push(x, y);
    px = x;
    py = y;
    pd = d;
  }
  return kept;
}

const NOTHING: readonly number[] = [];

/** Keeps what lies left of every edge of a counter-clockwise convex loop; `box` holds the ring. */
function clipConvex(ring: readonly number[], box: Box, loop: ArrayLike<number>): readonly number[] {
  let kept = ring;
  const n = loop.length;
  for (let i = 0, j = n - 2; i < n && kept.length >= 6; j = i, i += 2) {
    const x0 = loop[j] as number;
    const y0 = loop[j + 1] as number;
    const a = (loop[i + 1] as number) - y0;
    const b = x0 - (loop[i] as number);
    const c = a * x0 + b * y0;
    // Most edges have all of the box on one side.
    if (a * box[a > 0 ? 2 : 0] + b * box[b > 0 ? 3 : 1] <= c) continue;
    if (a * box[a > 0 ? 0 : 2] + b * box[b > 0 ? 1 : 3] > c) return NOTHING;
    kept = clipHalfPlane(kept, a, b, c);
  }
  return kept;
}

/** Positive for counter-clockwise loops. */
export function signedArea(ring: ArrayLike<number>): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    twice += (ring[j] as number) * (ring[i + 1] as number) - (ring[i] as number) * (ring[j + 1] as number);
  }
  return twice / 2;
}

function boxOf(ring: readonly number[]): Box {
  let [minX, minY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [maxX, maxY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < ring.length; i += 2) {
    const x = ring[i] as number;
    const y = ring[i + 1] as number;
    if (x < minX) minX = x;
    if (y < minY) minY = y;
    if (x > maxX) maxX = x;
    if (y > maxY) maxY = y;
  }
  return [minX, minY, maxX, maxY];
}

function boxesMeet(a: Box, b: Box): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

/** Corners of boundaries times triangles of the shape that one query may cost, about 30 ms; past it rings are taken coarsely. */
const MOST_WORK = 2_000_000;
/** Corners that a coarse ring keeps. */
const COARSE_CORNERS = 48;

/**
 * Measures the area common to an outline and polygons, one after the other, in square metres. Loops that are not convex are
 * summed as a fan of triangles with sign, which is exact whatever their form. The time of all calls together is bounded:
 * where a shape as large as a region meets finely drawn boundaries, those that come last are measured coarsely.
 */
export function createOverlapMeasure(outline: Outline): (polygon: MeasuredPolygon, longitudeShift: number) => number {
  const { bounds, metersPerLatitude, metersPerLongitude, originLatitude, originLongitude } = outline;
  const boundsBox: Box = [
    (bounds.west - originLongitude) * metersPerLongitude,
    (bounds.south - originLatitude) * metersPerLatitude,
    (bounds.east - originLongitude) * metersPerLongitude,
    (bounds.north - originLatitude) * metersPerLatitude,
  ];
  let work = 0;

  /** The ring in metres, cut to the outline's bounds: what runs along outside of one side of them is passed over. */
  function cut(ring: ArrayLike<number>, unitsPerDegree: number, longitudeShift: number): readonly number[] {
    const west = (bounds.west + longitudeShift) * unitsPerDegree;
    const east = (bounds.east + longitudeShift) * unitsPerDegree;
    const south = bounds.south * unitsPerDegree;
    const north = bounds.north * unitsPerDegree;
    const sideOf = (i: number): number => {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      return (x < west ? 1 : x > east ? 2 : 0) | (y < south ? 4 : y > north ? 8 : 0);
    };
    const scaleX = metersPerLongitude / unitsPerDegree;
    const scaleY = metersPerLatitude / unitsPerDegree;
    const zeroX = (originLongitude + longitudeShift) * unitsPerDegree;
    const zeroY = originLatitude * unitsPerDegree;
    const near: number[] = [];
    let before = ring.length >= 2 ? sideOf(ring.length - 2) : 0;
    let here = ring.length >= 2 ? sideOf(0) : 0;
    for (let i = 0; i < ring.length; i += 2) {
      const after = sideOf(i + 2 < ring.length ? i + 2 : 0);
      // The last kept corner, this one and the next on the outer side of one line: the way past this one stays out there.
      if ((before & here & after) === 0 || i === 0) {
        near.push(((ring[i] as number) - zeroX) * scaleX, ((ring[i + 1] as number) - zeroY) * scaleY);
        before = here;
      }
      here = after;
    }
    let subject = clipHalfPlane(near, 1, 0, boundsBox[2]);
    subject = clipHalfPlane(subject, -1, 0, -boundsBox[0]);
    subject = clipHalfPlane(subject, 0, 1, boundsBox[3]);
    return clipHalfPlane(subject, 0, -1, -boundsBox[1]);
  }

  function ringOverlap(ring: ArrayLike<number>, unitsPerDegree: number, longitudeShift: number): number {
    let subject = cut(ring, unitsPerDegree, longitudeShift);
    if (subject.length < 6) return 0;
    if (work > MOST_WORK) subject = coarse(subject);
    const box = boxOf(subject);
    let area = 0;
    for (const loop of outline.loops) {
      if (outline.convex) {
        work += subject.length;
        area += Math.abs(signedArea(clipConvex(subject, box, loop)));
        continue;
      }
      const x0 = loop[0] as number;
      const y0 = loop[1] as number;
      for (let i = 2; i + 3 < loop.length; i += 2) {
        const triangle = [
          x0,
          y0,
          loop[i] as number,
          loop[i + 1] as number,
          loop[i + 2] as number,
          loop[i + 3] as number,
        ];
        const sign = Math.sign(signedArea(triangle));
        if (sign === 0 || !boxesMeet(box, boxOf(triangle))) continue;
        if (sign < 0) triangle.push(...triangle.splice(2, 2));
        work += subject.length;
        area += sign * Math.abs(signedArea(clipConvex(subject, box, triangle)));
      }
    }
    return Math.max(0, area);
  }

  return ({ area, box, rings, unitsPerDegree }, longitudeShift) => {
    const toX = (x: number): number => (x / unitsPerDegree - longitudeShift - originLongitude) * metersPerLongitude;
    const toY = (y: number): number => (y / unitsPerDegree - originLatitude) * metersPerLatitude;
    const inMeters: Box = [toX(box[0]), toY(box[1]), toX(box[2]), toY(box[3])];
    if (!boxesMeet(inMeters, boundsBox)) return 0;
    if (holdsBox(outline.loops, inMeters)) {
      return (area * metersPerLongitude * metersPerLatitude) / (unitsPerDegree * unitsPerDegree);
    }
    let total = 0;
    for (const [number, ring] of rings.entries()) {
      const common = ringOverlap(ring, unitsPerDegree, longitudeShift);
      // A polygon whose outer ring is not touched cannot be touched by its holes.
      if (number === 0 && common === 0) return 0;
      total += number === 0 ? common : -common;
    }
    return Math.max(0, total);
  };
}

function coarse(ring: readonly number[]): readonly number[] {
  const stride = Math.ceil(ring.length / 2 / COARSE_CORNERS) * 2;
  if (stride <= 2) return ring;
  const kept: number[] = [];
  for (let i = 0; i < ring.length; i += stride) kept.push(ring[i] as number, ring[i + 1] as number);
  return kept;
}

/** Whether all of a box lies within the loops: no edge comes near it, and they wind around it. */
function holdsBox(loops: readonly Float64Array[], box: Box): boolean {
  const [west, south, east, north] = box;
  let inside = false;
  for (const loop of loops) {
    let x0 = loop[loop.length - 2] as number;
    let y0 = loop[loop.length - 1] as number;
    for (let i = 0; i < loop.length; i += 2) {
      const x1 = loop[i] as number;
      const y1 = loop[i + 1] as number;
      if (edgeMeets(x0, y0, x1, y1, box)) return false;
      if (y0 <= south !== y1 <= south && west < x0 + ((south - y0) * (x1 - x0)) / (y1 - y0)) inside = !inside;
      x0 = x1;
      y0 = y1;
    }
  }
  return inside && west <= east && south <= north;
}

function edgeMeets(x0: number, y0: number, x1: number, y1: number, [west, south, east, north]: Box): boolean {
  if ((x0 < west && x1 < west) || (x0 > east && x1 > east)) return false;
  if ((y0 < south && y1 < south) || (y0 > north && y1 > north)) return false;
  const side = (x: number, y: number): number => (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0);
  const sides = [side(west, south), side(east, south), side(west, north), side(east, north)];
  return !sides.every((one) => one > 0) && !sides.every((one) => one < 0);
}
