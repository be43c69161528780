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

/** Keeps what lies left of every edge of a counter-clockwise convex loop. */
function clipConvex(ring: readonly number[], loop: ArrayLike<number>): readonly number[] {
  let kept = ring;
  const n = loop.length;
  for (let i = 0, j = n - 2; i < n && kept.length >= 6; j = i, i += 2) {
    const x0 = loop[j] as number;
    const y0 = loop[j + 1] as number;
    const dx = (loop[i] as number) - x0;
    const dy = (loop[i + 1] as number) - y0;
    kept = clipHalfPlane(kept, dy, -dx, dy * x0 - dx * y0);
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

/**
 * Area common to an outline and one polygon (outer ring, then holes), in square metres. Loops that are not convex are
 * summed as a fan of triangles with sign, which is exact whatever their form.
 */
export function overlapArea(outline: Outline, rings: readonly Float64Array[], longitudeShift: number): number {
  let total = 0;
  for (const [number, ring] of rings.entries()) {
    const area = ringOverlap(outline, ring, longitudeShift);
    // A polygon whose outer ring is not touched cannot be touched by its holes.
    if (number === 0 && area === 0) return 0;
    total += number === 0 ? area : -area;
  }
  return Math.max(0, total);
}

type Box = [minX: number, minY: number, maxX: number, maxY: number];

function boxOf(ring: readonly number[]): Box {
  const box: Box = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (let i = 0; i < ring.length; i += 2) {
    const x = ring[i] as number;
    const y = ring[i + 1] as number;
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return box;
}

function boxesMeet(a: Box, b: Box): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

function ringOverlap(outline: Outline, ring: Float64Array, longitudeShift: number): number {
  const { bounds, originLatitude, originLongitude, metersPerLatitude, metersPerLongitude } = outline;
  const projected: number[] = Array.from({ length: ring.length });
  for (let i = 0; i < ring.length; i += 2) {
    projected[i] = ((ring[i] as number) - longitudeShift - originLongitude) * metersPerLongitude;
    projected[i + 1] = ((ring[i + 1] as number) - originLatitude) * metersPerLatitude;
  }
  // A cut to the outline's box first: the long rest of a big boundary is dropped in four passes.
  let subject = clipHalfPlane(projected, 1, 0, (bounds.east - originLongitude) * metersPerLongitude);
  subject = clipHalfPlane(subject, -1, 0, -(bounds.west - originLongitude) * metersPerLongitude);
  subject = clipHalfPlane(subject, 0, 1, (bounds.north - originLatitude) * metersPerLatitude);
  subject = clipHalfPlane(subject, 0, -1, -(bounds.south - originLatitude) * metersPerLatitude);
  if (subject.length < 6) return 0;

  const box = boxOf(subject);
  let area = 0;
  for (const loop of outline.loops) {
    if (outline.convex) {
      area += Math.abs(signedArea(clipConvex(subject, loop)));
      continue;
    }
    const x0 = loop[0] as number;
    const y0 = loop[1] as number;
    for (let i = 2; i + 3 < loop.length; i += 2) {
      const triangle = [x0, y0, loop[i] as number, loop[i + 1] as number, loop[i + 2] as number, loop[i + 3] as number];
      const sign = Math.sign(signedArea(triangle));
      if (sign === 0 || !boxesMeet(box, boxOf(triangle))) continue;
      if (sign < 0) triangle.push(...triangle.splice(2, 2));
      area += sign * Math.abs(signedArea(clipConvex(subject, triangle)));
    }
  }
  return Math.max(0, area);
}
