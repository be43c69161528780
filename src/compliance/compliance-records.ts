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

/** Location id to stage; locations without a row completed nothing. */
export async function selectLocationStages(
  db: Queryable,
  organizationId: string,
): Promise<ReadonlyMap<string, StageStanding>> {
  const rows = await db
    .selectFrom('complianceLocations')
    .select(['locationId', 'completed', 'optedOut'])
    .where('organizationId', '=', organizationId)
    .execute();
  return new Map(rows.map((row) => [row.locationId, toStanding(row)]));
}

// Four values a row; PostgreSQL takes 65,535 parameters in one statement.
const ROWS_PER_STATEMENT = 5_000;

export async function upsertLocationStages(
  tx: Transaction,
  organizationId: string,
  stages: readonly (readonly [locationId: string, StageStanding])[],
  now: Date,
): Promise<void> {
  for (let first = 0; first < stages.length; first += ROWS_PER_STATEMENT) {
    const rows = stages.slice(first, first + ROWS_PER_STATEMENT);
    await tx
      .insertInto('complianceLocations')
      .values(rows.map(([locationId, standing]) => ({ organizationId, locationId, ...standing, updatedAt: now })))
      .onConflict((conflict) =>
        conflict.columns(['organizationId', 'locationId']).doUpdateSet((eb) => ({
          completed: eb.ref('excluded.completed'),
          optedOut: eb.ref('excluded.optedOut'),
          updatedAt: eb.ref('excluded.updatedAt'),
        })),
      )
      .execute();
  }
}

/** Every organization that has a stage, with its own and its locations' stages. */
export async function selectAllStages(
  db: Queryable,
): Promise<ReadonlyMap<string, { organization: StageStanding; locations: [string, StageStanding][] }>> {
  const organizations = await db
    .selectFrom('complianceOrganizations')
    .select(['organizationId', 'completed', 'optedOut'])
    .execute();
  const locations = await db
    .selectFrom('complianceLocations')
    .select(['organizationId', 'locationId', 'completed', 'optedOut'])
    .execute();
  const all = new Map(
    organizations.map((row) => [
      row.organizationId,
      { organization: toStanding(row), locations: [] as [string, StageStanding][] },
    ]),
  );
  for (const row of locations) all.get(row.organizationId)?.locations.push([row.locationId, toStanding(row)]);
  return all;
}
