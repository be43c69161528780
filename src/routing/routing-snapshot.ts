import type { CivicAddress } from '../domain/civic-address.ts';
import { findRegion } from '../domain/regions.ts';
import { canonicalServiceUrn, isServiceUrn, parentServiceUrn, SOS, TEST_SOS } from '../domain/service-urn.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import { type BoundaryGeometry, type BoundaryIndex, boundaryKey, createBoundaryIndex } from './boundary-index.ts';
import { decodeOutline, STEPS_PER_DEGREE } from './boundary-outline.ts';
import type { DefaultBoundaries } from './default-boundaries.ts';
import type { CivicLocator } from './locate-civic.ts';
import type { Mapping } from './route.ts';
import type { BoundaryRow, PsapRow, RoutingRows } from './routing-rows.ts';

/** A boundary with what it maps to and how its destination wants to be called; made once, shared by all answers. */
export type ServedBoundary = {
  mapping: Mapping;
  /** `mapping.lastUpdated`, read once. */
  lastUpdated: Date;
  /** Names this very version of the boundary: 128 bits of the hash of its outline (RFC 5222 §5.6). */
  key: string;
  /** The same region as an address, where there is one (RFC 5222 §5.5). */
  civic: CivicAddress | undefined;
  alternateUris: readonly string[];
  ringTimeoutMs: number;
  plainSipUser: boolean;
};

/** Boundaries that answer for one service. */
export type BoundaryLayer = {
  kind: 'imported' | 'default';
  /** The service the layer was made for. */
  service: string;
  index: BoundaryIndex;
  /** By boundary number. */
  served: readonly ServedBoundary[];
  geometries: readonly BoundaryGeometry[];
};

/** Everything a lookup needs, immutable: replaced as a whole when a boundary or a PSAP changes. */
export type RoutingSnapshot = {
  defaults: DefaultBoundaries;
  locateCivic: CivicLocator;
  defaultLayer: BoundaryLayer;
  /** Canonical service URN to its imported layer. */
  importedLayers: ReadonlyMap<string, BoundaryLayer>;
  byKey: ReadonlyMap<string, { layer: BoundaryLayer; boundary: number }>;
  /** Layers of the services asked for lately, see `layersFor`. */
  layersByService: BoundedMap<string, readonly BoundaryLayer[]>;
};

/** Anybody may ask for any service: only so many answers are remembered. */
const MAX_REMEMBERED_SERVICES = 256;

export type SnapshotSources = {
  defaults: DefaultBoundaries;
  locateCivic: CivicLocator;
  /** Where calls for a built-in boundary go when no PSAP took it over. */
  defaultUri: (sourceId: string) => string;
};

export const DEFAULT_SOURCE = 'waymark.default';

/** How long a destination may stay silent when nobody says otherwise. */
export const DEFAULT_RING_TIMEOUT_MS = 8_000;

/** Builds the snapshot from stored rows; pure. Costs a few milliseconds plus the indexing of imported boundaries. */
export function buildRoutingSnapshot(rows: RoutingRows, sources: SnapshotSources): RoutingSnapshot {
  const psapBySourceId = new Map<string, PsapRow>();
  const psapByUri = new Map<string, PsapRow>();
  for (const psap of rows.psaps) {
    if (psap.sourceId !== null) psapBySourceId.set(psap.sourceId, psap);
    else psapByUri.set(psap.uri, psap);
  }
  const defaultLayer = buildDefaultLayer(sources, psapBySourceId);
  const importedLayers = new Map<string, BoundaryLayer>();
  for (const [service, boundaries] of Map.groupBy(rows.boundaries, (row) => canonicalServiceUrn(row.serviceUrn))) {
    importedLayers.set(service, buildImportedLayer(service, boundaries, psapBySourceId, psapByUri));
  }
  const byKey = new Map<string, { layer: BoundaryLayer; boundary: number }>();
  for (const layer of [defaultLayer, ...importedLayers.values()]) {
    for (const [boundary, { key }] of layer.served.entries()) byKey.set(key, { layer, boundary });
  }
  return {
    defaults: sources.defaults,
    locateCivic: sources.locateCivic,
    defaultLayer,
    importedLayers,
    byKey,
    layersByService: new BoundedMap(MAX_REMEMBERED_SERVICES),
  };
}

function buildDefaultLayer(sources: SnapshotSources, psaps: ReadonlyMap<string, PsapRow>): BoundaryLayer {
  const { defaults } = sources;
  return {
    kind: 'default',
    service: SOS,
    index: defaults.index,
    geometries: defaults.geometries,
    served: defaults.boundaries.map((boundary, number) => {
      const { country, name, region, sourceId } = boundary;
      const regionName = findRegion(region, country)?.name ?? region;
      const place = name === regionName ? name : `${name}, ${regionName}`;
      const level = country === 'US' ? 'county-level' : 'province-level';
      const psap = psaps.get(sourceId);
      const lastUpdated = psap && psap.updatedAt > defaults.updated ? psap.updatedAt : defaults.updated;
      return {
        mapping: {
          sourceId,
          source: DEFAULT_SOURCE,
          displayName: psap
            ? `${psap.name} (${level} default boundary of ${place})`
            : `${place} (${level} default, simulated PSAP)`,
          uri: psap?.uri ?? sources.defaultUri(sourceId),
          serviceNumber: '911',
          lastUpdated,
        },
        lastUpdated: new Date(lastUpdated),
        key: defaults.keys[number] ?? sourceId,
        civic: country === 'US' && region !== 'GU' ? { country, A1: region, A2: name } : { country, A1: region },
        ...callSettings(psap),
      };
    }),
  };
}

function buildImportedLayer(
  service: string,
  rows: readonly BoundaryRow[],
  psapBySourceId: ReadonlyMap<string, PsapRow>,
  psapByUri: ReadonlyMap<string, PsapRow>,
): BoundaryLayer {
  const measured = rows.map((row) => ({ row, geometry: readGeometry(row.outline), area: 0 }));
  const unordered = createBoundaryIndex(measured.map(({ geometry }) => geometry));
  for (const [number, entry] of measured.entries()) entry.area = unordered.areaSquareMeters(number);
  // The index answers with the lowest number: where boundaries overlap, the smaller one wins, then the lower sourceId.
  measured.sort((a, b) => a.area - b.area || (a.row.sourceId < b.row.sourceId ? -1 : 1));
  return {
    kind: 'imported',
    service,
    index: createBoundaryIndex(measured.map(({ geometry }) => geometry)),
    geometries: measured.map(({ geometry }) => geometry),
    served: measured.map(({ geometry, row }) => {
      const taken = psapBySourceId.get(row.sourceId);
      const psap = taken ?? psapByUri.get(row.uri);
      const lastUpdated = psap && psap.updatedAt > row.updatedAt ? psap.updatedAt : row.updatedAt;
      return {
        mapping: {
          sourceId: row.sourceId,
          source: row.source,
          displayName: taken?.name ?? row.displayName,
          uri: taken?.uri ?? row.uri,
          serviceNumber: row.serviceNumber,
          lastUpdated,
        },
        lastUpdated: new Date(lastUpdated),
        key: boundaryKey(`${row.serviceUrn} ${row.sourceId}`, geometry),
        civic: undefined,
        ...callSettings(psap),
      };
    }),
  };
}

function callSettings(psap: PsapRow | undefined): Omit<ServedBoundary, 'mapping' | 'lastUpdated' | 'key' | 'civic'> {
  return {
    alternateUris: psap?.alternateUris ?? [],
    ringTimeoutMs: psap?.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS,
    plainSipUser: psap?.plainSipUser ?? false,
  };
}

function readGeometry(outline: Uint8Array): BoundaryGeometry {
  return decodeOutline(outline).map((rings) =>
    rings.map((ring) => Float64Array.from(ring, (steps) => steps / STEPS_PER_DEGREE)),
  );
}

/**
 * The layers that may answer for a service, in order: imported for that very service, imported for each parent (authority
 * for a parent implies the children), for a test service the same of the real one, then the built-in layer. Empty when
 * the service is none of ours.
 */
export function layersFor(snapshot: RoutingSnapshot, service: string): readonly BoundaryLayer[] {
  let layers = snapshot.layersByService.get(service);
  if (!layers) {
    layers = isServiceUrn(service) ? collectLayers(snapshot, canonicalServiceUrn(service)) : [];
    if (service.length <= 256) snapshot.layersByService.set(service, layers);
  }
  return layers;
}

function collectLayers(snapshot: RoutingSnapshot, canonical: string): BoundaryLayer[] {
  const layers: BoundaryLayer[] = [];
  const real = canonical.startsWith('urn:service:test.') ? canonical.replace(':test.', ':') : undefined;
  for (const start of [canonical, real]) {
    for (let urn = start; urn !== undefined; urn = parentServiceUrn(urn)) {
      const layer = snapshot.importedLayers.get(urn);
      if (layer) layers.push(layer);
    }
  }
  if (isUnder(canonical, SOS) || isUnder(canonical, TEST_SOS)) layers.push(snapshot.defaultLayer);
  return layers;
}

function isUnder(urn: string, root: string): boolean {
  return urn === root || urn.startsWith(`${root}.`);
}
