import { type Selectable, sql } from 'kysely';
import { anyId, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { anyValueLike, jsonOrNull, lowerValue } from '../storage/json-columns.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';
import type { Rows, Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';

export type LocationRow = Selectable<PlacesTables['locations']>;

/** What an update writes. */
export type LocationValues = Omit<LocationRow, 'id' | 'organizationId' | 'createdAt'>;

export async function insertLocation(tx: Transaction, row: LocationRow): Promise<void> {
  await tx
    .insertInto('locations')
    .values({ ...row, address: JSON.stringify(row.address), addressCheck: jsonOrNull(row.addressCheck) })
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
    .set({ ...values, address: JSON.stringify(values.address), addressCheck: jsonOrNull(values.addressCheck) })
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
  if (filter.namePart !== undefined) query = query.where('nameKey', 'like', partPattern(filter.namePart));
  if (filter.textPart !== undefined) {
    const pattern = partPattern(filter.textPart);
    query = query.where(
      sql<boolean>`(name_key like ${pattern} or ${anyValueLike(sql.ref('locations.address'), pattern)})`,
    );
  }
  if (filter.ids !== undefined) query = query.where('id', '=', anyId(filter.ids));
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
    .where('id', '=', anyId(ids))
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
