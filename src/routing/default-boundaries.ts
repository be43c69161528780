import { type BoundaryGeometry, type BoundaryIndex, boundaryKey, createBoundaryIndex } from './boundary-index.ts';
import { type DefaultBoundariesFile, readDefaultBoundaries } from './default-data.ts';

/** One built-in boundary: a US county (or what a territory has in its place) or a Canadian province or territory. */
export type DefaultBoundary = {
  sourceId: string;
  /** `Harris County`, `San Juan Municipio`, `Ontario`. */
  name: string;
  country: 'US' | 'CA';
  /** State, territory or province code. */
  region: string;
};

/** The built-in boundaries in the order of their index: counties by number, then provinces. */
export type DefaultBoundaries = {
  boundaries: readonly DefaultBoundary[];
  geometries: readonly BoundaryGeometry[];
  index: BoundaryIndex;
  /** Boundary keys by number. */
  keys: readonly string[];
  /** Country outlines with territorial waters: 0 is the United States with its territories, 1 is Canada. */
  countries: BoundaryIndex;
  /** The number of the first province: lower numbers are counties. */
  firstProvince: number;
  /** ISO 8601. */
  updated: string;
  bySourceId: ReadonlyMap<string, number>;
};

let loaded: DefaultBoundaries | undefined;

/** The built-in boundaries, unpacked and indexed on first use and shared from then on (about 0.1 s, 15 MB). */
export function defaultBoundaries(): DefaultBoundaries {
  loaded ??= unpack(readDefaultBoundaries());
  return loaded;
}

function unpack(file: DefaultBoundariesFile): DefaultBoundaries {
  const arcs = file.topologies.map(decodeArcs);
  const geometries = file.boundaries.map(({ polygons, topology }) =>
    polygons
      .map((rings) => rings.map((ring) => joinArcs(ring, arcs[topology] ?? [])))
      // The grid of the source flattens the smallest city (Falls Church, Virginia) to a line: it has no outline.
      .filter(([outer]) => outer !== undefined && outer.length >= 6),
  );
  return {
    boundaries: file.boundaries.map(({ sourceId, name, region }) => ({
      sourceId,
      name,
      country: sourceId.startsWith('us-') ? 'US' : 'CA',
      region,
    })),
    geometries,
    index: createBoundaryIndex(geometries),
    keys: geometries.map((geometry, number) => boundaryKey(file.boundaries[number]?.sourceId ?? '', geometry)),
    countries: createBoundaryIndex(
      file.countries.map(({ polygons }) => polygons.map((rings) => rings.map(decodeRing))),
    ),
    firstProvince: file.boundaries.findIndex(({ sourceId }) => sourceId.startsWith('ca-')),
    updated: file.updated,
    bySourceId: new Map(file.boundaries.map(({ sourceId }, number) => [sourceId, number])),
  };
}

function decodeArcs({ arcs, scale, translate }: DefaultBoundariesFile['topologies'][0]): Float64Array[] {
  return arcs.map((deltas) => {
    const points = new Float64Array(deltas.length);
    let x = 0;
    let y = 0;
    for (let i = 0; i < deltas.length; i += 2) {
      x += deltas[i] as number;
      y += deltas[i + 1] as number;
      points[i] = microdegrees(x * scale[0] + translate[0]);
      points[i + 1] = microdegrees(y * scale[1] + translate[1]);
    }
    return points;
  });
}

/** Far finer than the grid, and short when written as text. */
function microdegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function decodeRing(deltas: readonly number[]): Float64Array {
  const points = new Float64Array(deltas.length);
  let x = 0;
  let y = 0;
  for (let i = 0; i < deltas.length; i += 2) {
    x += deltas[i] as number;
    y += deltas[i + 1] as number;
    points[i] = x / 1e5;
    points[i + 1] = y / 1e5;
  }
  return points;
}

/** Joins arcs end to start; the last point of the ring, which repeats its first, is left out. */
function joinArcs(ring: readonly number[], arcs: readonly Float64Array[]): Float64Array {
  const length = ring.reduce((sum, signed) => sum + (arcs[signed < 0 ? ~signed : signed]?.length ?? 2) - 2, 0);
  const points = new Float64Array(length);
  let next = 0;
  for (const signed of ring) {
    const arc = arcs[signed < 0 ? ~signed : signed];
    if (!arc) throw new Error(`Ring refers to missing arc ${signed}`);
    for (let i = 0; i < arc.length - 2; i += 2) {
      const from = signed < 0 ? arc.length - 2 - i : i;
      points[next++] = arc[from] as number;
      points[next++] = arc[from + 1] as number;
    }
  }
  return points;
}
