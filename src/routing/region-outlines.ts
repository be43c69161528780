import type { DefaultBoundariesFile } from './default-data.ts';

export type Corner = readonly [longitude: number, latitude: number];

/** A county, or what a territory or Canada has in its place, as a map shows it (RFC 7946 §3.2). */
type RegionFeature = {
  type: 'Feature';
  properties: { id: string; name: string; region: string };
  geometry: { type: 'MultiPolygon'; coordinates: Corner[][][] };
};

/** About 400 m: less is not seen on a map of counties. */
const TOLERANCE_DEGREES = 0.004;
/** About 100 m. */
const STEPS_PER_DEGREE = 1_000;
/** A ring that closes (RFC 7946 §3.1.6). */
export const LEAST_CORNERS = 4;

/**
 * The built-in regions as a GeoJSON FeatureCollection, with fewer corners. What two regions share is one arc of the source and
 * is simplified once, so neighbours go on meeting.
 */
export function regionOutlines(file: DefaultBoundariesFile): { type: 'FeatureCollection'; features: RegionFeature[] } {
  const topologies = file.topologies.map(simplifiedArcs);
  return {
    type: 'FeatureCollection',
    features: file.boundaries.flatMap(({ sourceId, name, region, topology, polygons }) => {
      const arcs = topologies[topology] ?? [];
      const coordinates = polygons.flatMap((rings) => {
        const [outer, ...holes] = rings.map((ring) => joinRing(ring, arcs));
        if (outer === undefined || outer.length < LEAST_CORNERS) return [];
        return [[outer, ...holes.filter((hole) => hole.length >= LEAST_CORNERS)]];
      });
      if (coordinates.length === 0) return [];
      return [
        {
          type: 'Feature' as const,
          properties: { id: sourceId, name, region },
          geometry: { type: 'MultiPolygon' as const, coordinates },
        },
      ];
    }),
  };
}

/** The arcs of a topology with fewer corners; their ends stay where others meet them. */
export function simplifiedArcs({ arcs, scale, translate }: DefaultBoundariesFile['topologies'][number]): Corner[][] {
  return arcs.map((deltas) => simplifyLine(decodeArc(deltas, scale, translate)));
}

const rounded = (degrees: number): number => Math.round(degrees * STEPS_PER_DEGREE) / STEPS_PER_DEGREE;

function decodeArc(deltas: readonly number[], scale: readonly number[], translate: readonly number[]): Corner[] {
  const line: Corner[] = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < deltas.length; i += 2) {
    x += deltas[i] as number;
    y += deltas[i + 1] as number;
    line.push([x * (scale[0] ?? 1) + (translate[0] ?? 0), y * (scale[1] ?? 1) + (translate[1] ?? 0)]);
  }
  return line;
}

/** Leaves out corners that are nearer than the tolerance to the line without them (Douglas and Peucker); the ends stay. */
function simplifyLine(line: readonly Corner[]): Corner[] {
  const last = line.length - 1;
  const isKept = new Uint8Array(line.length);
  isKept[0] = 1;
  isKept[last] = 1;
  const open: [from: number, to: number][] = [[0, last]];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const [from, to] = part;
    let farthest = from;
    let most = TOLERANCE_DEGREES;
    for (let at = from + 1; at < to; at += 1) {
      const distance = distanceTo(line[at] as Corner, line[from] as Corner, line[to] as Corner);
      if (distance > most) {
        most = distance;
        farthest = at;
      }
    }
    if (farthest === from) continue;
    isKept[farthest] = 1;
    open.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, at) => isKept[at] === 1).map(([x, y]) => [rounded(x), rounded(y)] as const);
}

/** From a corner to the line between two others, in degrees of latitude. */
function distanceTo([x, y]: Corner, [x0, y0]: Corner, [x1, y1]: Corner): number {
  const narrow = Math.cos((y * Math.PI) / 180);
  const [dx, dy] = [(x1 - x0) * narrow, y1 - y0];
  const [px, py] = [(x - x0) * narrow, y - y0];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / square));
  return Math.hypot(px - along * dx, py - along * dy);
}

/** Arcs joined end to start and closed, without corners that fell together. */
export function joinRing(ring: readonly number[], arcs: readonly (readonly Corner[])[]): Corner[] {
  const corners: Corner[] = [];
  for (const signed of ring) {
    const arc = arcs[signed < 0 ? ~signed : signed];
    if (arc === undefined) throw new Error(`a ring refers to missing arc ${signed}`);
    for (const corner of signed < 0 ? arc.toReversed() : arc) {
      const before = corners.at(-1);
      if (before?.[0] !== corner[0] || before?.[1] !== corner[1]) corners.push(corner);
    }
  }
  return corners;
}
