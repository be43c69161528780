import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';

export type MergedBuildingRow = Selectable<PlacesTables['mergedBuildings']>;

/** Lets a response location, and what was merged into it before, mean another one from now on. */
export async function redirectResponseLocation(
  tx: Transaction,
  organizationId: string,
  from: string,
  survivor: { id: string; buildingId: string },
  now: Date,
): Promise<void> {
  await tx
    .updateTable('responseLocations')
    .set({
      mergedInto: survivor.id,
      buildingId: survivor.buildingId,
      // Its name may be given again.
      nameKey: sql<string>`id::text`,
      updatedAt: now,
    })
    .where('organizationId', '=', organizationId)
    .where((eb) => eb.or([eb('id', '=', from), eb('mergedInto', '=', from)]))
    .execute();
}

/** What was merged into a response location stays where it is. */
export async function moveMerged(
  tx: Transaction,
  organizationId: string,
  survivorId: string,
  buildingId: string,
): Promise<void> {
  await tx
    .updateTable('responseLocations')
    .set({ buildingId })
    .where('organizationId', '=', organizationId)
    .where('mergedInto', '=', survivorId)
    .execute();
}

/** Every response location of a building, merged ones too. */
export async function moveAllResponseLocations(
  tx: Transaction,
  organizationId: string,
  fromBuildingId: string,
  toBuildingId: string,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('responseLocations')
    .set({ buildingId: toBuildingId, updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('buildingId', '=', fromBuildingId)
    .execute();
}

/** Lets a building's id, and those of buildings merged into it before, mean another one from now on. */
export async function redirectBuilding(tx: Transaction, row: MergedBuildingRow): Promise<void> {
  await tx
    .updateTable('mergedBuildings')
    .set({ survivorId: row.survivorId })
    .where('organizationId', '=', row.organizationId)
    .where('survivorId', '=', row.id)
    .execute();
  await tx.insertInto('mergedBuildings').values(row).execute();
}

export async function selectMergedBuilding(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<MergedBuildingRow | undefined> {
  return db
    .selectFrom('mergedBuildings')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function setBuildingLocation(
  tx: Transaction,
  organizationId: string,
  buildingId: string,
  locationId: string,
): Promise<void> {
  await tx
    .updateTable('buildings')
    .set({ locationId })
    .where('organizationId', '=', organizationId)
    .where('id', '=', buildingId)
    .execute();
}

/** What response locations of a building name as their floor, with how many do. */
export async function selectFloors(
  db: Queryable,
  organizationId: string,
  buildingId: string,
): Promise<{ floor: string; count: number }[]> {
  const { rows } = await sql<{ floor: string; count: number }>`
    select detail->>'FLR' as floor, count(*)::int as count from response_locations
    where organization_id = ${organizationId} and building_id = ${buildingId} and merged_into is null
      and detail->>'FLR' is not null
    group by 1`.execute(db);
  return rows;
}

/** Answers the ids of those that were there. */
export async function renameFloorRows(
  tx: Transaction,
  organizationId: string,
  buildingId: string,
  { from, to, now }: { from: string; to: string; now: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update response_locations set detail = jsonb_set(detail, '{FLR}', to_jsonb(${to}::text)), updated_at = ${now}
    where organization_id = ${organizationId} and building_id = ${buildingId} and merged_into is null
      and detail->>'FLR' = ${from}
    returning id`.execute(tx);
  return rows.map(({ id }) => id).sort();
}
