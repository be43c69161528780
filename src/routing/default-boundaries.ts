import { sha256Hex } from '../support/ids.ts';
import { type BoundaryIndex, openBoundaryIndex } from './boundary-index.ts';
import { decodeOutline, encodeOutline } from './boundary-outline.ts';
import { type DefaultBoundariesFile, readDefaultBoundaries } from './default-data.ts';
import { packBoundaries } from './pack-boundaries.ts';

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

/** The built-in boundaries, unpacked and indexed on first use and shared from then on (about half a second, 5 MB). */
export function defaultBoundaries(): DefaultBoundaries {
  loaded ??= unpack(readDefaultBoundaries());
  return loaded;
}

function unpack(file: DefaultBoundariesFile): DefaultBoundaries {
  const arcs = file.topologies.map(decodeArcs);
  // What the grid of the source flattens to a line has no outline: the smallest city (Falls Church, Virginia).
  const outlines = file.boundaries.map(({ polygons, topology }) =>
    encodeOutline(polygons.map((rings) => rings.map((ring) => joinArcs(ring, arcs[topology] ?? [])))),
  );
  const countries = file.countries.map(({ polygons }) => encodeOutline(polygons.map((rings) => rings.map(decodeRing))));
  return {
    boundaries: file.boundaries.map(({ sourceId, name, region }) => ({
      sourceId,
      name,
      country: sourceId.startsWith('us-') ? 'US' : 'CA',
      region,
    })),
    index: openBoundaryIndex(packBoundaries(outlines.map(decodeOutline))),
    keys: outlines.map((outline, number) => boundaryKey(file.boundaries[number]?.sourceId ?? '', outline)),
    countries: openBoundaryIndex(packBoundaries(countries.map(decodeOutline))),
    firstProvince: file.boundaries.findIndex(({ sourceId }) => sourceId.startsWith('ca-')),
    updated: file.updated,
    bySourceId: new Map(file.boundaries.map(({ sourceId }, number) => [sourceId, number])),
  };
}

/** Names a boundary by 128 bits of the hash of its name and outline: it changes with every corner, equal on every node. */
function boundaryKey(name: string, outline: Uint8Array): string {
  return sha256Hex(`${name} ${sha256Hex(outline)}`).slice(0, 32);
}

type Positions = [longitude: number, latitude: number][];

function decodeArcs({ arcs, scale, translate }: DefaultBoundariesFile['topologies'][0]): Positions[] {
  return arcs.map((deltas) => {
    const points: Positions = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < deltas.length; i += 2) {
      x += deltas[i] as number;
      y += deltas[i + 1] as number;
      points.push([microdegrees(x * scale[0] + translate[0]), microdegrees(y * scale[1] + translate[1])]);
    }
    return points;
  });
}

/** Far finer than the grid, and short when written as text. */
function microdegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function decodeRing(deltas: readonly number[]): Positions {
  const points: Positions = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < deltas.length; i += 2) {
    x += deltas[i] as number;
    y += deltas[i + 1] as number;
    points.push([x / 1e5, y / 1e5]);
  }
  return points;
}

/** Joins arcs end to start; the last point of an arc is the first of the next. */
function joinArcs(ring: readonly number[], arcs: readonly Positions[]): Positions {
  return ring.flatMap((signed) => {
    const arc = arcs[signed < 0 ? ~signed : signed];
    if (!arc) throw new Error(`Ring refers to missing arc ${signed}`);
    return (signed < 0 ? arc.toReversed() : arc).slice(0, -1);
  });
}
