import type { Addresses } from '../addresses/addresses.ts';
import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { derivePlaces, type OrganizationPlaces } from './derive-places.ts';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from './place.ts';
import { readPlacePages, selectAllPlaces } from './places-records.ts';

/** One organization's places by id; `locationList` in the order of names. */
export type PlacesOfOrganization = {
  locationList: readonly PlaceLocation[];
  locations: ReadonlyMap<string, PlaceLocation>;
  buildings: ReadonlyMap<string, PlaceBuilding>;
  buildingsByLocation: ReadonlyMap<string, PlaceBuilding>;
  responseLocations: ReadonlyMap<string, ResponseLocation>;
  /** By ELIN. */
  byElin: ReadonlyMap<string, ResponseLocation>;
};

export type PlacesIndex = {
  organizations: ReadonlyMap<string, PlacesOfOrganization>;
  /** ELIN, E.164, to the organization that has it; no two have the same. */
  holders: ReadonlyMap<string, string>;
};

/** By id; also by the ids of what was merged into them, so that whatever names those leads to what survived. */
function byId<Item extends { id: string }>(
  items: readonly Item[],
  merged: Iterable<{ id: string; survivorId: string }> = [],
): ReadonlyMap<string, Item> {
  const found = new Map(items.map((item) => [item.id, item]));
  for (const { id, survivorId } of merged) {
    const survivor = found.get(survivorId);
    if (survivor !== undefined) found.set(id, survivor);
  }
  return found;
}

function* mergedResponseLocations(items: readonly ResponseLocation[]): Generator<{ id: string; survivorId: string }> {
  for (const { id: survivorId, mergedIds } of items) {
    for (const id of mergedIds) yield { id, survivorId };
  }
}

function* byElin(items: readonly ResponseLocation[]): Generator<[elin: string, item: ResponseLocation]> {
  for (const item of items) for (const elin of item.elins) yield [elin, item];
}

function buildOne(places: OrganizationPlaces): PlacesOfOrganization {
  return {
    locationList: places.locations,
    locations: byId(places.locations),
    buildings: byId(places.buildings, places.mergedBuildings),
    buildingsByLocation: new Map(places.buildings.map((building) => [building.locationId, building])),
    responseLocations: byId(places.responseLocations, mergedResponseLocations(places.responseLocations)),
    byElin: new Map(byElin(places.responseLocations)),
  };
}

/** Who has which ELIN: as before, where no organization that changed has any or had any. */
function holdersOf(
  organizations: PlacesIndex['organizations'],
  previous: PlacesIndex | undefined,
  changed: Iterable<string>,
): PlacesIndex['holders'] {
  const has = (index: PlacesIndex['organizations'] | undefined, id: string): boolean =>
    (index?.get(id)?.byElin.size ?? 0) > 0;
  const touched = [...changed].filter((id) => has(previous?.organizations, id) || has(organizations, id));
  if (previous && touched.length === 0) return previous.holders;
  const holders = new Map(previous?.holders);
  // All that went goes first: a number can move between two organizations that changed together.
  for (const id of touched) {
    for (const elin of previous?.organizations.get(id)?.byElin.keys() ?? []) holders.delete(elin);
  }
  for (const id of touched) for (const elin of organizations.get(id)?.byElin.keys() ?? []) holders.set(elin, id);
  return holders;
}

/** Places in memory: hot paths read addresses without the database. */
export function placesSnapshotDefinition(deps: {
  database: Database;
  addresses: Addresses;
}): SnapshotDefinition<OrganizationPlaces, PlacesIndex> {
  const { addresses, database } = deps;

  /** Some locations at a time: calls are answered between two pages, also while 10,000 locations are read. */
  function loadOne(organizationId: string): Promise<OrganizationPlaces | null> {
    return database.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        let loaded: OrganizationPlaces | null = null;
        for await (const rows of readPlacePages(tx, organizationId)) {
          const page = derivePlaces(addresses, rows).get(organizationId);
          if (!page) continue;
          loaded ??= { locations: [], buildings: [], responseLocations: [], mergedBuildings: [] };
          for (const location of page.locations) loaded.locations.push(location);
          for (const building of page.buildings) loaded.buildings.push(building);
          for (const one of page.responseLocations) loaded.responseLocations.push(one);
          for (const one of page.mergedBuildings) loaded.mergedBuildings.push(one);
        }
        return loaded;
      });
  }

  return {
    name: 'places',
    version: 3,
    kinds: ['locations', 'places'],
    loadAll: async () => derivePlaces(addresses, await selectAllPlaces(database.db)),
    loadOne,
    build(rows, previous, changed) {
      const organizations = new Map<string, PlacesOfOrganization>();
      for (const [organizationId, places] of rows) {
        const kept = changed?.has(organizationId) === false ? previous?.organizations.get(organizationId) : undefined;
        organizations.set(organizationId, kept ?? buildOne(places));
      }
      const known = changed && previous;
      return { organizations, holders: holdersOf(organizations, known, (known && changed) ?? organizations.keys()) };
    },
  };
}
