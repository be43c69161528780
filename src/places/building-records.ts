import { type Selectable, sql } from 'kysely';
import { anyId, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { anyValueLike, jsonOrNull } from '../storage/json-columns.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';
import type { Rows, Window } from '../storage/window.ts';

export type BuildingRow = Selectable<PlacesTables['buildings']>;

/** What an update writes. */
export type BuildingValues = Omit<BuildingRow, 'id' | 'organizationId' | 'locationId' | 'createdAt'>;

export async function insertBuilding(tx: Transaction, row: BuildingRow): Promise<void> {
  await tx
    .insertInto('buildings')
    .values({
      ...row,
      address: jsonOrNull(row.address),
      civic: JSON.stringify(row.civic),
      addressCheck: jsonOrNull(row.addressCheck),
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
      address: jsonOrNull(values.address),
      civic: JSON.stringify(values.civic),
      addressCheck: jsonOrNull(values.addressCheck),
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
    const pattern = partPattern(filter.textPart);
    query = query.where(
      sql<boolean>`(${anyValueLike(sql.ref('buildings.address'), pattern)} or exists (
        select from locations l where l.id = buildings.location_id and (l.name_key like ${pattern}
          or (buildings.address is null and ${anyValueLike(sql.ref('l.address'), pattern)}))))`,
    );
  }
  if (filter.ids !== undefined) query = query.where('id', '=', anyId(filter.ids));
  if (filter.locationIds !== undefined) query = query.where('locationId', '=', anyId(filter.locationIds));
  const ordered = query.selectAll().orderBy('createdAt').orderBy('id');
  if (window === undefined) {
    const rows = await ordered.execute();
    return { rows, total: rows.length };
  }
  const rows = await ordered.limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}
