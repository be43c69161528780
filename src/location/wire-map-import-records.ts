import type { Selectable } from 'kysely';
import type { Queryable } from '../storage/database.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { Window } from './wire-map-records.ts';

export type ImportJobRow = Selectable<LocationTables['wireMapImports']>;

/** An import that ran, or runs on some node; `report` and `problem` as JSON text. */
export type ImportJobValues = {
  state: string;
  percent: number;
  report: string | null;
  problem: string | null;
  updatedAt: Date;
};

export async function insertImportJob(
  db: Queryable,
  row: ImportJobValues & { id: string; organizationId: string; createdAt: Date },
): Promise<void> {
  await db.insertInto('wireMapImports').values(row).execute();
}

export async function updateImportJob(db: Queryable, id: string, values: ImportJobValues): Promise<void> {
  await db.updateTable('wireMapImports').set(values).where('id', '=', id).execute();
}

export async function selectImportJob(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<ImportJobRow | undefined> {
  return db
    .selectFrom('wireMapImports')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The latest first, without what they found. */
export async function selectImportJobs(
  db: Queryable,
  organizationId: string,
  window: Window,
): Promise<{ rows: Omit<ImportJobRow, 'report' | 'problem'>[]; total: number }> {
  const query = db.selectFrom('wireMapImports').where('organizationId', '=', organizationId);
  const rows = await query
    .select(['id', 'organizationId', 'state', 'percent', 'createdAt', 'updatedAt'])
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(window.max)
    .offset(window.start)
    .execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

/** Forgets what an organization imported before `before`. */
export async function deleteImportJobs(db: Queryable, organizationId: string, before: Date): Promise<void> {
  await db
    .deleteFrom('wireMapImports')
    .where('organizationId', '=', organizationId)
    .where('createdAt', '<', before)
    .execute();
}
