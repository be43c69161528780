import { type Insertable, type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { Window } from './wire-map-records.ts';

export type RevisionRow = Selectable<LocationTables['wireMapRevisions']>;

/** The newest revision of an organization's wire map; undefined before its first element. */
export async function selectNewestRevision(db: Queryable, organizationId: string): Promise<RevisionRow | undefined> {
  return db
    .selectFrom('wireMapRevisions')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function selectRevision(
  db: Queryable,
  organizationId: string,
  revision: number,
): Promise<RevisionRow | undefined> {
  return db
    .selectFrom('wireMapRevisions')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('revision', '=', revision)
    .executeTakeFirst();
}

/** Newest first. */
export async function selectRevisions(
  db: Queryable,
  organizationId: string,
  window: Window,
): Promise<{ rows: RevisionRow[]; total: number }> {
  const query = db.selectFrom('wireMapRevisions').where('organizationId', '=', organizationId);
  const rows = await query.selectAll().orderBy('revision', 'desc').limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

/** The newest revision of every organization that has one. */
export async function selectNewestRevisions(
  db: Queryable,
): Promise<{ organizationId: string; revision: number; id: string }[]> {
  return db
    .selectFrom('wireMapRevisions')
    .distinctOn('organizationId')
    .select(['organizationId', 'revision', 'id'])
    .orderBy('organizationId')
    .orderBy('revision', 'desc')
    .execute();
}

export async function insertRevision(
  tx: Transaction,
  row: Insertable<LocationTables['wireMapRevisions']>,
): Promise<void> {
  await tx.insertInto('wireMapRevisions').values(row).execute();
}

/** Forgets revisions made before `before`, but for the newest of them: it can still be gone back to. */
export async function pruneRevisions(tx: Transaction, organizationId: string, before: Date): Promise<void> {
  const oldest = await tx
    .selectFrom('wireMapRevisions')
    .select((eb) => eb.fn.max('revision').as('revision'))
    .where('organizationId', '=', organizationId)
    .where('madeAt', '<', before)
    .executeTakeFirst();
  const revision = oldest?.revision ?? null;
  if (revision === null) return;
  await tx
    .deleteFrom('wireMapHistory')
    .where('organizationId', '=', organizationId)
    .where('endedRevision', '<=', revision)
    .execute();
  await tx
    .deleteFrom('wireMapRevisions')
    .where('organizationId', '=', organizationId)
    .where('revision', '<', revision)
    .execute();
}

/** An element that changed since a revision; `responseLocationId` null = it is gone. */
export type ChangedKey = { kind: string; value: string; port: string; responseLocationId: string | null };

/**
 * What changed after `revision`, `limit` at most. What is there is read before what is gone, so that an element removed in
 * between counts as gone; one that came back in between is read with the next change.
 */
export async function selectChangedKeys(
  db: Queryable,
  organizationId: string,
  revision: number,
  limit: number,
): Promise<ChangedKey[]> {
  const present = await db
    .selectFrom('wireMapElements')
    .select(['kind', 'value', 'port', 'responseLocationId'])
    .where('organizationId', '=', organizationId)
    .where('revision', '>', revision)
    .limit(limit)
    .execute();
  if (present.length >= limit) return present;
  const { rows: gone } = await sql<{ kind: string; value: string; port: string }>`
    select distinct kind, value, port from wire_map_history h
    where organization_id = ${organizationId} and ended_revision > ${revision} and not exists (
      select from wire_map_elements e
      where e.organization_id = h.organization_id and e.kind = h.kind and e.value = h.value and e.port = h.port
    ) limit ${limit - present.length}`.execute(db);
  return [...present, ...gone.map((key) => ({ ...key, responseLocationId: null }))];
}

/** What of an import's rows is new, and what differs from what is stored; `before` as it was. */
export type ComparedBatch = {
  added: number;
  changed: number;
  unchanged: number;
  addedRows: ImportRow[];
  changedRows: { before: ImportRow; after: ImportRow }[];
};

export type ImportRow = {
  kind: string;
  value: string;
  port: string;
  responseLocationId: string;
  description: string;
};

/** A part of an import: rows `{id, kind, value, port, erl, description}` as JSON text. */
export type ImportBatch = { organizationId: string; json: string; listed: number };

const NO_ROWS = sql``;

/**
 * Compares a batch with what is stored and, where `write` is given, stores it: one statement, so that a million rows cost
 * the thread that answers calls next to nothing. `track` notes the elements that the file names (`createNamedElements`).
 */
export async function compareBatch(
  db: Queryable,
  batch: ImportBatch,
  options: { write?: { revision: number; now: Date } | undefined; track: boolean },
): Promise<ComparedBatch> {
  const { organizationId } = batch;
  const { write, track } = options;
  const written =
    write === undefined
      ? NO_ROWS
      : sql`, kept as (
      insert into wire_map_history (organization_id, id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision, ended_revision)
      select ${organizationId}, old_id, kind, value, port, old_erl, old_description, old_created, old_updated, old_revision,
        ${write.revision}::int
      from compared where old_id is not null and differs
    ), updated as (
      update wire_map_elements e
      set response_location_id = c.erl, description = c.description, updated_at = ${write.now},
        revision = ${write.revision}::int
      from compared c where e.id = c.old_id and c.differs
    ), inserted as (
      insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision)
      select id, ${organizationId}, kind, value, port, erl, description, ${write.now}, ${write.now}, ${write.revision}::int
      from compared where old_id is null
    )`;
  const tracked = track
    ? sql`, tracked as (insert into wire_map_named (id) select coalesce(old_id, id) from compared)`
    : NO_ROWS;
  const { rows } = await sql<{
    added: number;
    changed: number;
    unchanged: number;
    addedRows: ImportRow[] | null;
    changedRows: { before: ImportRow; after: ImportRow }[] | null;
  }>`
    with incoming as materialized (
      select * from json_to_recordset(${batch.json}::json)
        as r (id uuid, kind text, value text, port text, erl uuid, description text)
    ), compared as materialized (
      select i.*, e.id as old_id, e.response_location_id as old_erl, e.description as old_description,
        e.created_at as old_created, e.updated_at as old_updated, e.revision as old_revision,
        (e.response_location_id <> i.erl or e.description <> i.description) as differs
      from incoming i left join wire_map_elements e
        on e.organization_id = ${organizationId} and e.kind = i.kind and e.value = i.value and e.port = i.port
    )${written}${tracked}
    select
      (select count(*)::int from compared where old_id is null) as added,
      (select count(*)::int from compared where differs) as changed,
      (select count(*)::int from compared where not differs) as unchanged,
      (select json_agg(one) from (
        select json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', erl,
          'description', description) as one
        from compared where old_id is null limit ${batch.listed}) as listed) as added_rows,
      (select json_agg(one) from (
        select json_build_object(
          'before', json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', old_erl,
            'description', old_description),
          'after', json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', erl,
            'description', description)) as one
        from compared where differs limit ${batch.listed}) as listed) as changed_rows`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the comparison gave no row');
  return { ...row, addedRows: row.addedRows ?? [], changedRows: row.changedRows ?? [] };
}

/** Where an import that replaces notes what it names, until its transaction ends. */
export async function createNamedElements(tx: Transaction): Promise<void> {
  await sql`create temporary table wire_map_named (id uuid not null) on commit drop`.execute(tx);
}

/** What is stored and was not named; removed where `write` is given. */
export async function removeUnnamed(
  tx: Transaction,
  organizationId: string,
  listed: number,
  write?: { revision: number },
): Promise<{ removed: number; removedRows: ImportRow[] }> {
  const unnamed = sql`e.organization_id = ${organizationId} and e.id not in (select id from wire_map_named)`;
  const gone =
    write === undefined
      ? sql`gone as materialized (select * from wire_map_elements e where ${unnamed})`
      : sql`gone as (delete from wire_map_elements e where ${unnamed} returning *),
        kept as (${keepUntil(write.revision)} from gone)`;
  const { rows } = await sql<{ removed: number; removedRows: ImportRow[] | null }>`
    with ${gone}
    select (select count(*)::int from gone) as removed,
      (select json_agg(one) from (
        select json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', response_location_id,
          'description', description) as one
        from gone order by kind, value, port limit ${listed}) as listed) as removed_rows`.execute(tx);
  return { removed: rows[0]?.removed ?? 0, removedRows: rows[0]?.removedRows ?? [] };
}

function keepUntil(revision: number) {
  return sql`insert into wire_map_history (organization_id, id, kind, value, port, response_location_id, description,
      created_at, updated_at, revision, ended_revision)
    select organization_id, id, kind, value, port, response_location_id, description, created_at, updated_at, revision,
      ${revision}::int`;
}

/**
 * Tells the planner what the table holds now. Until it knows, it sorts all of an organization's elements for every page of
 * them; it would find out by itself only some minutes after an import.
 */
export async function analyzeElements(tx: Transaction): Promise<void> {
  await sql`analyze wire_map_elements`.execute(tx);
}

/** Makes the wire map what it was at `target`, as the new revision `revision`. */
export async function restoreRevision(
  tx: Transaction,
  organizationId: string,
  target: number,
  { revision, now }: { revision: number; now: Date },
): Promise<{ added: number; changed: number; removed: number }> {
  const { rows: ended } = await sql<{ count: number }>`
    with gone as (
      delete from wire_map_elements where organization_id = ${organizationId} and revision > ${target} returning *
    ), kept as (${keepUntil(revision)} from gone)
    select count(*)::int as count from gone`.execute(tx);
  const { rows: restored } = await sql<{ count: number; changed: number }>`
    with came_back as (
      insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision)
      select id, organization_id, kind, value, port, response_location_id, description, created_at, ${now}, ${revision}::int
      from wire_map_history
      where organization_id = ${organizationId} and revision <= ${target} and ended_revision > ${target}
      returning kind, value, port
    )
    select count(*)::int as count, count(h.id)::int as changed from came_back c left join wire_map_history h
      on h.organization_id = ${organizationId} and h.ended_revision = ${revision}::int
        and h.kind = c.kind and h.value = c.value and h.port = c.port`.execute(tx);
  const changed = restored[0]?.changed ?? 0;
  return { added: (restored[0]?.count ?? 0) - changed, changed, removed: (ended[0]?.count ?? 0) - changed };
}
