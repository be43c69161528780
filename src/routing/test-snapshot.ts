import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultPlaces } from './default-data.ts';
import { createCivicLocator } from './locate-civic.ts';
import { NO_ROUTING_ROWS, type RoutingRows } from './routing-rows.ts';
import { buildRoutingSnapshot, type RoutingSnapshot } from './routing-snapshot.ts';

const defaults = defaultBoundaries();
const locateCivic = createCivicLocator(defaults, readDefaultPlaces());

/** A snapshot of the built-in data and `rows`, for tests. */
export function testSnapshot(rows: Partial<RoutingRows> = {}): RoutingSnapshot {
  return buildRoutingSnapshot(
    { ...NO_ROUTING_ROWS, ...rows },
    { defaults, locateCivic, defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1:5071` },
  );
}
