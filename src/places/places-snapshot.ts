import type { Addresses } from '../addresses/addresses.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { isUuid } from '../support/ids.ts';
import { derivePlaces, type OrganizationPlaces } from './derive-places.ts';
import {
  buildPlacesIndex,
  type ChangeablePlacesIndex,
  idsIn,
  type LocationPlaces,
  locationOfId,
  placesByLocation,
  replacePlaces,
} from './places-index.ts';
import { readPlacePages, readPlacesOf, selectAllPlaces, selectLocationIdsOf } from './places-records.ts';

type Rows = readonly LocationPlaces[];

/** Whose change reaches further is read as a whole. */
const MOST_LOCATIONS = 250;
/** Lists of what stands in a location, item by item. */
const SAVED_DEPTH = 6;

/** Ids that stand in one of the two, and not in the other. */
function inOneAlone(one: Rows, other: Rows): string[] {
  const idsOf = (places: Rows): Set<string> => new Set(places.flatMap((place) => [...idsIn(place)]));
  const [ids, others] = [idsOf(one), idsOf(other)];
  return [...ids, ...others].filter((id) => ids.has(id) !== others.has(id));
}

/** Places in memory: hot paths read addresses without the database. */
export function placesSnapshotDefinition(deps: {
  database: Database;
  addresses: Addresses;
}): SnapshotDefinition<Rows, ChangeablePlacesIndex> {
  const { addresses, database } = deps;

  /** All that is read is of one moment. */
  function atOneMoment<Result>(read: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return database.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
  }

  /** Some locations at a time: calls are answered between two pages, also while 10,000 locations are read. */
  function loadOne(organizationId: string): Promise<Rows | null> {
    return atOneMoment(async (tx) => {
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
      return loaded && placesByLocation(loaded);
    });
  }

  async function readLocations(tx: Transaction, organizationId: string, ids: Iterable<string>): Promise<Rows> {
    const places = derivePlaces(addresses, await readPlacesOf(tx, organizationId, [...ids])).get(organizationId);
    return places ? placesByLocation(places) : [];
  }

  /**
   * The locations that the touched ids are in, in memory and in the database, as memory and the database have them. What stands
   * in one of them and in a third one there, because a later change moved it, brings that one along: nothing is lost to a lookup
   * between two changes, or found twice.
   */
  async function readTouched(
    tx: Transaction,
    organizationId: string,
    touched: ReadonlySet<string>,
    { rows, index }: { rows: Rows; index: ChangeablePlacesIndex },
  ): Promise<{ former: Rows; next: Rows } | undefined> {
    const inMemory = index.organizations.get(organizationId);
    const memoryOf = (id: string): string | undefined => inMemory && locationOfId(inMemory, id);
    const locationIds = new Set<string>();
    const former: LocationPlaces[] = [];
    const next: LocationPlaces[] = [];
    const asked = new Set<string>();
    for (let ids = touched; ids.size > 0; ) {
      const found = [...(await selectLocationIdsOf(tx, organizationId, [...ids])), ...[...ids].map(memoryOf)];
      const more = new Set(found.filter((id) => id !== undefined && !locationIds.has(id)) as string[]);
      for (const id of more) locationIds.add(id);
      if (locationIds.size > MOST_LOCATIONS) return undefined;
      former.push(...rows.filter(({ location }) => more.has(location.id)));
      next.push(...(await readLocations(tx, organizationId, more)));
      for (const id of ids) asked.add(id);
      ids = new Set(inOneAlone(former, next).filter((id) => !asked.has(id)));
    }
    return { former, next };
  }

  return {
    name: 'places',
    version: 4,
    kinds: ['locations', 'places'],
    savedDepth: SAVED_DEPTH,
    async loadAll() {
      const places = derivePlaces(addresses, await atOneMoment(selectAllPlaces));
      return new Map([...places].map(([organizationId, one]) => [organizationId, placesByLocation(one)]));
    },
    loadOne,
    build: buildPlacesIndex,
    async loadTouched(organizationId, touched, { rows: all = [], index }) {
      if (![...touched].every(isUuid)) return undefined;
      const read = await atOneMoment((tx) => readTouched(tx, organizationId, touched, { rows: all, index }));
      return (
        read &&
        (() => {
          const rows = replacePlaces(index, organizationId, { all, ...read });
          return rows.length === 0 ? null : rows;
        })
      );
    },
  };
}
