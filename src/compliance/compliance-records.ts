import { sql } from 'kysely';
import type { CompletedStage } from '../domain/stage.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { NOTHING_COMPLETED, type StageStanding } from './stage-standing.ts';

function toStanding(row: { completed: string | null; optedOut: boolean }): StageStanding {
  return { completed: row.completed as CompletedStage, optedOut: row.optedOut };
}

export async function selectOrganizationStage(db: Queryable, organizationId: string): Promise<StageStanding> {
  const row = await db
    .selectFrom('complianceOrganizations')
    .select(['completed', 'optedOut'])
    .where('organizationId', '=', organizationId)
    .executeTakeFirst();
  return row ? toStanding(row) : NOTHING_COMPLETED;
}

/** From here on the transaction fails (SQLSTATE 55P03) instead of waiting longer than that for what another one holds. */
export async function limitLockWait(tx: Transaction, waitMs: number): Promise<void> {
  await sql`select set_config('lock_timeout', ${String(waitMs)}, true)`.execute(tx);
}

/** The organization's stage, locked until commit: changes of one organization's stages happen one after the other. */
export async function lockOrganizationStage(
  tx: Transaction,
  organizationId: string,
  now: Date,
): Promise<StageStanding> {
  await tx
    .insertInto('complianceOrganizations')
    .values({ organizationId, ...NOTHING_COMPLETED, updatedAt: now })
    .onConflict((conflict) => conflict.column('organizationId').doNothing())
    .execute();
  const row = await tx
    .selectFrom('complianceOrganizations')
    .select(['completed', 'optedOut'])
    .where('organizationId', '=', organizationId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return toStanding(row);
}

export async function updateOrganizationStage(
  tx: Transaction,
  organizationId: string,
  standing: StageStanding,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('complianceOrganizations')
    .set({ ...standing, updatedAt: now })
    .where('organizationId', '=', organizationId)
    .execute();
}

/** Locations that stand alike. */
export type StageGroup = { standing: StageStanding; locationIds: string[] };

/** Every location that has a stage, by where it stands; the others completed nothing. One row for each group, not location. */
export async function selectStageGroups(db: Queryable, organizationId: string): Promise<StageGroup[]> {
  const rows = await db
    .selectFrom('complianceLocations')
    .select(['completed', 'optedOut', sql<string>`string_agg(location_id::text, ',')`.as('locationIds')])
    .where('organizationId', '=', organizationId)
    .groupBy(['completed', 'optedOut'])
    .execute();
  return rows.map((row) => ({ standing: toStanding(row), locationIds: row.locationIds.split(',') }));
}

export async function selectLocationStage(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<StageStanding> {
  const row = await db
    .selectFrom('complianceLocations')
    .select(['completed', 'optedOut'])
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirst();
  return row ? toStanding(row) : NOTHING_COMPLETED;
}

/** Puts all these locations where `standing` says, in one statement. */
export async function upsertLocationStages(
  tx: Transaction,
  organizationId: string,
  { standing, locationIds }: StageGroup,
  now: Date,
): Promise<void> {
  await sql`
    insert into compliance_locations (organization_id, location_id, completed, opted_out, updated_at)
    select ${organizationId}::uuid, moved.id, ${standing.completed}::text, ${standing.optedOut}::boolean, ${now}::timestamptz
    from unnest(${locationIds}::uuid[]) as moved (id)
    on conflict (organization_id, location_id) do update set
      completed = excluded.completed, opted_out = excluded.opted_out, updated_at = excluded.updated_at
  `.execute(tx);
}

/** Stages of one organization: its own, and its locations' by where they stand. */
export type StageRows = { organization: StageStanding; groups: StageGroup[] };

/** Every organization that has a stage. */
export async function selectAllStages(db: Queryable): Promise<ReadonlyMap<string, StageRows>> {
  const organizations = await db
    .selectFrom('complianceOrganizations')
    .select(['organizationId', 'completed', 'optedOut'])
    .execute();
  const groups = await db
    .selectFrom('complianceLocations')
    .select([
      'organizationId',
      'completed',
      'optedOut',
      sql<string>`string_agg(location_id::text, ',')`.as('locationIds'),
    ])
    .groupBy(['organizationId', 'completed', 'optedOut'])
    .execute();
  const all = new Map(
    organizations.map((row): [string, StageRows] => [
      row.organizationId,
      { organization: toStanding(row), groups: [] },
    ]),
  );
  for (const row of groups) {
    all.get(row.organizationId)?.groups.push({ standing: toStanding(row), locationIds: row.locationIds.split(',') });
  }
  return all;
}
