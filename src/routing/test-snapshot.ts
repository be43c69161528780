import { canonicalServiceUrn } from '../domain/service-urn.ts';
import { encodeOutline } from './boundary-outline.ts';
import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultPlaces } from './default-data.ts';
import { createCivicLocator } from './locate-civic.ts';
import { packLayer } from './pack-layer.ts';
import type { BoundaryEntry, MultiPolygonCoordinates, PsapRow, RegistryNaming } from './routing-rows.ts';
import { buildRoutingSnapshot, type ImportedLayer, type RoutingSnapshot } from './routing-snapshot.ts';

const defaults = defaultBoundaries();
const locateCivic = createCivicLocator(defaults, readDefaultPlaces());

/** A stored boundary with its outline as one reads it. */
export type DrawnBoundary = Omit<BoundaryEntry, 'importId'> & { coordinates: MultiPolygonCoordinates };

/** Boundaries packed by service, as the database gives them. */
export function packDrawn(drawn: readonly DrawnBoundary[]): ImportedLayer[] {
  const sorted = drawn.toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
  return [...Map.groupBy(sorted, ({ serviceUrn }) => canonicalServiceUrn(serviceUrn))].map(([service, rows]) => {
    const outlines = rows.map(({ coordinates }) => encodeOutline(coordinates));
    const ends = new Uint32Array(outlines.length);
    for (const [place, { length }] of outlines.entries()) ends[place] = (ends[place - 1] ?? 0) + length;
    const block = packLayer({ bytes: Buffer.concat(outlines), ends });
    const boundaries = rows.map(({ coordinates: _coordinates, ...row }) => ({ ...row, importId: 'test' }));
    return { service, boundaries, block };
  });
}

/** A snapshot of the built-in data and of what is given, for tests. */
export function testSnapshot(
  rows: {
    psaps?: readonly PsapRow[];
    namings?: readonly RegistryNaming[];
    changes?: ReadonlyMap<string, string>;
    boundaries?: readonly DrawnBoundary[];
  } = {},
  /** Whether the operator named a relay centre. */
  hasRelay = false,
): RoutingSnapshot {
  return buildRoutingSnapshot(
    {
      psaps: rows.psaps ?? [],
      namings: rows.namings ?? [],
      changes: rows.changes ?? new Map(),
      layers: packDrawn(rows.boundaries ?? []),
    },
    {
      defaults,
      locateCivic,
      defaultUri: (sourceId) => (hasRelay ? undefined : `sip:${sourceId}@127.0.0.1:5071`),
      relayUri: (country) => `sip:relay-${country.toLowerCase()}@127.0.0.1:5071`,
    },
  );
}
