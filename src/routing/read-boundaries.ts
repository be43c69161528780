import { type FieldFault, ProblemError } from '../domain/problem.ts';
import { canonicalServiceUrn, isServiceUrn } from '../domain/service-urn.ts';
import { sha256Hex } from '../support/ids.ts';
import { readSipUri } from '../wire/sip/uri.ts';
import { encodeOutline } from './boundary-outline.ts';
import { repairOutline } from './repair-outline.ts';
import type { BoundaryRow } from './routing-rows.ts';

/** Limits of one import. */
export const IMPORT_LIMITS = { bytes: 256 * 1024 * 1024, features: 50_000, positions: 5_000_000, faults: 100 };

/** What a file says, before it has a layer and a time. */
export type ReadBoundary = Omit<BoundaryRow, 'layer' | 'updatedAt'>;

type Ring = [number, number][];

/** The importing agency is shown as `source`; a name without a dot would not be a legal one (RFC 5222 §4). */
const APPLICATION_UNIQUE = /^(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9]+$/;
const IMPORTED_SOURCE = 'waymark.imported';

// Neither a column nor an XML document takes them; the last are halves of surrogate pairs.
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Ids of the built-in mappings, which an import must not claim. */
const RESERVED_ID = /^(?:us-county-|ca-province-)/;

/**
 * Reads a GeoJSON FeatureCollection (RFC 7946) of Polygon and MultiPolygon features with the NENA GIS property names
 * `ServiceURN`, `ServiceURI`, `DsplayName`, `NGUID`, `Agency_ID` and, if there, `ServiceNum`. Reads everything, then throws
 * one `invalid` problem with every fault as `features/<index>/properties/<name>`; rings are repaired to simple ones.
 */
export function readBoundaries(input: Uint8Array | string): ReadBoundary[] {
  const features = featuresOf(parse(input));
  const faults: FieldFault[] = [];
  const seen = new Map<string, number>();
  const boundaries: ReadBoundary[] = [];
  const budget = { positions: IMPORT_LIMITS.positions };
  for (const [index, feature] of features.entries()) {
    if (faults.length >= IMPORT_LIMITS.faults) break;
    const path = `features/${index}`;
    const boundary = readFeature(feature, path, faults, budget);
    if (!boundary) continue;
    const first = seen.get(boundary.sourceId);
    if (first !== undefined) {
      faults.push({ path: `${path}/properties/NGUID`, message: `is the same as of features/${first}` });
      continue;
    }
    seen.set(boundary.sourceId, index);
    boundaries.push(boundary);
  }
  if (faults.length > 0) {
    throw new ProblemError('invalid', `the file has ${faults.length} faults; nothing was imported`, {
      fields: faults.slice(0, IMPORT_LIMITS.faults),
    });
  }
  return boundaries;
}

function parse(input: Uint8Array | string): unknown {
  if (input.length > IMPORT_LIMITS.bytes) throw new ProblemError('too-large', 'the file is larger than 256 MiB');
  let text: string;
  try {
    text = typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch (cause) {
    throw new ProblemError('malformed', 'the file is not UTF-8 text', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError('malformed', `the file is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function featuresOf(document: unknown): readonly unknown[] {
  const collection = asRecord(document);
  const features = collection?.['features'];
  if (collection?.['type'] !== 'FeatureCollection' || !Array.isArray(features)) {
    throw new ProblemError('invalid', 'the file is not a GeoJSON FeatureCollection', {
      fields: [{ path: 'type', message: 'expected FeatureCollection with features' }],
    });
  }
  const crs = JSON.stringify(collection['crs'] ?? 'CRS84');
  if (!/CRS84|EPSG:{1,2}4326|4326/.test(crs)) {
    throw new ProblemError('invalid', 'coordinates must be WGS 84 longitude and latitude (RFC 7946 §4)', {
      fields: [{ path: 'crs', message: `is ${crs.slice(0, 100)}; reproject the layer to EPSG:4326 first` }],
    });
  }
  if (features.length > IMPORT_LIMITS.features) {
    throw new ProblemError('too-large', `the file has more than ${IMPORT_LIMITS.features} features`);
  }
  return features;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function readFeature(
  value: unknown,
  path: string,
  faults: FieldFault[],
  budget: { positions: number },
): ReadBoundary | null {
  const before = faults.length;
  const feature = asRecord(value);
  const properties = asRecord(feature?.['properties']) ?? {};
  if (feature?.['type'] !== 'Feature') faults.push({ path: `${path}/type`, message: 'expected Feature' });
  const text = (name: string, maxLength: number): string => {
    const found = properties[name];
    const trimmed = typeof found === 'string' || typeof found === 'number' ? String(found).trim() : '';
    if (trimmed === '' || trimmed.length > maxLength) {
      faults.push({ path: `${path}/properties/${name}`, message: `expected 1 to ${maxLength} characters` });
      return '';
    }
    if (UNPRINTABLE.test(trimmed)) {
      faults.push({ path: `${path}/properties/${name}`, message: 'holds a control character' });
      return '';
    }
    return trimmed;
  };
  const sourceId = text('NGUID', 254);
  const displayName = text('DsplayName', 254);
  const serviceUrn = text('ServiceURN', 256);
  const uri = text('ServiceURI', 1024);
  const agency = text('Agency_ID', 254);
  const serviceNumber = properties['ServiceNum'] === undefined ? '911' : text('ServiceNum', 15);
  if (RESERVED_ID.test(sourceId)) {
    faults.push({ path: `${path}/properties/NGUID`, message: 'is the id of a built-in mapping' });
  }
  if (/\s/.test(sourceId)) faults.push({ path: `${path}/properties/NGUID`, message: 'holds white space' });
  if (serviceUrn !== '' && !isServiceUrn(serviceUrn)) {
    faults.push({
      path: `${path}/properties/ServiceURN`,
      message: 'expected an emergency service URN, e.g. urn:service:sos',
    });
  }
  if (uri !== '' && !readSipUri(uri)) {
    faults.push({ path: `${path}/properties/ServiceURI`, message: 'expected a sip: or sips: URI' });
  }
  if (serviceNumber !== '' && !/^[0-9*#]+$/.test(serviceNumber)) {
    faults.push({ path: `${path}/properties/ServiceNum`, message: 'expected digits' });
  }
  const outline = readGeometry(feature?.['geometry'], `${path}/geometry`, faults, budget);
  if (!outline || faults.length > before) return null;
  const source = APPLICATION_UNIQUE.test(agency) ? agency : IMPORTED_SOURCE;
  const content = {
    sourceId,
    source,
    serviceUrn: canonicalServiceUrn(serviceUrn),
    uri,
    displayName,
    serviceNumber,
  };
  const version = sha256Hex(`${JSON.stringify(content)} ${sha256Hex(outline)}`).slice(0, 32);
  return { ...content, outline, version };
}

function readGeometry(
  value: unknown,
  path: string,
  faults: FieldFault[],
  budget: { positions: number },
): Uint8Array | null {
  const geometry = asRecord(value);
  const type = geometry?.['type'];
  const given = geometry?.['coordinates'];
  if ((type !== 'Polygon' && type !== 'MultiPolygon') || !Array.isArray(given)) {
    faults.push({ path, message: 'expected a Polygon or MultiPolygon' });
    return null;
  }
  const polygons: Ring[][] = [];
  for (const [p, polygon] of (type === 'Polygon' ? [given] : given).entries()) {
    const rings: Ring[] = [];
    for (const [r, ring] of (Array.isArray(polygon) ? polygon : [undefined]).entries()) {
      const where = `${path}/coordinates/${type === 'Polygon' ? '' : `${p}/`}${r}`;
      const read = readRing(ring, where, faults, budget);
      if (!read) return null;
      rings.push(read);
    }
    if (rings.length > 0) polygons.push(rings);
  }
  const repaired = repairOutline(polygons);
  if (repaired.length === 0) {
    faults.push({ path, message: 'encloses no area' });
    return null;
  }
  return encodeOutline(repaired);
}

function readRing(value: unknown, path: string, faults: FieldFault[], budget: { positions: number }): Ring | null {
  if (!Array.isArray(value) || value.length < 3) {
    faults.push({ path, message: 'expected a ring of at least three positions' });
    return null;
  }
  budget.positions -= value.length;
  if (budget.positions < 0) {
    throw new ProblemError('too-large', `the file has more than ${IMPORT_LIMITS.positions} positions`);
  }
  const ring: Ring = [];
  for (const [i, position] of value.entries()) {
    const [longitude, latitude] = Array.isArray(position) ? (position as unknown[]) : [];
    if (typeof longitude !== 'number' || typeof latitude !== 'number') {
      faults.push({ path: `${path}/${i}`, message: 'expected longitude and latitude' });
      return null;
    }
    if (!(Math.abs(longitude) <= 360 && Math.abs(latitude) <= 90)) {
      faults.push({
        path: `${path}/${i}`,
        message: `${longitude}, ${latitude} is no longitude and latitude; reproject the layer to EPSG:4326 first`,
      });
      return null;
    }
    ring.push([longitude, latitude]);
  }
  return ring;
}
