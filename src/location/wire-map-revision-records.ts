import { type Insertable, type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import { sorted } from '../storage/sorted.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { Window } from '../storage/window.ts';
import type { SortWord } from '../support/sort-order.ts';
import { NO_END } from './wire-map-records.ts';

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

/** Made at `since` or later, before `until`. */
export type RevisionFilter = {
  since?: Date | undefined;
  until?: Date | undefined;
  sort?: SortWord<'revision'> | undefined;
};

/** Newest first unless told. */
export async function selectRevisions(
  db: Queryable,
  organizationId: string,
  { start, max, since, sort = '-revision', until }: Window & RevisionFilter,
): Promise<{ rows: RevisionRow[]; total: number }> {
  let query = db.selectFrom('wireMapRevisions').where('organizationId', '=', organizationId);
  if (since !== undefined) query = query.where('madeAt', '>=', since);
  if (until !== undefined) query = query.where('madeAt', '<', until);
  const rows = await sorted(query.selectAll(), sort, { revision: ['revision'] }, [])
    .limit(max)
    .offset(start)
    .execute();
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

/**
 * Forgets a part of what the revisions made before `before` ended, then them, but for the newest of them: it can still be
 * gone back to. False when nothing was left.
 */
export async function pruneRevisions(
  tx: Transaction,
  organizationId: string,
  before: Date,
  limit: number,
): Promise<boolean> {
  const oldest = await tx
    .selectFrom('wireMapRevisions')
    .select((eb) => eb.fn.max('revision').as('revision'))
    .where('organizationId', '=', organizationId)
    .where('madeAt', '<', before)
    .executeTakeFirst();
  const revision = oldest?.revision ?? null;
  if (revision === null) return false;
  const { rows } = await sql`
    delete from wire_map_history where ctid = any (array(
      select ctid from wire_map_history
      where organization_id = ${organizationId} and ended_revision <= ${revision}::int limit ${limit}
    )) returning id`.execute(tx);
  if (rows.length >= limit) return true;
  await tx
    .deleteFrom('wireMapRevisions')
    .where('organizationId', '=', organizationId)
    .where('revision', '<', revision)
    .execute();
  return false;
}

/** An element that changed since a revision; `responseLocationId` null = it is gone. */
export type ChangedKey = { kind: string; value: string; port: string; responseLocationId: string | null };

/**
 * What changed after `after` up to `newest`, `limit` at most. What is there is read before what is gone, so that an element
 * removed in between is read with the next change, and so is one that changed again: until then it stands as it was.
 */
export async function selectChangedKeys(
  db: Queryable,
  organizationId: string,
  { after, newest }: { after: number; newest: number },
  limit: number,
): Promise<ChangedKey[]> {
  const present = await db
    .selectFrom('wireMapElements')
    .select(['kind', 'value', 'port', 'responseLocationId'])
    .where('organizationId', '=', organizationId)
    .where('revision', '>', after)
    .where('revision', '<=', newest)
    .where('endedRevision', '>', newest)
    .limit(limit)
    .execute();
  if (present.length >= limit) return present;
  const { rows: gone } = await sql<{ kind: string; value: string; port: string }>`
    select distinct kind, value, port from (
      select kind, value, port from wire_map_history
      where organization_id = ${organizationId} and ended_revision > ${after}::int and ended_revision <= ${newest}::int
      union all
      select kind, value, port from wire_map_elements
      where organization_id = ${organizationId} and ended_revision > ${after}::int and ended_revision <= ${newest}::int
        and ended_revision < 2147483647
    ) h where not exists (
      select from wire_map_elements e
      where e.organization_id = ${organizationId} and e.kind = h.kind and e.value = h.value and e.port = h.port
        and e.revision <= ${newest}::int and e.ended_revision > ${newest}::int
    ) and not exists (
      select from wire_map_history l
      where l.organization_id = ${organizationId} and l.kind = h.kind and l.value = h.value and l.port = h.port
        and l.revision <= ${newest}::int and l.ended_revision > ${newest}::int
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

/** A part of an import: rows `{id, kind, value, port, erl, description}` as JSON text, at hand or in the database. */
export type ImportBatch = { json: string } | { importId: string; batch: number };

export type Comparison = {
  organizationId: string;
  /** The revision in force. */
  newest: number;
  /** So many of each are listed. */
  listed: number;
  /** Stores the rows as what will be in force with the next revision. */
  write?: { now: Date } | undefined;
  /** Notes which elements the file names, under this id. */
  named?: string | undefined;
};

const NO_ROWS = sql``;

/** Compares a batch with what is in force and, where `write` is given, stores it: one statement. */
export async function compareBatch(db: Queryable, batch: ImportBatch, options: Comparison): Promise<ComparedBatch> {
  const { organizationId, newest, write, named, listed } = options;
  const next = newest + 1;
  const source =
    'json' in batch
      ? sql`${batch.json}::json`
      : sql`(select rows::json from wire_map_import_batches
          where import_id = ${batch.importId} and batch = ${batch.batch}::int)`;
  // What is inserted waits for what is ended: of every key one element has no end.
  const written =
    write === undefined
      ? NO_ROWS
      : sql`, ended as (
      update wire_map_elements e set ended_revision = ${next}::int
      from compared c where e.id = c.old_id and e.ended_revision = ${NO_END}::int and c.differs returning e.id
    ), inserted as (
      insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision)
      select coalesce(c.old_id, c.id), ${organizationId}::uuid, c.kind, c.value, c.port, c.erl, c.description,
        coalesce(c.old_created, ${write.now}), ${write.now}, ${next}::int
      from compared c left join ended on ended.id = c.old_id
      where c.old_id is null or ended.id is not null
    )`;
  const tracked =
    named === undefined
      ? NO_ROWS
      : sql`, tracked as (insert into wire_map_import_named (import_id, element_id)
          select ${named}::uuid, old_id from compared where old_id is not null)`;
  const { rows } = await sql<{
    added: number;
    changed: number;
    unchanged: number;
    addedRows: ImportRow[] | null;
    changedRows: { before: ImportRow; after: ImportRow }[] | null;
  }>`
    with incoming as materialized (
      select * from json_to_recordset(${source})
        as r (id uuid, kind text, value text, port text, erl uuid, description text)
    ), compared as materialized (
      select i.*, e.id as old_id, e.response_location_id as old_erl, e.description as old_description,
        e.created_at as old_created, (e.response_location_id <> i.erl or e.description <> i.description) as differs
      from incoming i left join wire_map_elements e
        on e.organization_id = ${organizationId} and e.kind = i.kind and e.value = i.value and e.port = i.port
          and e.revision <= ${newest}::int and e.ended_revision > ${newest}::int
    )${written}${tracked}
    select
      (select count(*)::int from compared where old_id is null) as added,
      (select count(*)::int from compared where differs) as changed,
      (select count(*)::int from compared where not differs) as unchanged,
      (select json_agg(one) from (
        select json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', erl,
          'description', description) as one
        from compared where old_id is null limit ${listed}) as listed) as added_rows,
      (select json_agg(one) from (
        select json_build_object(
          'before', json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', old_erl,
            'description', old_description),
          'after', json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', erl,
            'description', description)) as one
        from compared where differs limit ${listed}) as listed) as changed_rows`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the comparison gave no row');
  return { ...row, addedRows: row.addedRows ?? [], changedRows: row.changedRows ?? [] };
}

/**
 * A part of the wire map in the order of its keys, and where it ended. Keys are compared without the organization, which is
 * fixed: compared with it, an index is walked from the organization's first key.
 */
export type KeyPlace = { kind: string; value: string; port: string };

export type EndedPart = { ended: number; endedRows: ImportRow[]; last: KeyPlace | undefined };

/**
 * Of the next `limit` elements after `after` those that an import did not name, or that are newer than a revision: where
 * `write` is set they will not be in force with the next revision. `last` undefined = that was the last part.
 */
export async function endPart(
  db: Queryable,
  {
    organizationId,
    newest,
    after,
    limit,
  }: { organizationId: string; newest: number; after: KeyPlace | undefined; limit: number },
  which: { unnamedIn: string } | { newerThan: number },
  { listed, write }: { listed: number; write: boolean },
): Promise<EndedPart> {
  const onlyAfter =
    after === undefined ? sql`true` : sql`(e.kind, e.value, e.port) > (${after.kind}, ${after.value}, ${after.port})`;
  const leaving =
    'unnamedIn' in which
      ? sql`not exists (select from wire_map_import_named n where n.import_id = ${which.unnamedIn} and n.element_id = page.id)`
      : sql`page.revision > ${which.newerThan}::int`;
  const written = write
    ? sql`, ended as (update wire_map_elements e set ended_revision = ${newest + 1}::int
        from leaving where e.id = leaving.id and e.ended_revision = ${NO_END}::int)`
    : NO_ROWS;
  const { rows } = await sql<{ ended: number; endedRows: ImportRow[] | null; read: number; last: KeyPlace | null }>`
    with page as materialized (
      select e.* from wire_map_elements e
      where e.organization_id = ${organizationId} and e.revision <= ${newest}::int and e.ended_revision > ${newest}::int
        and ${onlyAfter}
      order by e.organization_id, e.kind, e.value, e.port limit ${limit}
    ), leaving as materialized (select * from page where ${leaving})${written}
    select (select count(*)::int from leaving) as ended,
      (select count(*)::int from page) as read,
      (select json_build_object('kind', kind, 'value', value, 'port', port) from page
        order by kind desc, value desc, port desc limit 1) as last,
      (select json_agg(one) from (
        select json_build_object('kind', kind, 'value', value, 'port', port, 'responseLocationId', response_location_id,
          'description', description) as one
        from leaving order by kind, value, port limit ${listed}) as listed) as ended_rows`.execute(db);
  const [row] = rows;
  const last = row !== undefined && row.read === limit ? (row.last ?? undefined) : undefined;
  return { ended: row?.ended ?? 0, endedRows: row?.endedRows ?? [], last };
}

export type RestoredPart = {
  restored: number;
  changed: number;
  last: (KeyPlace & { endedRevision: number }) | undefined;
};

/** Of the next `limit` rows of the history those that were in force at `target`, stored for the next revision. */
export async function restorePart(
  tx: Transaction,
  {
    organizationId,
    newest,
    after,
    limit,
  }: {
    organizationId: string;
    newest: number;
    after: RestoredPart['last'];
    limit: number;
  },
  target: number,
  now: Date,
): Promise<RestoredPart> {
  const next = newest + 1;
  const onlyAfter =
    after === undefined
      ? sql`true`
      : sql`(h.kind, h.value, h.port, h.ended_revision) >
          (${after.kind}, ${after.value}, ${after.port}, ${after.endedRevision}::int)`;
  const { rows } = await sql<{ restored: number; changed: number; read: number; last: RestoredPart['last'] | null }>`
    with page as materialized (
      select h.* from wire_map_history h where h.organization_id = ${organizationId} and ${onlyAfter}
      order by h.organization_id, h.kind, h.value, h.port, h.ended_revision limit ${limit}
    ), coming as materialized (
      select * from page where revision <= ${target}::int and ended_revision > ${target}::int
    ), inserted as (
      insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision)
      select id, organization_id, kind, value, port, response_location_id, description, created_at, ${now}, ${next}::int
      from coming
    )
    select (select count(*)::int from coming) as restored,
      (select count(*)::int from coming c join wire_map_elements e
        on e.organization_id = c.organization_id and e.kind = c.kind and e.value = c.value and e.port = c.port
          and e.ended_revision = ${next}::int) as changed,
      (select count(*)::int from page) as read,
      (select json_build_object('kind', kind, 'value', value, 'port', port, 'endedRevision', ended_revision) from page
        order by kind desc, value desc, port desc, ended_revision desc limit 1) as last`.execute(tx);
  const [row] = rows;
  const last = row !== undefined && row.read === limit ? (row.last ?? undefined) : undefined;
  return { restored: row?.restored ?? 0, changed: row?.changed ?? 0, last };
}

/** Forgets a part of what an import named; false when nothing was left. */
export async function forgetSomeNamed(tx: Transaction, importId: string, limit: number): Promise<boolean> {
  const { rows } = await sql`
    delete from wire_map_import_named where import_id = ${importId} and element_id = any (array(
      select element_id from wire_map_import_named where import_id = ${importId} limit ${limit}
    )) returning element_id`.execute(tx);
  return rows.length >= limit;
}

/**
 * Tells the planner what the table holds now. Until it knows, it sorts all of an organization's elements for every page of
 * them; it would find out by itself only some minutes after an import.
 */
export async function analyzeElements(db: Queryable): Promise<void> {
  await sql`analyze wire_map_elements`.execute(db);
}

/** The same of what an import names: it was empty before. */
export async function analyzeNamed(db: Queryable): Promise<void> {
  await sql`analyze wire_map_import_named`.execute(db);
}

/** Forgets what imports noted that died before `before`. */
export async function forgetOldNamed(db: Queryable, before: Date): Promise<void> {
  await db.deleteFrom('wireMapImportNamed').where('notedAt', '<', before).execute();
}
