import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { type SortedBy, sorted } from '../../storage/sorted.ts';
import type { RoutingTables } from '../../storage/tables/routing-tables.ts';
import type { SortWord } from '../../support/sort-order.ts';

/** Changes of boundaries run one after the other: each compares with what the one before left. */
const IMPORT_LOCK = 911_000_002;

export async function lockBoundaries(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${IMPORT_LOCK})`.execute(tx);
}

/** The same without waiting: false while another change is under way. */
export async function tryLockBoundaries(tx: Transaction): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(${IMPORT_LOCK}) as locked`.execute(
    tx,
  );
  return rows[0]?.locked === true;
}

/** Version by sourceId, with the layer each stands in; of all layers, for an id must be unique over them. */
export async function selectBoundaryVersions(db: Queryable): Promise<Map<string, { layer: string; version: string }>> {
  const rows = await db.selectFrom('serviceBoundaries').select(['sourceId', 'layer', 'version']).execute();
  return new Map(rows.map(({ sourceId, ...row }) => [sourceId, row]));
}

type BoundaryTable = RoutingTables['serviceBoundaries'];

/** A boundary in a list: without its outline. */
export type BoundarySummary = Omit<Selectable<BoundaryTable>, 'outline' | 'version' | 'importId'>;

export type BoundaryFilter = {
  layer?: string | undefined;
  /** Only those of services that no call can be sent to yet: no URI in the file, and no PSAP that took them over. */
  withoutDestination?: boolean | undefined;
  /** Part of the name, the id or the URI, in any case. */
  text?: string | undefined;
  /** `layer` unless told. */
  sort?: SortWord<BoundaryColumn> | undefined;
};

export type BoundaryColumn = 'layer' | 'displayName' | 'sourceId' | 'serviceUrn' | 'uri' | 'source' | 'updatedAt';

const ORDERS: Readonly<Record<BoundaryColumn, readonly SortedBy[]>> = {
  layer: ['layer'],
  displayName: [sql`lower(display_name)`, 'layer'],
  sourceId: [],
  serviceUrn: ['serviceUrn', 'layer'],
  uri: ['uri', 'layer'],
  source: ['source', 'layer'],
  updatedAt: ['updatedAt', 'layer'],
};

/** By layer and id unless told. */
export async function selectBoundarySummaries(
  db: Queryable,
  filter: BoundaryFilter,
  page: { start: number; max: number },
): Promise<BoundarySummary[]> {
  let query = db
    .selectFrom('serviceBoundaries')
    .select([
      'sourceId',
      'layer',
      'source',
      'serviceUrn',
      'uri',
      'displayName',
      'serviceNumber',
      'updatedAt',
      'revision',
      'kind',
      'effectiveAt',
      'expiresAt',
      'inForce',
    ])
    .offset(page.start)
    .limit(page.max);
  if (filter.layer !== undefined) query = query.where('layer', '=', filter.layer);
  if (filter.text !== undefined) {
    const pattern = `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([eb('displayName', 'ilike', pattern), eb('sourceId', 'ilike', pattern), eb('uri', 'ilike', pattern)]),
    );
  }
  if (filter.withoutDestination === true) {
    query = query
      .where('kind', '=', 'service')
      .where('uri', '=', '')
      .where(sql<boolean>`not exists (select from psaps where psaps.source_id = service_boundaries.source_id)`);
  }
  return sorted(query, filter.sort ?? 'layer', ORDERS, ['sourceId']).execute();
}

export type BoundaryRevisionRow = Selectable<RoutingTables['boundaryImports']>;

/** The newest change of a layer; undefined where there never was one. */
export async function selectNewestRevision(db: Queryable, layer: string): Promise<BoundaryRevisionRow | undefined> {
  return db
    .selectFrom('boundaryImports')
    .selectAll()
    .where('layer', '=', layer)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function selectRevision(
  db: Queryable,
  layer: string,
  revision: number,
): Promise<BoundaryRevisionRow | undefined> {
  return db
    .selectFrom('boundaryImports')
    .selectAll()
    .where('layer', '=', layer)
    .where('revision', '=', revision)
    .executeTakeFirst();
}

/** Newest first. */
export async function selectRevisions(
  db: Queryable,
  layer: string,
  window: { start: number; max: number },
): Promise<{ rows: BoundaryRevisionRow[]; total: number }> {
  const query = db.selectFrom('boundaryImports').where('layer', '=', layer);
  const rows = await query.selectAll().orderBy('revision', 'desc').limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

export async function insertRevision(
  tx: Transaction,
  row: Omit<BoundaryRevisionRow, 'source' | 'restorable'> & { source: string | null },
): Promise<void> {
  await tx
    .insertInto('boundaryImports')
    .values({ ...row, restorable: true })
    .execute();
}

const COLUMNS = sql.raw(
  'source_id, layer, import_id, source, service_urn, uri, display_name, service_number, outline, version, updated_at, ' +
    'revision, kind, effective_at, expires_at, in_force',
);

const isInForce = (now: Date): RawBuilder<boolean> =>
  sql<boolean>`((effective_at is null or effective_at <= ${now}) and (expires_at is null or expires_at > ${now}))`;

/** A change of a layer that is under way. */
export type BoundaryChange = { id: string; layer: string; revision: number; now: Date };

/** Takes boundaries out of force; what they were is kept. */
export async function endBoundaries(
  tx: Transaction,
  { revision }: BoundaryChange,
  sourceIds: readonly string[],
): Promise<void> {
  await sql`
    with gone as (
      delete from service_boundaries where source_id in (select json_array_elements_text(${JSON.stringify(sourceIds)}::json))
      returning *
    )
    insert into boundary_history (${COLUMNS}, ended_revision) select ${COLUMNS}, ${revision}::int from gone`.execute(
    tx,
  );
}

/** Stores boundaries, given as the lines that `prepareBoundaries` writes: the text goes to the database as it is. */
export async function insertPreparedRows(
  tx: Transaction,
  { id, layer, revision, now }: BoundaryChange,
  lines: readonly string[],
): Promise<void> {
  await sql`
    insert into service_boundaries (${COLUMNS})
    select "sourceId", ${layer}, ${id}::uuid, source, "serviceUrn", uri, "displayName", "serviceNumber",
      decode(outline, 'base64'), version, ${now}::timestamptz, ${revision}::int, kind, effective_at, expires_at, ${isInForce(now)}
    from (
      select *, "effectiveAt"::timestamptz as effective_at, "expiresAt"::timestamptz as expires_at
      from json_to_recordset(${`[${lines.join(',')}]`}::json) as r ("sourceId" text, source text, "serviceUrn" text, uri text,
        "displayName" text, "serviceNumber" text, outline text, version text, kind text, "effectiveAt" text, "expiresAt" text)
    ) prepared`.execute(tx);
}

/** Of the boundaries that a layer had as of `target` and has no longer, those whose ids stand in another layer now. */
export async function selectIdsElsewhere(tx: Transaction, layer: string, target: number): Promise<string[]> {
  const { rows } = await sql<{ sourceId: string }>`
    select b.source_id as "sourceId" from service_boundaries b join boundary_history h on h.source_id = b.source_id
    where b.layer <> ${layer} and h.layer = ${layer} and h.revision <= ${target} and h.ended_revision > ${target}
    order by b.source_id limit 100`.execute(tx);
  return rows.map(({ sourceId }) => sourceId);
}

/** Makes a layer what it was as of `target`. */
export async function restoreLayer(
  tx: Transaction,
  { id, layer, revision, now }: BoundaryChange,
  target: number,
): Promise<{ added: number; changed: number; removed: number }> {
  const { rows: ended } = await sql<{ sourceId: string }>`
    with gone as (
      delete from service_boundaries where layer = ${layer} and revision > ${target} returning *
    ), kept as (
      insert into boundary_history (${COLUMNS}, ended_revision) select ${COLUMNS}, ${revision}::int from gone
    )
    select source_id as "sourceId" from gone`.execute(tx);
  const { rows: restored } = await sql<{ sourceId: string }>`
    insert into service_boundaries (${COLUMNS})
    select source_id, layer, ${id}::uuid, source, service_urn, uri, display_name, service_number, outline, version,
      ${now}::timestamptz, ${revision}::int, kind, effective_at, expires_at, ${isInForce(now)}
    from boundary_history where layer = ${layer} and revision <= ${target} and ended_revision > ${target}
    returning source_id as "sourceId"`.execute(tx);
  const gone = new Set(ended.map(({ sourceId }) => sourceId));
  const changed = restored.filter(({ sourceId }) => gone.has(sourceId)).length;
  return { added: restored.length - changed, changed, removed: ended.length - changed };
}

/** Forgets what a layer was before `before`, but for the newest such state: it can still be gone back to. */
export async function forgetRevisions(tx: Transaction, layer: string, before: Date): Promise<void> {
  const oldest = await tx
    .selectFrom('boundaryImports')
    .select((eb) => eb.fn.max('revision').as('revision'))
    .where('layer', '=', layer)
    .where('importedAt', '<', before)
    .executeTakeFirst();
  const revision = oldest?.revision ?? null;
  if (revision === null) return;
  await tx.deleteFrom('boundaryHistory').where('layer', '=', layer).where('endedRevision', '<=', revision).execute();
  await tx
    .updateTable('boundaryImports')
    .set({ restorable: false })
    .where('layer', '=', layer)
    .where('revision', '<', revision)
    .execute();
  // A boundary that has not changed since names the import that brought it, however old.
  await tx
    .deleteFrom('boundaryImports')
    .where('layer', '=', layer)
    .where('revision', '<', revision)
    .where(sql<boolean>`not exists (select from service_boundaries b where b.import_id = boundary_imports.id)`)
    .execute();
}

/** Layers that hold boundaries now, with how many. */
export async function selectLayers(
  db: Queryable,
): Promise<{ layer: string; boundaries: number; withoutDestination: number; notInForce: number; revision: number }[]> {
  const { rows } = await sql<{
    layer: string;
    boundaries: number;
    withoutDestination: number;
    notInForce: number;
    revision: number;
  }>`
    select b.layer, count(*)::int as boundaries,
      count(*) filter (where b.kind = 'service' and b.uri = '' and p.id is null)::int as "withoutDestination",
      count(*) filter (where not b.in_force)::int as "notInForce",
      (select max(i.revision) from boundary_imports i where i.layer = b.layer) as revision
    from service_boundaries b left join psaps p on p.source_id = b.source_id group by b.layer order by b.layer`.execute(
    db,
  );
  return rows;
}

/** Whether a date of any boundary has passed since it was last looked at. */
export async function hasTurned(db: Queryable, now: Date): Promise<boolean> {
  const { rows } = await sql`
    select 1 from service_boundaries
    where (effective_at is not null or expires_at is not null) and in_force <> ${isInForce(now)} limit 1`.execute(db);
  return rows.length > 0;
}

/** Notes which boundaries came into force and which expired; gives them. */
export async function turnBoundaries(tx: Transaction, now: Date): Promise<{ sourceId: string; inForce: boolean }[]> {
  const { rows } = await sql<{ sourceId: string; inForce: boolean }>`
    update service_boundaries set in_force = not in_force, updated_at = ${now}
    where (effective_at is not null or expires_at is not null) and in_force <> ${isInForce(now)}
    returning source_id as "sourceId", in_force as "inForce"`.execute(tx);
  return rows;
}

export async function updateRevisionCounts(
  tx: Transaction,
  id: string,
  counts: { added: number; changed: number; removed: number; featureCount: number },
): Promise<void> {
  await tx.updateTable('boundaryImports').set(counts).where('id', '=', id).execute();
}
