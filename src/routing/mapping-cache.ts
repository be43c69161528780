import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import type { Position } from '../domain/shape.ts';
import type { Clock } from '../support/clock.ts';
import type { BoundaryPolygon, FindService, FindServiceResponse, UsableLostLocation } from '../wire/lost/lost.ts';

/** Answers of another server, kept as long as it allows (RFC 5222 §5.2). */
export type MappingCache = {
  /** `fresh`: still valid; otherwise it has expired and is better than nothing. Its `locationUsed` is that of `location`. */
  find(query: FindService, location: UsableLostLocation): { answer: FindServiceResponse; fresh: boolean } | undefined;
  /** Keeps an answer unless it says that it must not be kept. `bytes` is its size as it came; the location counts on top. */
  keep(query: FindService, location: UsableLostLocation, answer: FindServiceResponse, bytes: number): void;
};

export type MappingCacheLimits = { entries: number; bytes: number; lifetimeMs: number };

/** One answer above a sixteenth of the room is not kept: it would push out too many others. */
const LARGEST_SHARE = 16;

/** How many regions are looked through for one that holds a location asked for the first time. */
const MAX_REGIONS = 256;

type Region = { polygons: readonly BoundaryPolygon[]; box: Box } | { civic: CivicAddress };
type Box = { south: number; west: number; north: number; east: number };
type Entry = {
  answer: FindServiceResponse;
  group: string;
  freshUntilMs: number;
  bytes: number;
  regions: readonly Region[];
};

export function createMappingCache(clock: Clock, limits: MappingCacheLimits): MappingCache {
  /** Oldest use first. */
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function forget(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  function use(key: string, entry: Entry): void {
    entries.delete(key);
    entries.set(key, entry);
  }

  /** An answer that came with its region by value is good for the whole region (RFC 5222 §5.5). */
  function findByRegion(group: string, { value }: UsableLostLocation): [string, Entry] | undefined {
    let looked = 0;
    for (const [key, entry] of entries) {
      if (entry.group !== group || entry.regions.length === 0 || entry.freshUntilMs <= clock.nowMs()) continue;
      if (looked++ === MAX_REGIONS) return undefined;
      if (entry.regions.some((region) => holds(region, value))) return [key, entry];
    }
    return undefined;
  }

  return {
    find(query, location) {
      const group = groupOf(query);
      const key = keyOf(group, location);
      const exact = entries.get(key);
      const exactIsFresh = exact !== undefined && exact.freshUntilMs > clock.nowMs();
      // What was found about an address itself holds for that address only.
      const [usedKey, entry] =
        exactIsFresh || query.validateLocation ? [key, exact] : (findByRegion(group, location) ?? [key, exact]);
      if (entry === undefined) return undefined;
      use(usedKey, entry);
      const { locationUsed: _, ...answer } = entry.answer;
      return { answer: { ...answer, locationUsed: location.id }, fresh: entry.freshUntilMs > clock.nowMs() };
    },
    keep(query, location, answer, size) {
      const group = groupOf(query);
      const key = keyOf(group, location);
      const freshUntilMs = expiryOf(answer, clock.nowMs() + limits.lifetimeMs);
      // A location may be as long as an answer: it is kept too, as the key.
      const room = size + key.length;
      if (freshUntilMs === undefined || room > limits.bytes / LARGEST_SHARE) return;
      if (answer.locationUsed !== undefined && answer.locationUsed !== location.id) return;
      forget(key);
      entries.set(key, {
        answer,
        group,
        freshUntilMs,
        bytes: room,
        regions: query.validateLocation ? [] : regionsOf(answer),
      });
      bytes += room;
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.entries && bytes <= limits.bytes) break;
        forget(oldest);
      }
    },
  };
}

/** Answers to queries of one group may stand in for each other. */
function groupOf(query: FindService): string {
  const { additionalLocation = '', service, serviceBoundary, validateLocation } = query;
  return JSON.stringify([service.toLowerCase(), serviceBoundary, validateLocation, additionalLocation]);
}

function keyOf(group: string, { value }: UsableLostLocation): string {
  return group + JSON.stringify(value);
}

/** The end of the mapping that ends first; undefined: not to be kept. */
function expiryOf({ mappings }: FindServiceResponse, latestMs: number): number | undefined {
  let expiryMs = latestMs;
  for (const { expires } of mappings) {
    if (expires === 'NO-CACHE') return undefined;
    if (expires !== 'NO-EXPIRATION') expiryMs = Math.min(expiryMs, expires.getTime());
  }
  return expiryMs;
}

/** Only one mapping has one region; a region over the antimeridian is left alone. */
function regionsOf({ mappings, warnings }: FindServiceResponse): Region[] {
  const [mapping, second] = mappings;
  // A warning is about the location that was asked for.
  if (second !== undefined || warnings !== undefined) return [];
  return (mapping?.serviceBoundaries ?? []).flatMap((boundary): Region[] => {
    if (boundary.profile === 'civic') return [{ civic: boundary.civic }];
    const box = boxOf(boundary.polygons);
    return box.east - box.west > 180 ? [] : [{ polygons: boundary.polygons, box }];
  });
}

function boxOf(polygons: readonly BoundaryPolygon[]): Box {
  const box = { south: 90, west: 180, north: -90, east: -180 };
  for (const { exterior } of polygons) {
    for (const { latitude, longitude } of exterior) {
      box.south = Math.min(box.south, latitude);
      box.north = Math.max(box.north, latitude);
      box.west = Math.min(box.west, longitude);
      box.east = Math.max(box.east, longitude);
    }
  }
  return box;
}

function holds(region: Region, value: UsableLostLocation['value']): boolean {
  if ('civic' in region) return value.profile === 'civic' && isWithin(value.civic, region.civic);
  if (value.profile !== 'geodetic-2d' || value.shape.type !== 'point') return false;
  const { position } = value.shape;
  const { box } = region;
  if (position.latitude < box.south || position.latitude > box.north) return false;
  if (position.longitude < box.west || position.longitude > box.east) return false;
  return region.polygons.some(
    ({ exterior, interiors }) => isInside(position, exterior) && !interiors.some((hole) => isInside(position, hole)),
  );
}

/** RFC 5222 §12.3: all addresses whose elements are those of the region, whatever their others are. */
function isWithin(address: CivicAddress, region: CivicAddress): boolean {
  const elements = Object.keys(region) as CivicElement[];
  return (
    elements.length > 0 &&
    elements.every((element) => address[element]?.toLowerCase() === region[element]?.toLowerCase())
  );
}

function isInside({ latitude, longitude }: Position, ring: readonly Position[]): boolean {
  let inside = false;
  let previous = ring.at(-1);
  for (const corner of ring) {
    if (previous && corner.latitude > latitude !== previous.latitude > latitude) {
      const share = (latitude - corner.latitude) / (previous.latitude - corner.latitude);
      if (longitude < corner.longitude + share * (previous.longitude - corner.longitude)) inside = !inside;
    }
    previous = corner;
  }
  return inside;
}
