import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { AddressTables } from '../storage/tables/address-tables.ts';

export type LayerVersionRow = Selectable<AddressTables['addressLayerVersions']>;

/** A version as far as it changes; `report` and `problem` as JSON text. */
export type LayerVersionValues = {
  state: string;
  percent: number;
  report: string | null;
  problem: string | null;
  updatedAt: Date;
};

/** Changes of what is in force take turns, over all nodes. */
const LAYER_LOCK = 911_000_023;

export async function lockLayers(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LAYER_LOCK})`.execute(tx);
}

export async function insertLayerVersion(
  db: Queryable,
  row: LayerVersionValues & Pick<LayerVersionRow, 'id' | 'layer' | 'fileName' | 'startedBy' | 'createdAt'>,
): Promise<void> {
  await db.insertInto('addressLayerVersions').values(row).execute();
}

export async function updateLayerVersion(
  db: Queryable,
  id: string,
  values: Partial<LayerVersionValues>,
): Promise<void> {
  await db.updateTable('addressLayerVersions').set(values).where('id', '=', id).execute();
}

export async function selectLayerVersion(db: Queryable, id: string): Promise<LayerVersionRow | undefined> {
  return db.selectFrom('addressLayerVersions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. */
export async function selectLayerVersions(
  db: Queryable,
  filter: { layer?: string | undefined; states?: readonly string[] },
  window: { start: number; max: number },
): Promise<{ rows: LayerVersionRow[]; total: number }> {
  let query = db.selectFrom('addressLayerVersions');
  if (filter.layer !== undefined) query = query.where('layer', '=', filter.layer);
  if (filter.states !== undefined) query = query.where('state', 'in', filter.states);
  const count = await query.select((eb) => eb.fn.countAll().as('total')).executeTakeFirst();
  const rows = await query
    .selectAll()
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .offset(window.start)
    .limit(window.max)
    .execute();
  return { rows, total: Number(count?.total ?? 0) };
}

export async function selectActiveVersion(db: Queryable, layer: string): Promise<LayerVersionRow | undefined> {
  return db
    .selectFrom('addressLayerVersions')
    .selectAll()
    .where('layer', '=', layer)
    .where('state', '=', 'active')
    .executeTakeFirst();
}

export async function selectActiveVersions(db: Queryable): Promise<LayerVersionRow[]> {
  return db.selectFrom('addressLayerVersions').selectAll().where('state', '=', 'active').orderBy('layer').execute();
}

/** The newest version that was in force before `before`. */
export async function selectFormerVersion(
  db: Queryable,
  layer: string,
  before: Date,
): Promise<LayerVersionRow | undefined> {
  return db
    .selectFrom('addressLayerVersions')
    .selectAll()
    .where('layer', '=', layer)
    .where('state', '=', 'former')
    .where('createdAt', '<', before)
    .orderBy('createdAt', 'desc')
    .executeTakeFirst();
}

/** What was in force becomes former, `id` takes its place; null = nothing does. */
export async function switchVersion(tx: Transaction, layer: string, id: string | null, now: Date): Promise<void> {
  await tx
    .updateTable('addressLayerVersions')
    .set({ state: 'former', updatedAt: now })
    .where('layer', '=', layer)
    .where('state', '=', 'active')
    .execute();
  if (id === null) return;
  await tx
    .updateTable('addressLayerVersions')
    .set({ state: 'active', activatedAt: now, updatedAt: now })
    .where('id', '=', id)
    .execute();
}

/** Forgets what is no longer of use: former versions beyond the newest `kept`, and what nobody put in force since `before`. */
export async function pruneLayerVersions(tx: Transaction, layer: string, kept: number, before: Date): Promise<void> {
  const former = await tx
    .selectFrom('addressLayerVersions')
    .select('id')
    .where('layer', '=', layer)
    .where('state', '=', 'former')
    .orderBy('createdAt', 'desc')
    .offset(kept)
    .execute();
  const unused = await tx
    .selectFrom('addressLayerVersions')
    .select('id')
    .where('layer', '=', layer)
    .where('state', 'in', ['checked', 'applying', 'failed', 'reading'])
    .where('updatedAt', '<', before)
    .execute();
  const ids = [...former, ...unused].map(({ id }) => id);
  if (ids.length > 0) await tx.deleteFrom('addressLayerVersions').where('id', 'in', ids).execute();
}

export async function insertPiece(db: Queryable, piece: AddressTables['addressLayerPieces']): Promise<void> {
  await db.insertInto('addressLayerPieces').values(piece).execute();
}

export async function deletePieces(db: Queryable, versionId: string): Promise<void> {
  await db.deleteFrom('addressLayerPieces').where('versionId', '=', versionId).execute();
}

/** One piece after the other: a block does not stand in memory twice. */
export async function* readPieces(
  db: Queryable,
  versionId: string,
  part: 'block' | 'digest',
): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number += 1) {
    const row = await db
      .selectFrom('addressLayerPieces')
      .select('bytes')
      .where('versionId', '=', versionId)
      .where('part', '=', part)
      .where('number', '=', number)
      .executeTakeFirst();
    if (row === undefined) return;
    yield row.bytes;
  }
}
