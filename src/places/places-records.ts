/** What concerns rows of all kinds of places at once. */
import { sql } from 'kysely';
import { anyId } from '../storage/conditions.ts';
import type { Transaction } from '../storage/database.ts';
import type { BuildingRow } from './building-records.ts';
import { type ElinRow, selectElinsOf } from './elin-records.ts';
import { type LocationRow, selectLocations } from './location-records.ts';
import type { MergedBuildingRow } from './merged-place-records.ts';
import type { ResponseLocationRow } from './response-location-records.ts';

// Moves, merges, renamed floors and imports touch many rows: one at a time in an organization.
const PLACES_LOCK = 911_000_020;

/**
 * Waits for others who move or merge places of the organization, or change a building; whoever changes one response location
 * alone does not wait.
 */
export async function lockPlaces(tx: Transaction, organizationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PLACES_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

/** Rows of places: buildings stand with their locations, ERLs with their buildings. */
export type PlaceRows = {
  locations: LocationRow[];
  buildings: BuildingRow[];
  responseLocations: ResponseLocationRow[];
  elins: ElinRow[];
  mergedBuildings: MergedBuildingRow[];
};

/** Every row of every organization: what the snapshot is made of at the start. The transaction must see one moment. */
export async function selectAllPlaces(tx: Transaction): Promise<PlaceRows> {
  return {
    locations: await tx.selectFrom('locations').selectAll().orderBy('nameKey').execute(),
    buildings: await tx.selectFrom('buildings').selectAll().execute(),
    responseLocations: await tx.selectFrom('responseLocations').selectAll().execute(),
    elins: await tx.selectFrom('elins').selectAll().execute(),
    mergedBuildings: await tx.selectFrom('mergedBuildings').selectAll().execute(),
  };
}

const LOCATIONS_PER_PAGE = 250;

/**
 * Every row of one organization, some locations with all that is in them at a time, in the order of names. The transaction
 * must see one moment (`repeatable read`): between pages others go on writing.
 */
export async function* readPlacePages(tx: Transaction, organizationId: string): AsyncGenerator<PlaceRows> {
  let after: string | undefined;
  for (;;) {
    let query = tx
      .selectFrom('locations')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .orderBy('nameKey')
      .limit(LOCATIONS_PER_PAGE);
    if (after !== undefined) query = query.where('nameKey', '>', after);
    const locations = await query.execute();
    after = locations.at(-1)?.nameKey;
    if (after === undefined) return;
    yield await placesIn(tx, organizationId, locations);
    if (locations.length < LOCATIONS_PER_PAGE) return;
  }
}

/** These locations with all that is in them. The transaction must see one moment. */
export async function readPlacesOf(
  tx: Transaction,
  organizationId: string,
  locationIds: readonly string[],
): Promise<PlaceRows> {
  return placesIn(tx, organizationId, await selectLocations(tx, organizationId, locationIds));
}

async function placesIn(tx: Transaction, organizationId: string, locations: LocationRow[]): Promise<PlaceRows> {
  const rows: PlaceRows = { locations, buildings: [], responseLocations: [], elins: [], mergedBuildings: [] };
  if (locations.length === 0) return rows;
  rows.buildings = await tx
    .selectFrom('buildings')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', anyId(locations.map((row) => row.id)))
    .execute();
  if (rows.buildings.length === 0) return rows;
  const buildingIds = rows.buildings.map((row) => row.id);
  rows.mergedBuildings = await tx
    .selectFrom('mergedBuildings')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('survivorId', '=', anyId(buildingIds))
    .execute();
  rows.responseLocations = await tx
    .selectFrom('responseLocations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('buildingId', '=', anyId(buildingIds))
    .execute();
  if (rows.responseLocations.length === 0) return rows;
  rows.elins = await selectElinsOf(
    tx,
    organizationId,
    rows.responseLocations.map((row) => row.id),
  );
  return rows;
}

/** The locations that these ids are, or that the buildings and response locations of these ids, merged ones too, are in. */
export async function selectLocationIdsOf(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with wanted as (select unnest(${[...ids]}::uuid[]) as id),
    wanted_buildings as (
      select id from wanted
      union select r.building_id from response_locations r join wanted w on w.id = r.id
        where r.organization_id = ${organizationId}
      union select m.survivor_id from merged_buildings m join wanted w on w.id = m.id
        where m.organization_id = ${organizationId}
    )
    select l.id from locations l join wanted w on w.id = l.id where l.organization_id = ${organizationId}
    union select b.location_id from buildings b join wanted_buildings w on w.id = b.id
      where b.organization_id = ${organizationId}`.execute(tx);
  return rows.map(({ id }) => id);
}
