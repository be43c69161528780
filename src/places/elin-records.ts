import type { Selectable } from 'kysely';
import { anyId, anyText } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';
import type { Rows, Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';

export type ElinRow = Selectable<PlacesTables['elins']>;

export type ElinQuery = {
  responseLocationId?: string | undefined;
  locationIds?: readonly string[] | undefined;
  /** Part of the number: digits. */
  numberPart?: string | undefined;
  sort?: SortWord<ElinColumn> | undefined;
};

export type ElinColumn = 'number' | 'responseLocation';

const ELIN_ORDERS: Readonly<Record<ElinColumn, readonly SortedBy[]>> = {
  number: [],
  responseLocation: byName('responseLocations.nameKey'),
};

export type ElinListRow = ElinRow & { name: string; locationId: string };

export async function selectElins(
  db: Queryable,
  organizationId: string,
  filter: ElinQuery,
  window: Window,
): Promise<Rows<ElinListRow>> {
  let query = db
    .selectFrom('elins')
    .innerJoin('responseLocations', 'responseLocations.id', 'elins.responseLocationId')
    .innerJoin('buildings', 'buildings.id', 'responseLocations.buildingId')
    .where('elins.organizationId', '=', organizationId);
  if (filter.responseLocationId !== undefined) {
    query = query.where('elins.responseLocationId', '=', filter.responseLocationId);
  }
  if (filter.locationIds !== undefined) {
    if (filter.locationIds.length === 0) return { rows: [], total: 0 };
    query = query.where('buildings.locationId', 'in', [...filter.locationIds]);
  }
  if (filter.numberPart !== undefined) query = query.where('elins.number', 'like', `%${filter.numberPart}%`);
  const selected = query
    .selectAll('elins')
    .select(['responseLocations.name as name', 'buildings.locationId as locationId']);
  const rows = await sorted(selected, filter.sort ?? 'number', ELIN_ORDERS, ['elins.number'])
    .limit(window.max)
    .offset(window.start)
    .execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
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
    .where('responseLocationId', '=', anyId(responseLocationIds))
    .orderBy('number')
    .execute();
}

/** Makes the ELINs of a response location these. */
export async function replaceElins(
  tx: Transaction,
  owner: { organizationId: string; responseLocationId: string },
  numbers: readonly string[],
  now: Date,
): Promise<void> {
  let unwanted = tx
    .deleteFrom('elins')
    .where('organizationId', '=', owner.organizationId)
    .where('responseLocationId', '=', owner.responseLocationId);
  if (numbers.length > 0) unwanted = unwanted.where('number', 'not in', [...numbers]);
  await unwanted.execute();
  const own = await tx
    .selectFrom('elins')
    .select('number')
    .where('responseLocationId', '=', owner.responseLocationId)
    .execute();
  const known = new Set(own.map(({ number }) => number));
  const added = numbers.filter((number) => !known.has(number));
  if (added.length === 0) return;
  await tx
    .insertInto('elins')
    .values(added.map((number) => ({ ...owner, number, createdAt: now })))
    .execute();
}

/** Those of these numbers that lead somewhere, in whichever organization; `exceptOf` may have them. */
export async function selectTakenElins(
  tx: Queryable,
  numbers: readonly string[],
  exceptOf: string | undefined,
): Promise<{ number: string; organizationId: string; responseLocationId: string }[]> {
  if (numbers.length === 0) return [];
  let query = tx
    .selectFrom('elins')
    .select(['number', 'organizationId', 'responseLocationId'])
    .where('number', '=', anyText(numbers));
  if (exceptOf !== undefined) query = query.where('responseLocationId', '!=', exceptOf);
  return query.execute();
}

export async function deleteElinsOf(
  tx: Transaction,
  organizationId: string,
  responseLocationIds: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('elins')
    .where('organizationId', '=', organizationId)
    .where('responseLocationId', '=', anyId(responseLocationIds))
    .execute();
}

const ROWS_AT_ONCE = 1_000;

export async function insertElins(tx: Transaction, rows: readonly ElinRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await tx
      .insertInto('elins')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
}

/** Numbers go to another response location. */
export async function moveElins(
  tx: Transaction,
  organizationId: string,
  fromResponseLocationId: string,
  toResponseLocationId: string,
): Promise<void> {
  await tx
    .updateTable('elins')
    .set({ responseLocationId: toResponseLocationId })
    .where('organizationId', '=', organizationId)
    .where('responseLocationId', '=', fromResponseLocationId)
    .execute();
}

/** The numbers that lead to a response location, or to any in a building. */
export async function selectElinsAmong(tx: Transaction, organizationId: string, placeId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('elins')
    .innerJoin('responseLocations', 'responseLocations.id', 'elins.responseLocationId')
    .select('elins.number')
    .where('elins.organizationId', '=', organizationId)
    .where((eb) => eb.or([eb('responseLocations.id', '=', placeId), eb('responseLocations.buildingId', '=', placeId)]))
    .orderBy('elins.number')
    .execute();
  return rows.map(({ number }) => number);
}
