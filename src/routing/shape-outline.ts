import clipping, { type Polygon as ClippingPolygon } from 'polygon-clipping';
import { type Position, type Shape, shapeCenter } from '../domain/shape.ts';
import { type Outline, signedArea } from './overlap-area.ts';
import { METERS_PER_DEGREE } from './pack-boundaries.ts';

/** Corners of the polygon that stands for a circle or an ellipse, with exactly its area. */
const CURVE_CORNERS = 48;

/** A query polygon keeps at most this many corners; of more, evenly spaced ones are taken. */
const MAX_CORNERS = 200;

/** A polygon that crosses itself more often is noise: its hull answers, for untangling costs seconds. */
const MAX_CROSSINGS = 24;

/** Nobody is found more coarsely than this: a larger radius is cut to it, so that no query costs unbounded time. */
const MAX_RADIUS_METERS = 200_000;

/**
 * Puts a shape (RFC 5491 §5.2) on a local plane. Polygons are taken open or closed, in either direction; one that crosses
 * itself is repaired to the area its outline winds around. Null for points, shapes without area, polygons wider than
 * 400 km (their centre answers) and shapes too near a pole.
 */
export function shapeOutline(shape: Shape): Outline | null {
  if (shape.type === 'point') return null;
  const center = shape.type === 'polygon' ? (shape.exterior[0] ?? { latitude: 0, longitude: 0 }) : shapeCenter(shape);
  const metersPerLongitude = METERS_PER_DEGREE * Math.cos((center.latitude * Math.PI) / 180);
  if (metersPerLongitude < 1) return null;
  const loops = shapeLoops(shape, center, metersPerLongitude).filter((loop) => loop.length >= 6);
  return finishOutline(loops, center, metersPerLongitude, shape.type === 'circle' || shape.type === 'ellipse');
}

function finishOutline(
  loops: readonly Float64Array[],
  center: Position,
  metersPerLongitude: number,
  convex: boolean,
): Outline | null {
  let [minX, minY, maxX, maxY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1e12, -1e12];
  let area = 0;
  for (const loop of loops) {
    area += signedArea(loop);
    for (let i = 0; i < loop.length; i += 2) {
      minX = Math.min(minX, loop[i] as number);
      maxX = Math.max(maxX, loop[i] as number);
      minY = Math.min(minY, loop[i + 1] as number);
      maxY = Math.max(maxY, loop[i + 1] as number);
    }
  }
  if (!(area > 0)) return null;
  return {
    originLatitude: center.latitude,
    originLongitude: center.longitude,
    metersPerLongitude,
    metersPerLatitude: METERS_PER_DEGREE,
    loops,
    convex,
    areaSquareMeters: area,
    bounds: {
      west: center.longitude + minX / metersPerLongitude,
      east: center.longitude + maxX / metersPerLongitude,
      south: center.latitude + minY / METERS_PER_DEGREE,
      north: center.latitude + maxY / METERS_PER_DEGREE,
    },
  };
}

/** Smallest radius around the shape's centre that holds all of it, in metres. */
export function shapeReachMeters(shape: Shape): number {
  switch (shape.type) {
    case 'point':
      return 0;
    case 'circle':
      return shape.radiusMeters;
    case 'ellipse':
      return Math.max(shape.semiMajorMeters, shape.semiMinorMeters);
    case 'arc-band':
      return shape.outerRadiusMeters;
    case 'polygon':
      return Number.POSITIVE_INFINITY;
  }
}

function shapeLoops(shape: Exclude<Shape, { type: 'point' }>, origin: Position, metersPerLongitude: number) {
  switch (shape.type) {
    case 'circle':
      return [ellipseLoop(shape.radiusMeters, shape.radiusMeters, 0)];
    case 'ellipse':
      return [ellipseLoop(shape.semiMajorMeters, shape.semiMinorMeters, shape.orientationDegrees)];
    case 'arc-band':
      return arcBandLoops(
        shape.innerRadiusMeters,
        shape.outerRadiusMeters,
        shape.startAngleDegrees,
        shape.openingAngleDegrees,
      );
    case 'polygon':
      return polygonLoops(shape.exterior, origin, metersPerLongitude);
  }
}

/** Corners lie a little outside the curve, so that the polygon has the area of the ellipse. */
function ellipseLoop(major: number, minor: number, orientationDegrees: number): Float64Array {
  const a = Math.min(major, MAX_RADIUS_METERS);
  const b = Math.min(minor, MAX_RADIUS_METERS);
  const step = (2 * Math.PI) / CURVE_CORNERS;
  const grow = Math.sqrt(step / Math.sin(step));
  // Clockwise from north (RFC 5491 §5.2.4) is the mathematical angle 90° − orientation.
  const turn = ((90 - orientationDegrees) * Math.PI) / 180;
  const loop = new Float64Array(CURVE_CORNERS * 2);
  for (let i = 0; i < CURVE_CORNERS; i++) {
    const u = a * grow * Math.cos(i * step);
    const v = b * grow * Math.sin(i * step);
    loop[i * 2] = u * Math.cos(turn) - v * Math.sin(turn);
    loop[i * 2 + 1] = u * Math.sin(turn) + v * Math.cos(turn);
  }
  return loop;
}

/** RFC 5491 §5.2.5: angles clockwise from north, the band opens clockwise from the start angle. */
function arcBandLoops(inner: number, outer: number, startDegrees: number, openingDegrees: number): Float64Array[] {
  const r = Math.min(inner, outer, MAX_RADIUS_METERS);
  const big = Math.min(Math.max(inner, outer), MAX_RADIUS_METERS);
  const opening = Math.min(360, Math.max(0, openingDegrees));
  if (opening === 360) {
    const hole = ellipseLoop(r, r, 0);
    return r > 0 ? [ellipseLoop(big, big, 0), reversed(hole)] : [ellipseLoop(big, big, 0)];
  }
  const steps = Math.max(1, Math.ceil((opening / 360) * CURVE_CORNERS));
  const step = (opening * Math.PI) / 180 / steps;
  const grow = step > 0 ? Math.sqrt(step / Math.sin(step)) : 1;
  const points: number[] = [];
  // Mathematical angles run counter-clockwise: from the far end of the opening back to its start along the outer arc.
  for (let i = 0; i <= steps; i++) {
    const angle = ((90 - startDegrees - opening) * Math.PI) / 180 + i * step;
    points.push(big * grow * Math.cos(angle), big * grow * Math.sin(angle));
  }
  if (r === 0) {
    points.push(0, 0);
  } else {
    for (let i = steps; i >= 0; i--) {
      const angle = ((90 - startDegrees - opening) * Math.PI) / 180 + i * step;
      points.push(r * grow * Math.cos(angle), r * grow * Math.sin(angle));
    }
  }
  return [Float64Array.from(points)];
}

function reversed(loop: Float64Array): Float64Array {
  const turned = new Float64Array(loop.length);
  for (let i = 0; i < loop.length; i += 2) {
    turned[loop.length - 2 - i] = loop[i] as number;
    turned[loop.length - 1 - i] = loop[i + 1] as number;
  }
  return turned;
}

function polygonLoops(exterior: readonly Position[], origin: Position, metersPerLongitude: number): Float64Array[] {
  const stride = Math.max(1, Math.ceil(exterior.length / MAX_CORNERS));
  const ring: [number, number][] = [];
  for (let i = 0; i < exterior.length; i += stride) {
    const position = exterior[i] as Position;
    let degrees = position.longitude - origin.longitude;
    if (degrees > 180) degrees -= 360;
    else if (degrees < -180) degrees += 360;
    ring.push([degrees * metersPerLongitude, (position.latitude - origin.latitude) * METERS_PER_DEGREE]);
  }
  if (ring.length < 3 || isTooWide(ring)) return [];
  const loops: Float64Array[] = [];
  for (const polygon of repair(ring)) {
    for (const [number, part] of polygon.entries()) {
      const loop = Float64Array.from(part.flat());
      loops.push(signedArea(loop) > 0 === (number === 0) ? loop : reversed(loop));
    }
  }
  return loops;
}

function isTooWide(ring: readonly [number, number][]): boolean {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const limit = 2 * MAX_RADIUS_METERS;
  return Math.max(...xs) - Math.min(...xs) > limit || Math.max(...ys) - Math.min(...ys) > limit;
}

/** Cuts a ring that crosses itself into simple ones; one that is tangled, or that the library cannot cut, becomes its hull. */
function repair(ring: [number, number][]): ClippingPolygon[] {
  const crossings = countCrossings(ring);
  if (crossings === 0) return [[ring]];
  if (crossings > MAX_CROSSINGS) return [[convexHull(ring)]];
  try {
    return clipping.union([ring]);
  } catch {
    return [[convexHull(ring)]];
  }
}

/** Pairs of edges that cross or touch other than at a common corner; stops counting soon after the limit. */
function countCrossings(ring: readonly [number, number][]): number {
  const n = ring.length;
  let crossings = 0;
  for (let i = 0; i < n && crossings <= MAX_CROSSINGS; i++) {
    const a = ring[i] as [number, number];
    const b = ring[(i + 1) % n] as [number, number];
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const c = ring[j] as [number, number];
      const d = ring[(j + 1) % n] as [number, number];
      if (turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0) crossings++;
    }
  }
  return crossings;
}

/** Positive when the way from a over b to c turns left. */
function turn(a: readonly [number, number], b: readonly [number, number], c: readonly [number, number]): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function convexHull(points: readonly [number, number][]): [number, number][] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly [number, number][]): [number, number][] => {
    const hull: [number, number][] = [];
    for (const point of list) {
      while (hull.length >= 2 && turn(hull.at(-2) ?? point, hull.at(-1) ?? point, point) <= 0) hull.pop();
      hull.push(point);
    }
    return hull.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}
