import { ProblemError } from '../domain/problem.ts';

/** Longitude and latitude in degrees (WGS 84). */
export type Point = [longitude: number, latitude: number];

/** Rings as drawn: open or closed, in either direction; the first of a polygon is its outer one. */
export type LayerGeometry =
  | { kind: 'points'; points: Point[] }
  | { kind: 'lines'; lines: Point[][] }
  | { kind: 'polygons'; polygons: Point[][][] };

/** A value of a feature; dates as text. */
export type LayerValue = string | number | boolean | null;

/** A row of a layer. */
export type LayerFeature = {
  /** What the file calls the row: its number, from 1 where the file has none. */
  row: string;
  properties: Readonly<Record<string, LayerValue>>;
  /** Null where the row has none, or none that could be read: `fault` then says why. */
  geometry: LayerGeometry | null;
  fault: string | null;
};

export type Layer = {
  name: string;
  /** How its coordinates were understood: `WGS 84`, `NAD83 / Texas Central (ftUS)`. */
  coordinateSystem: string;
  /** What a reader of the layer should know: `NAD83 is taken as WGS 84`. */
  notes: readonly string[];
  /** Every row, read as asked for; throws ProblemError. */
  features(): Iterable<LayerFeature>;
};

export const FORMATS = ['GeoJSON', 'GeoPackage', 'Shapefile', 'FileGDB'] as const;

export type LayerFormat = (typeof FORMATS)[number];

/** The layers of one file; `close` lets go of it. */
export type LayerFile = {
  format: LayerFormat;
  layers: readonly Layer[];
  close(): void;
};

/** What one file may hold. */
export type LayerLimits = {
  /** Bytes of everything that comes out of an archive. */
  unpackedBytes: number;
  /** Bytes of a JSON document: it is read as a whole. */
  documentBytes: number;
  /** Rows of all layers together. */
  features: number;
  /** Corners of all geometries together. */
  positions: number;
};

export const LAYER_LIMITS: LayerLimits = {
  unpackedBytes: 4 * 1024 ** 3,
  documentBytes: 384 * 1024 ** 2,
  features: 2_000_000,
  positions: 20_000_000,
};

/** Counts what is read of a file against its limits. */
export type LayerBudget = { takeFeature(): void; takePositions(count: number): void };

export function createLayerBudget(limits: LayerLimits): LayerBudget {
  let { features, positions } = limits;
  return {
    takeFeature() {
      features -= 1;
      if (features < 0) throw new ProblemError('too-large', `the file has more than ${limits.features} rows`);
    },
    takePositions(count) {
      positions -= count;
      if (positions < 0) throw new ProblemError('too-large', `the file has more than ${limits.positions} corners`);
    },
  };
}

/** `malformed`, for a file that is damaged. */
export function damaged(what: string, cause?: unknown): ProblemError {
  return new ProblemError('malformed', `the file is damaged: ${what}`, { cause });
}
