import { type Selectable, sql } from 'kysely';
import { anyId, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { anyValueLike, jsonOrNull, lowerValue } from '../storage/json-columns.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';
import type { Rows, Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';

export type ResponseLocationRow = Selectable<PlacesTables['responseLocations']>;

/** What an update writes. */
export type ResponseLocationValues = Omit<ResponseLocationRow, 'id' | 'organizationId' | 'createdAt'>;

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
          .map((row) => ({ ...row, detail: JSON.stringify(row.detail), shape: jsonOrNull(row.shape) })),
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
    .set({ ...values, detail: JSON.stringify(values.detail), shape: jsonOrNull(values.shape) })
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
    .where('buildingId', '=', anyId(buildingIds))
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
  if (ids !== undefined) query = query.where('id', '=', anyId(ids));
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
    .where('mergedInto', '=', anyId(ids))
    .execute();
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
  if (filter.ids !== undefined) query = query.where('id', '=', anyId(filter.ids));
  if (filter.namePart !== undefined) query = query.where('nameKey', 'like', partPattern(filter.namePart));
  if (filter.buildingIds !== undefined) query = query.where('buildingId', '=', anyId(filter.buildingIds));
  if (filter.floor !== undefined) {
    query = query.where(sql<boolean>`lower(coalesce(detail->>'FLR', '')) = ${filter.floor.toLowerCase()}`);
  }
  if (filter.textPart !== undefined) {
    const pattern = partPattern(filter.textPart);
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
