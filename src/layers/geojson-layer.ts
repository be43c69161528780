import { readFileSync, statSync } from 'node:fs';
import { ProblemError } from '../domain/problem.ts';
import { errorText } from '../support/error-text.ts';
import { type CoordinateSystem, coordinateSystemOfCode, readCoordinateSystem, WGS84 } from './coordinate-system.ts';
import type { GdalTools } from './gdal-tools.ts';
import type { Layer, LayerBudget, LayerFeature, LayerGeometry, LayerLimits, LayerValue, Point } from './layer.ts';

/** Reads a GeoJSON FeatureCollection (RFC 7946), with the `crs` member of its predecessor where there is one. */
export function openGeoJson(
  path: string,
  name: string,
  { budget, limits, gdal }: { budget: LayerBudget; limits: LayerLimits; gdal: GdalTools },
): Layer {
  const { size } = statSync(path);
  if (size > limits.documentBytes) {
    throw new ProblemError(
      'too-large',
      `a GeoJSON file may have ${limits.documentBytes} bytes and this one has ${size}: send it as GeoPackage`,
    );
  }
  const collection = asRecord(parse(readFileSync(path)));
  const features = collection?.['features'];
  if (typeof collection?.['geometryType'] === 'string' && collection['geometryType'].startsWith('esri')) {
    throw new ProblemError('unsupported-media-type', "the file is Esri's own JSON: ask the service for f=geojson");
  }
  if (collection?.['type'] !== 'FeatureCollection' || !Array.isArray(features)) {
    throw new ProblemError('invalid', 'the file is not a GeoJSON FeatureCollection', {
      fields: [{ path: 'type', message: 'expected FeatureCollection with features' }],
    });
  }
  const system = systemOf(collection['crs'], gdal);
  const given = collection['name'];
  return {
    name: typeof given === 'string' && given.trim() !== '' ? given.trim().slice(0, 128) : name,
    coordinateSystem: system.name,
    notes: system.notes,
    *features() {
      for (const [index, feature] of features.entries()) {
        budget.takeFeature();
        yield readFeature(feature, String(index + 1), system, budget);
      }
    },
  };
}

function parse(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('malformed', 'the file is not UTF-8 text', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('malformed', `the file is not JSON: ${errorText(cause)}`, { cause });
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A value that is no single one, as text; lists in lists can be read deeper than they can be written. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ProblemError('malformed', 'the file holds a value that is nested too deep', { cause });
  }
}

/** `urn:ogc:def:crs:EPSG::2277`, `EPSG:2277`, `…/def/crs/EPSG/0/2277`, `urn:ogc:def:crs:OGC:1.3:CRS84`, or well-known text. Longitude first in any case. */
function systemOf(crs: unknown, gdal: GdalTools): CoordinateSystem {
  if (crs === undefined || crs === null) return WGS84;
  const name = asRecord(asRecord(crs)?.['properties'])?.['name'];
  if (typeof name === 'string') {
    if (/CRS84/i.test(name)) return WGS84;
    const code = /EPSG\D*(?:[\d.]*(?:::?|\/))?(\d{4,6})$/i.exec(name.trim())?.[1];
    if (code !== undefined) return coordinateSystemOfCode(Number(code), gdal);
    if (/^\s*[A-Z_]+\s*\[/i.test(name)) return readCoordinateSystem(name);
  }
  throw new ProblemError('invalid', 'the crs member names no coordinate system', {
    fields: [{ path: 'crs', message: `is ${written(crs).slice(0, 100)}` }],
  });
}

function readFeature(value: unknown, row: string, system: CoordinateSystem, budget: LayerBudget): LayerFeature {
  const feature = asRecord(value);
  const properties: Record<string, LayerValue> = {};
  for (const [name, found] of Object.entries(asRecord(feature?.['properties']) ?? {})) {
    properties[name] =
      found === null || typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
        ? found
        : written(found);
  }
  if (feature?.['type'] !== 'Feature') return { row, properties, geometry: null, fault: 'is no Feature' };
  const given = feature['geometry'];
  if (given === null || given === undefined) return { row, properties, geometry: null, fault: null };
  try {
    return { row, properties, geometry: readGeometry(given, system, budget), fault: null };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { row, properties, geometry: null, fault: error.message };
  }
}

function readGeometry(value: unknown, system: CoordinateSystem, budget: LayerBudget): LayerGeometry | null {
  const geometry = asRecord(value);
  const given = geometry?.['coordinates'];
  const point = (position: unknown): Point => {
    const [x, y] = list(position, 'a position');
    if (typeof x !== 'number' || typeof y !== 'number') throw new TypeError('holds a position that is no two numbers');
    return system.toWgs84(x, y);
  };
  const line = (positions: unknown): Point[] => {
    const found = list(positions, 'positions');
    budget.takePositions(found.length);
    return found.map(point);
  };
  const polygon = (rings: unknown): Point[][] => list(rings, 'rings').map(line);
  const type = geometry?.['type'];
  switch (type) {
    case 'Point':
      budget.takePositions(1);
      return { kind: 'points', points: [point(given)] };
    case 'MultiPoint':
      return { kind: 'points', points: line(given) };
    case 'LineString':
      return { kind: 'lines', lines: [line(given)] };
    case 'MultiLineString':
      return { kind: 'lines', lines: polygon(given) };
    case 'Polygon':
      return emptyAsNull([polygon(given)]);
    case 'MultiPolygon':
      return emptyAsNull(list(given, 'polygons').map(polygon));
    default:
      throw new TypeError(`is ${typeof type === 'string' ? `a ${type.slice(0, 40)}` : 'no geometry'}`);
  }
}

function emptyAsNull(polygons: Point[][][]): LayerGeometry | null {
  const kept = polygons.filter((rings) => rings.some((ring) => ring.length > 0));
  return kept.length === 0 ? null : { kind: 'polygons', polygons: kept };
}

function list(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw new TypeError(`holds no list of ${what}`);
}
