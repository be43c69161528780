import Flatbush from 'flatbush';
import clipping, { type MultiPolygon, type Polygon, type Ring } from 'polygon-clipping';
import { METERS_PER_DEGREE } from '../boundary-index.ts';
import { type OutlinePolygons, STEPS_PER_DEGREE } from '../boundary-outline.ts';
import type { NoteFinding } from './boundary-finding.ts';
import { type OutlineSize, outlineSize } from './outline-size.ts';
import { squareMeters } from './read-boundary-outline.ts';

/** A boundary of one service of the file. */
export type LintedBoundary = {
  sourceId: string;
  layer: string;
  row: string;
  serviceUrn: string;
  polygons: OutlinePolygons;
  size: OutlineSize;
};

/** Slivers narrower than this come of two agencies' rounding, not of their disagreement. */
const LEAST_WIDTH_METERS = 0.25;
const LEAST_SQUARE_METERS = 10;
/** This much of the smaller one lies in the other: it is inside. */
const INSIDE_SHARE = 0.99;
/** Joining more corners than this into one outline would take minutes. */
const MOST_CORNERS_JOINED = 400_000;

export type CoverageOptions = {
  /** Milliseconds after which no further pair is compared. */
  budgetMs: number;
  monotonicMs: () => number;
  note: NoteFinding;
};

/** Where boundaries of one service overlap, lie in one another, or leave a gap between them. */
export function lintCoverage(boundaries: readonly LintedBoundary[], options: CoverageOptions): void {
  const until = options.monotonicMs() + options.budgetMs;
  for (const [service, ofService] of Map.groupBy(boundaries, ({ serviceUrn }) => serviceUrn)) {
    lintOverlaps(ofService, { ...options, until });
    lintGaps(service, ofService, { ...options, until });
  }
}

type Bounded = CoverageOptions & { until: number };

function lintOverlaps(boundaries: readonly LintedBoundary[], { until, monotonicMs, note }: Bounded): void {
  if (boundaries.length < 2) return;
  const tree = new Flatbush(boundaries.length);
  for (const { size } of boundaries) tree.add(size.west, size.south, size.east, size.north);
  tree.finish();
  let [pairs, compared] = [0, 0];
  for (const [number, one] of boundaries.entries()) {
    for (const otherNumber of tree.search(one.size.west, one.size.south, one.size.east, one.size.north)) {
      const other = boundaries[otherNumber];
      if (other === undefined || otherNumber <= number) continue;
      pairs += 1;
      if (monotonicMs() > until) continue;
      compared += 1;
      noteOverlap(one, other, note);
    }
  }
  if (compared < pairs) {
    note({
      rule: 'not-checked',
      message: `${pairs - compared} of ${pairs} pairs of neighbours were not compared: it took too long`,
    });
  }
}

function noteOverlap(one: LintedBoundary, other: LintedBoundary, note: NoteFinding): void {
  const window = {
    west: Math.max(one.size.west, other.size.west),
    south: Math.max(one.size.south, other.size.south),
    east: Math.min(one.size.east, other.size.east),
    north: Math.min(one.size.north, other.size.north),
  };
  if (!(window.west < window.east && window.south < window.north)) return;
  const [a, b] = [cut(one.polygons, window), cut(other.polygons, window)];
  if (a.length === 0 || b.length === 0) return;
  let common: MultiPolygon;
  try {
    common = clipping.intersection(a, b);
  } catch {
    note({ rule: 'not-checked', boundary: one.sourceId, message: `could not be compared with ${other.sourceId}` });
    return;
  }
  const worth = common.map(measure).filter(isWorthSaying);
  const area = worth.reduce((sum, piece) => sum + piece.squareMeters, 0);
  if (area === 0) return;
  const [smaller, larger] = one.size.squareMeters <= other.size.squareMeters ? [one, other] : [other, one];
  const rule =
    area < smaller.size.squareMeters * INSIDE_SHARE
      ? 'overlap'
      : area < larger.size.squareMeters * INSIDE_SHARE
        ? 'inside-another'
        : 'same-outline';
  const messages = {
    overlap: `shares ${squareMeters(area)} with ${larger.sourceId}; the smaller answers there`,
    'inside-another': `lies inside ${larger.sourceId}; it answers there`,
    'same-outline': `has the outline of ${larger.sourceId}`,
  };
  const where = worth.reduce((best, piece) => (piece.squareMeters > best.squareMeters ? piece : best));
  note({
    layer: smaller.layer,
    row: smaller.row,
    boundary: smaller.sourceId,
    rule,
    message: messages[rule],
    squareMeters: Math.round(area),
    ...where.center,
  });
}

function lintGaps(service: string, boundaries: readonly LintedBoundary[], { until, monotonicMs, note }: Bounded): void {
  if (boundaries.length < 2) return;
  const corners = boundaries.reduce(
    (sum, { polygons }) =>
      sum + polygons.reduce((all, rings) => all + rings.reduce((n, ring) => n + ring.length / 2, 0), 0),
    0,
  );
  if (corners > MOST_CORNERS_JOINED || monotonicMs() > until) {
    note({ rule: 'not-checked', message: `gaps of ${service} were not looked for: ${corners} corners are too many` });
    return;
  }
  let joined: MultiPolygon;
  try {
    const [first, ...rest] = boundaries.map(({ polygons }) => polygons.map((rings) => rings.map(asRing)));
    joined = first === undefined ? [] : clipping.union(first, ...rest);
  } catch {
    note({ rule: 'not-checked', message: `gaps of ${service} could not be looked for` });
    return;
  }
  for (const [, ...holes] of joined) {
    for (const hole of holes) {
      const gap = measure([hole]);
      if (!isWorthSaying(gap)) continue;
      const message = `nobody serves ${squareMeters(gap.squareMeters)} between the boundaries of ${service}`;
      note({ rule: 'gap', message, squareMeters: Math.round(gap.squareMeters), ...gap.center });
    }
  }
}

type Piece = { squareMeters: number; perimeterMeters: number; center: { latitude: number; longitude: number } };

const isWorthSaying = ({ squareMeters: area, perimeterMeters }: Piece): boolean =>
  area >= LEAST_SQUARE_METERS && (2 * area) / perimeterMeters >= LEAST_WIDTH_METERS;

function measure(polygon: Polygon): Piece {
  const steps = polygon.map((ring) =>
    Int32Array.from(
      ring.slice(0, -1).flatMap(([x, y]) => [Math.round(x * STEPS_PER_DEGREE), Math.round(y * STEPS_PER_DEGREE)]),
    ),
  );
  const { squareMeters: area, center } = outlineSize([steps]);
  const metersPerLongitude = METERS_PER_DEGREE * Math.cos((center.latitude * Math.PI) / 180);
  let perimeterMeters = 0;
  for (const ring of polygon) {
    for (const [i, [x, y]] of ring.entries()) {
      const [beforeX, beforeY] = ring[i - 1] ?? [x, y];
      perimeterMeters += Math.hypot((x - beforeX) * metersPerLongitude, (y - beforeY) * METERS_PER_DEGREE);
    }
  }
  return { squareMeters: area, perimeterMeters, center };
}

function asRing(steps: Int32Array): Ring {
  const ring: Ring = [];
  for (let i = 0; i < steps.length; i += 2) {
    ring.push([(steps[i] as number) / STEPS_PER_DEGREE, (steps[i + 1] as number) / STEPS_PER_DEGREE]);
  }
  return ring;
}

type Window = { west: number; south: number; east: number; north: number };

/** What of an outline lies in a window: only where two meet do they need to be compared corner by corner. */
function cut(polygons: OutlinePolygons, { west, south, east, north }: Window): MultiPolygon {
  const pieces: MultiPolygon = [];
  for (const rings of polygons) {
    const kept = rings.map((ring) => {
      let points = asRing(ring);
      points = cutSide(points, ([x]) => x - west);
      points = cutSide(points, ([x]) => east - x);
      points = cutSide(points, ([, y]) => y - south);
      return cutSide(points, ([, y]) => north - y);
    });
    const [outer, ...holes] = kept;
    if (outer !== undefined && outer.length >= 3) pieces.push([outer, ...holes.filter((hole) => hole.length >= 3)]);
  }
  return pieces;
}

/** Keeps what is not below 0 (Sutherland and Hodgman). */
function cutSide(ring: Ring, height: (point: [number, number]) => number): Ring {
  if (ring.every((point) => height(point) >= 0)) return ring;
  const kept: Ring = [];
  let before = ring.at(-1);
  for (const point of ring) {
    if (before === undefined) break;
    const [was, is] = [height(before), height(point)];
    if (was < 0 !== is < 0) {
      const part = was / (was - is);
      kept.push([before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1])]);
    }
    if (is >= 0) kept.push(point);
    before = point;
  }
  return kept;
}
