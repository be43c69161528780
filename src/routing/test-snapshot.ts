import { encodeOutline } from './boundary-outline.ts';
import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultPlaces } from './default-data.ts';
import { createCivicLocator } from './locate-civic.ts';
import type { BoundaryRow, MultiPolygonCoordinates, PsapRow } from './routing-rows.ts';
import { buildRoutingSnapshot, type RoutingSnapshot } from './routing-snapshot.ts';

const defaults = defaultBoundaries();
const locateCivic = createCivicLocator(defaults, readDefaultPlaces());

/** A stored boundary with its outline as one reads it. */
export type DrawnBoundary = Omit<BoundaryRow, 'outline'> & { coordinates: MultiPolygonCoordinates };

export function storedBoundary({ coordinates, ...row }: DrawnBoundary): BoundaryRow {
  return { ...row, outline: encodeOutline(coordinates) };
}

/** A snapshot of the built-in data and of what is given, for tests. */
export function testSnapshot(
  rows: { psaps?: readonly PsapRow[]; boundaries?: readonly DrawnBoundary[] } = {},
): RoutingSnapshot {
  return buildRoutingSnapshot(
    { psaps: rows.psaps ?? [], boundaries: (rows.boundaries ?? []).map(storedBoundary) },
    { defaults, locateCivic, defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1:5071` },
  );
}
