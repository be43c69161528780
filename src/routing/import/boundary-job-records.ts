import type { Selectable } from 'kysely';
import type { Queryable } from '../../storage/database.ts';
import type { RoutingTables } from '../../storage/tables/routing-tables.ts';

export type BoundaryJobRow = Selectable<RoutingTables['boundaryImportJobs']>;

/** `report` and `problem` as JSON text. */
export type BoundaryJobValues = {
  state: string;
  percent: number;
  report: string | null;
  problem: string | null;
  updatedAt: Date;
};

export async function insertBoundaryJob(
  db: Queryable,
  row: BoundaryJobValues & { id: string; layer: string; createdAt: Date },
): Promise<void> {
  await db.insertInto('boundaryImportJobs').values(row).execute();
}

export async function updateBoundaryJob(db: Queryable, id: string, values: BoundaryJobValues): Promise<void> {
  await db.updateTable('boundaryImportJobs').set(values).where('id', '=', id).execute();
}

export async function selectBoundaryJob(db: Queryable, id: string): Promise<BoundaryJobRow | undefined> {
  return db.selectFrom('boundaryImportJobs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The latest first, without what they found. */
export async function selectBoundaryJobs(
  db: Queryable,
  window: { start: number; max: number },
): Promise<{ rows: Omit<BoundaryJobRow, 'report' | 'problem'>[]; total: number }> {
  const rows = await db
    .selectFrom('boundaryImportJobs')
    .select(['id', 'layer', 'state', 'percent', 'createdAt', 'updatedAt'])
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(window.max)
    .offset(window.start)
    .execute();
  const { total } = await db
    .selectFrom('boundaryImportJobs')
    .select((eb) => eb.fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

export async function deleteBoundaryJobs(db: Queryable, before: Date): Promise<void> {
  await db.deleteFrom('boundaryImportJobs').where('createdAt', '<', before).execute();
}
