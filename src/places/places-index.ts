import { compareText } from '../support/compare-text.ts';
import type { OrganizationPlaces } from './derive-places.ts';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from './place.ts';
import { nameKey } from './place-fields.ts';

/** A location with all that stands in it; lists in the order of ids. */
export type LocationPlaces = {
  location: PlaceLocation;
  building: PlaceBuilding | null;
  /** Ids of buildings that were merged into it. */
  mergedBuildingIds: readonly string[];
  responseLocations: readonly ResponseLocation[];
};

/** One organization's places by id; `locationList` in the order of names. */
export type PlacesOfOrganization = {
  locationList: readonly PlaceLocation[];
  locations: ReadonlyMap<string, PlaceLocation>;
  /** Also by the ids of what was merged into them, so that whatever names those leads to what survived. */
  buildings: ReadonlyMap<string, PlaceBuilding>;
  buildingsByLocation: ReadonlyMap<string, PlaceBuilding>;
  /** As buildings are. */
  responseLocations: ReadonlyMap<string, ResponseLocation>;
  /** By ELIN. */
  byElin: ReadonlyMap<string, ResponseLocation>;
};

export type PlacesIndex = {
  organizations: ReadonlyMap<string, PlacesOfOrganization>;
  /** ELIN, E.164, to the organization that has it; no two have the same. */
  holders: ReadonlyMap<string, string>;
};

type Entries = {
  locationList: readonly PlaceLocation[];
  locations: Map<string, PlaceLocation>;
  buildings: Map<string, PlaceBuilding>;
  buildingsByLocation: Map<string, PlaceBuilding>;
  responseLocations: Map<string, ResponseLocation>;
  byElin: Map<string, ResponseLocation>;
};

/** The index as it is changed: by whoever builds it, nobody else. */
export type ChangeablePlacesIndex = { organizations: Map<string, Entries>; holders: Map<string, string> };

/** By name as it is compared, the same on every database: names are unique, ids decide all the same. */
function byName({ location: one }: LocationPlaces, { location: other }: LocationPlaces): number {
  return compareText(nameKey(one.name), nameKey(other.name)) || compareText(one.id, other.id);
}

const byId = (one: { id: string }, other: { id: string }): number => compareText(one.id, other.id);

/** An organization's places, location by location, in the order of names. */
export function placesByLocation(places: OrganizationPlaces): LocationPlaces[] {
  const buildings = new Map(places.buildings.map((building) => [building.locationId, building]));
  const merged = Map.groupBy(places.mergedBuildings, ({ survivorId }) => survivorId);
  const inside = Map.groupBy(places.responseLocations, ({ locationId }) => locationId);
  return places.locations
    .map((location): LocationPlaces => {
      const building = buildings.get(location.id) ?? null;
      const mergedBuildingIds =
        (building &&
          merged
            .get(building.id)
            ?.map(({ id }) => id)
            .sort()) ??
        [];
      const responseLocations = inside.get(location.id)?.sort(byId) ?? [];
      return { location, building, mergedBuildingIds, responseLocations };
    })
    .sort(byName);
}

/** Under which ids, and which ELINs, what stands in a location is found. */
function put(entries: Entries, { location, building, mergedBuildingIds, responseLocations }: LocationPlaces): void {
  entries.locations.set(location.id, location);
  if (building !== null) {
    entries.buildingsByLocation.set(location.id, building);
    for (const id of [building.id, ...mergedBuildingIds]) entries.buildings.set(id, building);
  }
  for (const one of responseLocations) {
    entries.responseLocations.set(one.id, one);
    for (const id of one.mergedIds) entries.responseLocations.set(id, one);
    for (const elin of one.elins) entries.byElin.set(elin, one);
  }
}

/** Only where it still is what is found there: another location may have it by now. */
function takeFrom<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (map.get(key) === value) map.delete(key);
}

function take(entries: Entries, { location, building, mergedBuildingIds, responseLocations }: LocationPlaces): void {
  takeFrom(entries.locations, location.id, location);
  if (building !== null) {
    takeFrom(entries.buildingsByLocation, location.id, building);
    for (const id of [building.id, ...mergedBuildingIds]) takeFrom(entries.buildings, id, building);
  }
  for (const one of responseLocations) {
    for (const id of [one.id, ...one.mergedIds]) takeFrom(entries.responseLocations, id, one);
    for (const elin of one.elins) takeFrom(entries.byElin, elin, one);
  }
}

function entriesOf(all: readonly LocationPlaces[]): Entries {
  const entries: Entries = {
    locationList: all.map(({ location }) => location),
    locations: new Map(),
    buildings: new Map(),
    buildingsByLocation: new Map(),
    responseLocations: new Map(),
    byElin: new Map(),
  };
  for (const one of all) put(entries, one);
  return entries;
}

/** Builds the index of all organizations; those that did not change are taken from `previous`. */
export function buildPlacesIndex(
  rows: ReadonlyMap<string, readonly LocationPlaces[]>,
  previous?: ChangeablePlacesIndex,
  changed?: ReadonlySet<string>,
): ChangeablePlacesIndex {
  const organizations = new Map<string, Entries>();
  for (const [organizationId, all] of rows) {
    const kept = changed?.has(organizationId) === false ? previous?.organizations.get(organizationId) : undefined;
    organizations.set(organizationId, kept ?? entriesOf(all));
  }
  const known = changed && previous;
  return { organizations, holders: holdersOf(organizations, known, (known && changed) ?? organizations.keys()) };
}

/** Who has which ELIN: as before, where no organization that changed has any or had any. */
function holdersOf(
  organizations: ChangeablePlacesIndex['organizations'],
  previous: ChangeablePlacesIndex | undefined,
  changed: Iterable<string>,
): Map<string, string> {
  const has = (index: ChangeablePlacesIndex['organizations'] | undefined, id: string): boolean =>
    (index?.get(id)?.byElin.size ?? 0) > 0;
  const touched = [...changed].filter((id) => has(previous?.organizations, id) || has(organizations, id));
  if (previous && touched.length === 0) return previous.holders;
  const holders = new Map(previous?.holders);
  // All that went goes first: a number can move between two organizations that changed together.
  for (const id of touched) {
    for (const elin of previous?.organizations.get(id)?.byElin.keys() ?? []) takeFrom(holders, elin, id);
  }
  for (const id of touched) for (const elin of organizations.get(id)?.byElin.keys() ?? []) holders.set(elin, id);
  return holders;
}

/**
 * Puts `next` in the place of the locations `former` of one organization, whose places were `all`; gives its places as they are
 * then. Costs what the two are, and one copy of a list of references.
 */
export function replacePlaces(
  { organizations, holders }: ChangeablePlacesIndex,
  organizationId: string,
  {
    all,
    former,
    next,
  }: {
    all: readonly LocationPlaces[];
    former: readonly LocationPlaces[];
    next: readonly LocationPlaces[];
  },
): readonly LocationPlaces[] {
  const rows = [...all];
  const entries = organizations.get(organizationId) ?? entriesOf([]);
  for (const one of former) {
    rows.splice(rows.indexOf(one), 1);
    take(entries, one);
    // What another location of the organization has by now, which may have been read before this one, it goes on having.
    for (const { elins } of one.responseLocations)
      for (const elin of elins) if (!entries.byElin.has(elin)) takeFrom(holders, elin, organizationId);
  }
  for (const one of next) {
    rows.splice(placeOf(one, rows), 0, one);
    put(entries, one);
    for (const { elins } of one.responseLocations) for (const elin of elins) holders.set(elin, organizationId);
  }
  entries.locationList = rows.map(({ location }) => location);
  if (rows.length === 0) organizations.delete(organizationId);
  else organizations.set(organizationId, entries);
  return rows;
}

/** Where it stands in the order of names. */
function placeOf(one: LocationPlaces, sorted: readonly LocationPlaces[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byName(sorted[middle] as LocationPlaces, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every id under which something in the location is found, its own among them. */
export function* idsIn({
  location,
  building,
  mergedBuildingIds,
  responseLocations,
}: LocationPlaces): Generator<string> {
  yield location.id;
  if (building !== null) yield building.id;
  yield* mergedBuildingIds;
  for (const { id, mergedIds } of responseLocations) {
    yield id;
    yield* mergedIds;
  }
}

/** The location in which an id is found; undefined = in none. */
export function locationOfId(
  { locations, buildings, responseLocations }: PlacesOfOrganization,
  id: string,
): string | undefined {
  return locations.get(id)?.id ?? buildings.get(id)?.locationId ?? responseLocations.get(id)?.locationId;
}
