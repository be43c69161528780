import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { isUuid } from '../support/ids.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import { selectAddressRanges } from './wire-map-records.ts';

/** What reading and judging a wire map needs to know of an organization; plain values, for other threads. */
export type WireMapPlaces = {
  locations: readonly { id: string; name: string; isAddressRight: boolean }[];
  responseLocations: readonly {
    id: string;
    name: string;
    locationId: string;
    floor: string;
    /** Ids that were merged into it: elements that name them stand here. */
    mergedIds: readonly string[];
  }[];
  /** Whether the organization has said from which addresses it is seen. */
  hasGate: boolean;
};

const PAGE = 1_000;

async function readAll<Item>(
  list: (page: { start: number; max: number }) => Promise<{ items: Item[]; total: number }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const { items, total } = await list({ start: all.length, max: PAGE });
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

export async function loadWireMapPlaces(
  deps: { places: WireMapDeps['places']; database: { db: Queryable } },
  scope: Scope,
): Promise<WireMapPlaces> {
  const locations = await readAll((page) => deps.places.listLocations(scope, page));
  const responseLocations = await readAll((page) => deps.places.listResponseLocations(scope, page));
  const ranges = isUuid(scope.organizationId) ? await selectAddressRanges(deps.database.db, scope.organizationId) : [];
  return {
    locations: locations.map(({ id, name }) => ({
      id,
      name,
      isAddressRight: deps.places.location(scope.organizationId, id)?.addressCheck?.isDispatchable === true,
    })),
    responseLocations: responseLocations.map(({ id, name, locationId, civic, mergedIds }) => ({
      id,
      name,
      locationId,
      floor: civic.FLR ?? '',
      mergedIds,
    })),
    hasGate: ranges.length > 0,
  };
}
