import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { BoundaryRow, PsapRow } from './routing-rows.ts';

/** Imports of boundaries run one after the other: each compares with what the one before left. */
const IMPORT_LOCK = 911_000_002;

/** Rows go in batches: a statement has room for some 65,000 parameters, and geometry is large. */
const BATCH = 200;

export async function selectPsaps(db: Queryable): Promise<PsapRow[]> {
  const rows = await db.selectFrom('psaps').selectAll().orderBy('name').orderBy('id').execute();
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

/** The PSAP that already took over a mapping, if it is another one. */
export async function selectPsapOfSource(tx: Transaction, sourceId: string, exceptId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('psaps')
    .select('name')
    .where('sourceId', '=', sourceId)
    .where('id', '!=', exceptId)
    .executeTakeFirst();
  return row?.name ?? null;
}

export async function upsertPsap(tx: Transaction, psap: PsapRow): Promise<void> {
  const { id, ...values } = psap;
  const stored = { ...values, alternateUris: [...values.alternateUris], updatedAt: new Date(values.updatedAt) };
  await tx
    .insertInto('psaps')
    .values({ id, ...stored })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(stored))
    .execute();
}

/** What was removed; undefined when there was none. */
export async function deletePsap(tx: Transaction, id: string): Promise<PsapRow | undefined> {
  const row = await tx.deleteFrom('psaps').where('id', '=', id).returningAll().executeTakeFirst();
  return row && { ...row, updatedAt: row.updatedAt.toISOString() };
}

/** The PSAP, kept from changing until the transaction ends. */
export async function selectPsapForUpdate(tx: Transaction, id: string): Promise<PsapRow | undefined> {
  const row = await tx.selectFrom('psaps').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && { ...row, updatedAt: row.updatedAt.toISOString() };
}

const SUMMARY_COLUMNS = [
  'sourceId',
  'layer',
  'source',
  'serviceUrn',
  'uri',
  'displayName',
  'serviceNumber',
  'updatedAt',
] as const;

export async function selectBoundaries(db: Queryable): Promise<BoundaryRow[]> {
  const rows = await db
    .selectFrom('serviceBoundaries')
    .select([...SUMMARY_COLUMNS, 'outline', 'version'])
    .orderBy('sourceId')
    .execute();
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

export type BoundarySummary = Omit<BoundaryRow, 'outline' | 'version'>;

export async function selectBoundarySummaries(db: Queryable, layer?: string): Promise<BoundarySummary[]> {
  let query = db.selectFrom('serviceBoundaries').select(SUMMARY_COLUMNS).orderBy('layer').orderBy('sourceId');
  if (layer !== undefined) query = query.where('layer', '=', layer);
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

/** Version by sourceId, with the layer each stands in; of all layers, for an id must be unique over them. */
export async function selectBoundaryVersions(
  db: Queryable,
): Promise<Map<string, { layer: string; version: string; updatedAt: Date }>> {
  const rows = await db.selectFrom('serviceBoundaries').select(['sourceId', 'layer', 'version', 'updatedAt']).execute();
  return new Map(rows.map(({ sourceId, ...row }) => [sourceId, row]));
}

export async function lockImports(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${IMPORT_LOCK})`.execute(tx);
}

export type BoundaryImportRow = {
  id: string;
  layer: string;
  actor: string;
  importedAt: Date;
  featureCount: number;
  added: number;
  changed: number;
  removed: number;
};

export async function insertBoundaryImport(tx: Transaction, row: BoundaryImportRow): Promise<void> {
  await tx.insertInto('boundaryImports').values(row).execute();
}

/** Newest first. */
export async function selectBoundaryImports(db: Queryable, max: number): Promise<BoundaryImportRow[]> {
  return db.selectFrom('boundaryImports').selectAll().orderBy('importedAt', 'desc').orderBy('id').limit(max).execute();
}

export async function deleteBoundaries(tx: Transaction, sourceIds: readonly string[]): Promise<void> {
  for (let start = 0; start < sourceIds.length; start += BATCH) {
    await tx
      .deleteFrom('serviceBoundaries')
      .where('sourceId', 'in', sourceIds.slice(start, start + BATCH))
      .execute();
  }
}

export async function insertBoundaries(tx: Transaction, importId: string, rows: readonly BoundaryRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    await tx
      .insertInto('serviceBoundaries')
      .values(
        rows.slice(start, start + BATCH).map(({ updatedAt, ...row }) => ({
          ...row,
          importId,
          updatedAt: new Date(updatedAt),
        })),
      )
      .execute();
  }
}
