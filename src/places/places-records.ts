import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';
import type { SortWord } from '../support/sort-order.ts';

export type LocationRow = Selectable<PlacesTables['locations']>;
export type BuildingRow = Selectable<PlacesTables['buildings']>;
export type ResponseLocationRow = Selectable<PlacesTables['responseLocations']>;
export type ElinRow = Selectable<PlacesTables['elins']>;
export type MergedBuildingRow = Selectable<PlacesTables['mergedBuildings']>;

/** What an update writes. */
export type LocationValues = Omit<LocationRow, 'id' | 'organizationId' | 'createdAt'>;
export type BuildingValues = Omit<BuildingRow, 'id' | 'organizationId' | 'locationId' | 'createdAt'>;
export type ResponseLocationValues = Omit<ResponseLocationRow, 'id' | 'organizationId' | 'createdAt'>;

/** A part of a list; without it, all. */
export type Window = { start: number; max: number };

export type Rows<Row> = { rows: Row[]; total: number };

// `in ()` is no SQL; no row has this key.
const NOBODY = '00000000-0000-0000-0000-000000000000';

function anyOf(ids: readonly string[]): string[] {
  return ids.length > 0 ? [...ids] : [NOBODY];
}

function likePattern(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}

function orNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

export async function insertLocation(tx: Transaction, row: LocationRow): Promise<void> {
  await tx
    .insertInto('locations')
    .values({ ...row, address: JSON.stringify(row.address), addressCheck: orNull(row.addressCheck) })
    .execute();
}

export async function updateLocationRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: LocationValues,
): Promise<void> {
  await tx
    .updateTable('locations')
    .set({ ...values, address: JSON.stringify(values.address), addressCheck: orNull(values.addressCheck) })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteLocation(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('locations').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function selectLocation(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<LocationRow | undefined> {
  return db
    .selectFrom('locations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The same, kept from changing until the transaction ends. */
export async function selectLocationForUpdate(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<LocationRow | undefined> {
  return tx
    .selectFrom('locations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export type LocationQuery = {
  namePart?: string | undefined;
  /** Part of the name or of the address, in lower case. */
  textPart?: string | undefined;
  ids?: readonly string[] | undefined;
  callingEnabled?: boolean | undefined;
  sort?: SortWord<LocationColumn> | undefined;
};

/** What a list shows of a location. */
export type LocationEntryRow = Omit<LocationRow, 'nameKey' | 'addressCheck'>;

const ENTRY_COLUMNS = [
  'id',
  'organizationId',
  'name',
  'timeZone',
  'preferredLanguage',
  'announcementLanguage',
  'address',
  'latitude',
  'longitude',
  'notes',
  'callingEnabled',
  'routingPrefix',
  'callingLineName',
  'createdAt',
  'updatedAt',
] as const;

const lowerValue = (column: string, name: string): RawBuilder<string> =>
  sql`lower(coalesce(${sql.ref(column)}->>${sql.lit(name)}, ''))`;

export type LocationColumn = 'name' | 'address' | 'level' | 'rooms';

const LOCATION_ORDERS: Readonly<Record<LocationColumn, readonly SortedBy[]>> = {
  name: [],
  // Along the street, as the list shows addresses.
  address: [lowerValue('address', 'address1'), lowerValue('address', 'city')],
  level: [lowerValue('addressCheck', 'level')],
  rooms: [
    sql`(select count(*) from response_locations r join buildings b on b.id = r.building_id
      where b.location_id = locations.id and r.merged_into is null)`,
  ],
};

/** One page, by name unless told. */
export async function selectLocationPage(
  db: Queryable,
  organizationId: string,
  filter: LocationQuery,
  window: Window,
): Promise<Rows<LocationEntryRow>> {
  let query = db.selectFrom('locations').where('organizationId', '=', organizationId);
  if (filter.namePart !== undefined) query = query.where('nameKey', 'like', likePattern(filter.namePart));
  if (filter.textPart !== undefined) {
    const pattern = likePattern(filter.textPart);
    query = query.where(
      sql<boolean>`(name_key like ${pattern} or ${anyValueLike(sql.ref('locations.address'), pattern)})`,
    );
  }
  if (filter.ids !== undefined) query = query.where('id', 'in', anyOf(filter.ids));
  if (filter.callingEnabled !== undefined) query = query.where('callingEnabled', '=', filter.callingEnabled);
  const rows = await sorted(query.select(ENTRY_COLUMNS), filter.sort ?? 'name', LOCATION_ORDERS, byName('nameKey'))
    .limit(window.max)
    .offset(window.start)
    .execute();
  // A first page that is not full is all there is.
  if (window.start === 0 && rows.length < window.max) return { rows, total: rows.length };
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

/** Those of these ids that the organization has. */
export async function selectLocations(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<LocationRow[]> {
  return db
    .selectFrom('locations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', 'in', anyOf(ids))
    .execute();
}

/** What a list of all locations needs of each; `country` as entered, ISO 3166-1 alpha-2. */
export type LocationBrief = { id: string; name: string; country: string };

/** Every location of the organization, or one; in the order of names, without their addresses. */
export async function selectLocationBriefs(
  db: Queryable,
  organizationId: string,
  locationId?: string,
): Promise<LocationBrief[]> {
  let query = db
    .selectFrom('locations')
    .select(['id', 'name', sql<string>`address->>'country'`.as('country')])
    .where('organizationId', '=', organizationId)
    .orderBy('nameKey');
  if (locationId !== undefined) query = query.where('id', '=', locationId);
  return query.execute();
}

export async function insertBuilding(tx: Transaction, row: BuildingRow): Promise<void> {
  await tx
    .insertInto('buildings')
    .values({
      ...row,
      address: orNull(row.address),
      civic: JSON.stringify(row.civic),
      addressCheck: orNull(row.addressCheck),
    })
    .execute();
}

export async function updateBuildingRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: BuildingValues,
): Promise<void> {
  await tx
    .updateTable('buildings')
    .set({
      ...values,
      address: orNull(values.address),
      civic: JSON.stringify(values.civic),
      addressCheck: orNull(values.addressCheck),
    })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteBuilding(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('buildings').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function selectBuildingOfLocation(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<BuildingRow | undefined> {
  return db
    .selectFrom('buildings')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirst();
}

export async function selectBuildings(
  db: Queryable,
  organizationId: string,
  filter: {
    ids?: readonly string[] | undefined;
    locationIds?: readonly string[] | undefined;
    /** Part of the building's own address or of its location's name or address, in lower case. */
    textPart?: string | undefined;
  },
  window?: Window,
): Promise<Rows<BuildingRow>> {
  let query = db.selectFrom('buildings').where('organizationId', '=', organizationId);
  if (filter.textPart !== undefined) {
    const pattern = likePattern(filter.textPart);
    query = query.where(
      sql<boolean>`(${anyValueLike(sql.ref('buildings.address'), pattern)} or exists (
        select from locations l where l.id = buildings.location_id and (l.name_key like ${pattern}
          or (buildings.address is null and ${anyValueLike(sql.ref('l.address'), pattern)}))))`,
    );
  }
  if (filter.ids !== undefined) query = query.where('id', 'in', anyOf(filter.ids));
  if (filter.locationIds !== undefined) query = query.where('locationId', 'in', anyOf(filter.locationIds));
  const ordered = query.selectAll().orderBy('createdAt').orderBy('id');
  if (window === undefined) {
    const rows = await ordered.execute();
    return { rows, total: rows.length };
  }
  const rows = await ordered.limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

export async function insertResponseLocation(tx: Transaction, row: ResponseLocationRow): Promise<void> {
  await insertResponseLocations(tx, [row]);
}

const ROWS_AT_ONCE = 500;

export async function insertResponseLocations(tx: Transaction, rows: readonly ResponseLocationRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await tx
      .insertInto('responseLocations')
      .values(
        rows
          .slice(from, from + ROWS_AT_ONCE)
          .map((row) => ({ ...row, detail: JSON.stringify(row.detail), shape: orNull(row.shape) })),
      )
      .execute();
  }
}

export async function updateResponseLocationRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: ResponseLocationValues,
): Promise<void> {
  await tx
    .updateTable('responseLocations')
    .set({ ...values, detail: JSON.stringify(values.detail), shape: orNull(values.shape) })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .execute();
}

/** With what was merged into it. */
export async function deleteResponseLocation(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx
    .deleteFrom('responseLocations')
    .where('organizationId', '=', organizationId)
    .where((eb) => eb.or([eb('id', '=', id), eb('mergedInto', '=', id)]))
    .execute();
}

/** Answers their ids. */
export async function deleteResponseLocationsOfBuilding(
  tx: Transaction,
  organizationId: string,
  buildingId: string,
): Promise<string[]> {
  const gone = await tx
    .deleteFrom('responseLocations')
    .where('organizationId', '=', organizationId)
    .where('buildingId', '=', buildingId)
    .returning('id')
    .execute();
  return gone.map(({ id }) => id);
}

/** How many response locations are in each of these buildings; none where an id is missing. */
export async function countResponseLocationsByBuilding(
  db: Queryable,
  organizationId: string,
  buildingIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('responseLocations')
    .select((eb) => ['buildingId', eb.fn.countAll<string>().as('count')])
    .where('organizationId', '=', organizationId)
    .where('buildingId', 'in', anyOf(buildingIds))
    .where('mergedInto', 'is', null)
    .groupBy('buildingId')
    .execute();
  return new Map(rows.map(({ buildingId, count }) => [buildingId, Number(count)]));
}

export async function countResponseLocations(
  db: Queryable,
  organizationId: string,
  buildingId: string,
): Promise<number> {
  const { count } = await db
    .selectFrom('responseLocations')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId)
    .where('buildingId', '=', buildingId)
    .where('mergedInto', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function selectResponseLocation(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<ResponseLocationRow | undefined> {
  return db
    .selectFrom('responseLocations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type ResponseLocationColumn = 'name' | 'location' | 'floor' | 'room';

const RESPONSE_LOCATION_ORDERS: Readonly<Record<ResponseLocationColumn, readonly SortedBy[]>> = {
  name: [],
  location: [
    sql`(select sort_key(l.name_key) from locations l join buildings b on b.location_id = l.id
      where b.id = response_locations.building_id) collate "C"`,
  ],
  floor: [lowerValue('detail', 'FLR')],
  room: [sql`lower(coalesce(detail->>'ROOM', detail->>'LOC', ''))`],
};

export type ResponseLocationQuery = {
  ids?: readonly string[] | undefined;
  namePart?: string | undefined;
  buildingIds?: readonly string[] | undefined;
  /** `FLR` in any case; empty = those that name none. */
  floor?: string | undefined;
  /** Part of the name, of an element inside the building or of an ELIN, in lower case. */
  textPart?: string | undefined;
  sort?: SortWord<ResponseLocationColumn> | undefined;
};

function foundResponseLocations(db: Queryable, organizationId: string, filter: ResponseLocationQuery) {
  // What was merged is no place of its own.
  let query = db
    .selectFrom('responseLocations')
    .where('organizationId', '=', organizationId)
    .where('mergedInto', 'is', null);
  if (filter.ids !== undefined) query = query.where('id', '=', sql<string>`any(${[...filter.ids]}::uuid[])`);
  if (filter.namePart !== undefined) query = query.where('nameKey', 'like', likePattern(filter.namePart));
  if (filter.buildingIds !== undefined) query = query.where('buildingId', 'in', anyOf(filter.buildingIds));
  if (filter.floor !== undefined) {
    query = query.where(sql<boolean>`lower(coalesce(detail->>'FLR', '')) = ${filter.floor.toLowerCase()}`);
  }
  if (filter.textPart !== undefined) {
    const pattern = likePattern(filter.textPart);
    query = query.where(
      sql<boolean>`(name_key like ${pattern} or ${anyValueLike(sql.ref('detail'), pattern)} or exists (
        select from elins e where e.response_location_id = response_locations.id and e.number like ${pattern}))`,
    );
  }
  return query;
}

const RESPONSE_LOCATION_TIES = [...byName('nameKey'), 'id'];

/** Of all that are found, in their order. */
export async function selectResponseLocationIds(
  db: Queryable,
  organizationId: string,
  filter: ResponseLocationQuery,
): Promise<string[]> {
  const query = foundResponseLocations(db, organizationId, filter).select('id');
  const ordered = sorted(query, filter.sort ?? 'name', RESPONSE_LOCATION_ORDERS, RESPONSE_LOCATION_TIES);
  return (await ordered.execute()).map(({ id }) => id);
}

export async function selectResponseLocations(
  db: Queryable,
  organizationId: string,
  filter: ResponseLocationQuery,
  window?: Window,
): Promise<Rows<ResponseLocationRow>> {
  const query = foundResponseLocations(db, organizationId, filter);
  const ordered = sorted(query.selectAll(), filter.sort ?? 'name', RESPONSE_LOCATION_ORDERS, RESPONSE_LOCATION_TIES);
  if (window === undefined) {
    const rows = await ordered.execute();
    return { rows, total: rows.length };
  }
  const rows = await ordered.limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

function anyValueLike(object: RawBuilder<unknown>, pattern: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from jsonb_each_text(${object}) as each_value where lower(each_value.value) like ${pattern})`;
}

// Moves, merges, renamed floors and imports touch many rows: one at a time in an organization.
const PLACES_LOCK = 911_000_020;

/**
 * Waits for others who move or merge places of the organization, or change a building; whoever changes one response location
 * alone does not wait.
 */
export async function lockPlaces(tx: Transaction, organizationId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${PLACES_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

/** The row, kept from changing until the transaction ends. */
export async function selectResponseLocationForUpdate(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<ResponseLocationRow | undefined> {
  return (await selectResponseLocationsForUpdate(tx, organizationId, [id]))[0];
}

/** The rows, or all of the organization, kept from changing until the transaction ends; in the order of ids. */
export async function selectResponseLocationsForUpdate(
  tx: Transaction,
  organizationId: string,
  ids?: readonly string[],
): Promise<ResponseLocationRow[]> {
  let query = tx.selectFrom('responseLocations').selectAll().where('organizationId', '=', organizationId);
  if (ids !== undefined) query = query.where('id', 'in', anyOf(ids));
  return query.orderBy('id').forUpdate().execute();
}

/** Those merged into one of these. */
export async function selectMergedInto(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<ResponseLocationRow[]> {
  return db
    .selectFrom('responseLocations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('mergedInto', 'in', anyOf(ids))
    .execute();
}

export async function selectElinsOf(
  db: Queryable,
  organizationId: string,
  responseLocationIds: readonly string[],
): Promise<ElinRow[]> {
  return db
    .selectFrom('elins')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where(sql<boolean>`response_location_id = any(${[...responseLocationIds]}::uuid[])`)
    .orderBy('number')
    .execute();
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
    .where(sql<boolean>`location_id = any(${locations.map((row) => row.id)}::uuid[])`)
    .execute();
  if (rows.buildings.length === 0) return rows;
  const buildingIds = rows.buildings.map((row) => row.id);
  rows.mergedBuildings = await tx
    .selectFrom('mergedBuildings')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where(sql<boolean>`survivor_id = any(${buildingIds}::uuid[])`)
    .execute();
  rows.responseLocations = await tx
    .selectFrom('responseLocations')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where(sql<boolean>`building_id = any(${buildingIds}::uuid[])`)
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
