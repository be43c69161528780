import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Layout of data/default-boundaries.json.gz; see data/README.md. */
export type DefaultBoundariesFile = {
  format: 'waymark-boundaries/1';
  /** ISO 8601; the `lastUpdated` of every default mapping. */
  updated: string;
  topologies: {
    scale: [number, number];
    translate: [number, number];
    /** Each arc: x, y, dx, dy, dx, dy … in grid units. */
    arcs: number[][];
  }[];
  boundaries: {
    sourceId: string;
    name: string;
    /** State, territory or province code. */
    region: string;
    topology: number;
    /** Polygons of rings of arc numbers; `~n` is arc n backwards. The first ring is the outer one. */
    polygons: number[][][];
  }[];
  /** Countries with their territories and territorial waters; rings are x, y, dx, dy … in 0.00001 degrees. */
  countries: { country: 'US' | 'CA'; polygons: number[][][] }[];
};

/** Layout of data/default-places.json.gz; see data/README.md. */
export type DefaultPlacesFile = {
  format: 'waymark-places/1';
  /** ZIP code to 5-digit county numbers, best first, separated by spaces. */
  postal: Record<string, string>;
  /** State code to folded city name to 3-digit county numbers, best first, separated by spaces. */
  cities: Record<string, Record<string, string>>;
  /** State code to the 5-digit numbers of the five counties with the most ZIP codes. */
  mostPostalCodes: Record<string, string>;
};

function readPacked<T extends { format: string }>(name: string, format: T['format']): T {
  const data = JSON.parse(gunzipSync(readFileSync(new URL(`data/${name}`, import.meta.url))).toString('utf8')) as T;
  if (data.format !== format) throw new Error(`${name} has format ${data.format}, expected ${format}`);
  return data;
}

/** Reads the packed default boundaries that ship with the product. */
export function readDefaultBoundaries(): DefaultBoundariesFile {
  return readPacked<DefaultBoundariesFile>('default-boundaries.json.gz', 'waymark-boundaries/1');
}

/** Reads the packed place and postal-code tables that ship with the product. */
export function readDefaultPlaces(): DefaultPlacesFile {
  return readPacked<DefaultPlacesFile>('default-places.json.gz', 'waymark-places/1');
}
