import { type Selectable, sql } from 'kysely';
import { isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Queryable } from '../storage/database.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { Window } from '../storage/window.ts';

export type ImportJobRow = Selectable<LocationTables['wireMapImports']>;

/** An import that ran, or runs on some node; `report` and `problem` as JSON text. */
export type ImportJobValues = {
  state: string;
  percent: number;
  report: string | null;
  problem: string | null;
  updatedAt: Date;
};

const UNDER_WAY = ['reading', 'comparing', 'applying'] as const;

/** False where another import of the organization is under way. */
export async function insertImportJob(
  db: Queryable,
  row: ImportJobValues & { id: string; organizationId: string; createdAt: Date; replace: boolean; startedBy: string },
): Promise<boolean> {
  try {
    await db.insertInto('wireMapImports').values(row).execute();
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

export async function updateImportJob(db: Queryable, id: string, values: ImportJobValues): Promise<void> {
  await db.updateTable('wireMapImports').set(values).where('id', '=', id).execute();
}

export async function deleteImportJob(db: Queryable, id: string): Promise<void> {
  await db.deleteFrom('wireMapImports').where('id', '=', id).execute();
}

/** The import of an organization that is under way, on whichever node. */
export async function selectImportUnderWay(db: Queryable, organizationId: string): Promise<ImportJobRow | undefined> {
  return db
    .selectFrom('wireMapImports')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('state', 'in', UNDER_WAY)
    .executeTakeFirst();
}

/** Says of imports that no node has touched since `silentSince` that they failed. */
export async function failSilentJobs(
  db: Queryable,
  organizationId: string,
  silentSince: Date,
  problem: string,
): Promise<void> {
  await db
    .updateTable('wireMapImports')
    .set({ state: 'failed', problem })
    .where('organizationId', '=', organizationId)
    .where('state', 'in', UNDER_WAY)
    .where('updatedAt', '<', silentSince)
    .execute();
}

/** Makes a checked import one that is applied; undefined when it is not checked, or was before `checkedSince`. */
export async function claimImportJob(
  db: Queryable,
  { organizationId, id, checkedSince, now }: { organizationId: string; id: string; checkedSince: Date; now: Date },
): Promise<ImportJobRow | undefined> {
  return db
    .updateTable('wireMapImports')
    .set({ state: 'applying', percent: 0, updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('state', '=', 'checked')
    .where('updatedAt', '>', checkedSince)
    .returningAll()
    .executeTakeFirst();
}

export async function insertBatch(db: Queryable, importId: string, batch: number, rows: string): Promise<void> {
  await db.insertInto('wireMapImportBatches').values({ importId, batch, rows }).execute();
}

export async function countBatches(db: Queryable, importId: string): Promise<number> {
  const { count } = await db
    .selectFrom('wireMapImportBatches')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('importId', '=', importId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Forgets some of what was read of one import; false when nothing was left. */
export async function deleteSomeBatches(db: Queryable, importId: string, limit: number): Promise<boolean> {
  const { rows } = await sql`
    delete from wire_map_import_batches where (import_id, batch) in (
      select import_id, batch from wire_map_import_batches where import_id = ${importId} limit ${limit}
    ) returning batch`.execute(db);
  return rows.length >= limit;
}

/** Imports of which something was read that nobody will ask for: not under way, and not touched since `before`. */
export async function selectImportsToForget(db: Queryable, before: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('wireMapImports as i')
    .select('i.id')
    .where('i.updatedAt', '<', before)
    .where((eb) =>
      eb.exists(eb.selectFrom('wireMapImportBatches as b').select('b.batch').whereRef('b.importId', '=', 'i.id')),
    )
    .execute();
  return rows.map(({ id }) => id);
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
): Promise<{ rows: Omit<ImportJobRow, 'report' | 'problem' | 'replace'>[]; total: number }> {
  const query = db.selectFrom('wireMapImports').where('organizationId', '=', organizationId);
  const rows = await query
    .select(['id', 'organizationId', 'state', 'percent', 'startedBy', 'createdAt', 'updatedAt'])
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
