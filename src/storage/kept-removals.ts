import { sql } from 'kysely';
import type { SortWord } from '../support/sort-order.ts';
import { anyText, partPattern } from './conditions.ts';
import type { Queryable, Transaction } from './database.ts';
import type { RemovedKind } from './removed-resources.ts';
import { byName, type SortedBy, sorted } from './sorted.ts';

/** How long a removed thing can be brought back. */
export const RESTORABLE_DAYS = 30;

/** What can be brought back; the words are those of its room's removal. */
export const RESTORABLE_KINDS = [
  'location',
  'building',
  'response-location',
  'person',
  'workspace',
  'virtual-line',
  'hunt-group',
  'alert-recipient',
  'alert-group',
  'alert-rule',
  'alert-connection',
  'number',
  'trunk',
] as const satisfies readonly RemovedKind[];

export type RestorableKind = (typeof RESTORABLE_KINDS)[number];

/** A thing that was removed, and what went with it. */
export type KeptRemoval = {
  organizationId: string;
  kind: RestorableKind;
  id: string;
  name: string;
  locationId: string | null;
  removedBy: string;
  removedAt: Date;
  /** What the trail showed of it: never a secret. */
  summary: object;
  /** What its room needs beside its rows. */
  detail: object;
};

/**
 * The row that goes, by its table; `along`: foreign keys by which its room takes other rows with it, where the database does not; `key`:
 * the column of text that holds its id, where that is not the UUID `id`.
 */
export type RemovedRow = { table: string; along?: readonly string[]; key?: string };

/** Where a row stands, and with which of the things that are removed it goes. */
type Place = { place: string; id: string };

type ForeignKey = {
  name: string;
  child: string;
  childcolumns: string[];
  parent: string;
  parentcolumns: string[];
  cascades: boolean;
};

/** Every foreign key of the database: what goes with a row is what the database says, not a list that somebody must keep. */
async function selectForeignKeys(db: Queryable): Promise<ForeignKey[]> {
  const columns = (relation: string, keys: string) =>
    sql`(select array_agg(a.attname::text order by k.place) from unnest(con.${sql.raw(keys)}) with ordinality as k (number, place)
      join pg_attribute a on a.attrelid = con.${sql.raw(relation)} and a.attnum = k.number)`;
  const { rows } = await sql<ForeignKey>`
    select con.conname::text as name, child.relname::text as child, parent.relname::text as parent,
      ${columns('conrelid', 'conkey')} as childcolumns, ${columns('confrelid', 'confkey')} as parentcolumns,
      con.confdeltype = 'c' as cascades
    from pg_constraint con
      join pg_class child on child.oid = con.conrelid join pg_class parent on parent.oid = con.confrelid
    where con.contype = 'f' and con.connamespace = current_schema()::regnamespace`.execute(db);
  return rows;
}

/** Tables whose rows go with a row of `table`, itself the first; for tests, which ask whether somebody follows each. */
export async function tablesGoneWith(db: Queryable, { table, along = [] }: RemovedRow): Promise<string[]> {
  const keys = await selectForeignKeys(db);
  const found = [table];
  for (const parent of found) {
    for (const key of keysFrom(keys, parent, along)) if (!found.includes(key.child)) found.push(key.child);
  }
  return found;
}

function keysFrom(keys: readonly ForeignKey[], parent: string, along: readonly string[]): ForeignKey[] {
  return keys.filter((key) => key.parent === parent && (key.cascades || along.includes(key.name)));
}

/**
 * Where the rows are that go, by table, parents first, and with which thing each goes; locked. Whoever is changing one of them is waited for, and what they wrote is
 * kept: a row that was changed between looking and keeping would stand elsewhere, and be kept as it was or not at all.
 */
async function findRows(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  { table, along = [], key: column }: RemovedRow,
): Promise<Map<string, Map<string, string>>> {
  const keys = await selectForeignKeys(tx);
  const isRoot =
    column === undefined ? sql`id = any(${[...ids]}::uuid[])` : sql`${sql.id(column)} = any(${[...ids]}::text[])`;
  const { rows: roots } = await sql<Place>`
    select ctid::text as place, ${sql.id(column ?? 'id')}::text as id from ${sql.id(table)}
    where organization_id = ${organizationId} and ${isRoot}
    for update`.execute(tx);
  const byPlace = (places: readonly Place[]): Map<string, string> =>
    new Map(places.map(({ place, id }) => [place, id]));
  const found = new Map([[table, byPlace(roots)]]);
  const open = [{ parent: table, places: byPlace(roots) }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { parent, places } = next;
    for (const key of keysFrom(keys, parent, along)) {
      const matches = key.childcolumns.map(
        (column, index) => sql`child.${sql.id(column)} = parent.${sql.id(key.parentcolumns[index] ?? '')}`,
      );
      const { rows } = await sql<{ place: string; above: string }>`
        select child.ctid::text as place, parent.ctid::text as above
        from ${sql.id(key.child)} child join ${sql.id(parent)} parent on ${sql.join(matches, sql` and `)}
        where parent.ctid = any(${[...places.keys()]}::text[]::tid[])
        for update of child`.execute(tx);
      const known = found.get(key.child) ?? new Map<string, string>();
      const fresh = byPlace(
        rows.flatMap(({ place, above }) => {
          const id = places.get(above);
          return known.has(place) || id === undefined ? [] : [{ place, id }];
        }),
      );
      if (fresh.size === 0) continue;
      found.set(key.child, new Map([...known, ...fresh]));
      open.push({ parent: key.child, places: fresh });
    }
  }
  return found;
}

/**
 * Keeps a thing and all that is about to go with it, in the transaction that removes it and before it does. Of what the organization
 * removed longer ago than it can be brought back nothing stays.
 */
export function keepRemoval(tx: Transaction, removal: KeptRemoval, row: RemovedRow): Promise<void> {
  return keepRemovals(tx, [removal], row);
}

/** The same for many of one kind and organization at once, at most some thousand: each comes back by itself. */
export async function keepRemovals(tx: Transaction, removals: readonly KeptRemoval[], row: RemovedRow): Promise<void> {
  const [first] = removals;
  if (first === undefined) return;
  const { organizationId, removedAt } = first;
  const ids = removals.map(({ id }) => id);
  await tx
    .deleteFrom('keptRemovals')
    .where('organizationId', '=', organizationId)
    .where('id', '=', anyText(ids))
    .execute();
  await tx
    .insertInto('keptRemovals')
    .values(
      removals.map((removal) => ({
        ...removal,
        summary: JSON.stringify(removal.summary),
        detail: JSON.stringify(removal.detail),
      })),
    )
    .execute();
  let position = 0;
  for (const [table, places] of await findRows(tx, organizationId, ids, row)) {
    const at = [...places.keys()];
    await sql`
      insert into kept_rows (organization_id, id, position, table_name, rows)
      select ${organizationId}::uuid, goes.id, ${position}::integer, ${table}, jsonb_agg(to_jsonb(gone))
      from ${sql.id(table)} gone
        join unnest(${at}::text[], ${[...places.values()]}::text[]) as goes (place, id) on goes.place::tid = gone.ctid
      where gone.ctid = any(${at}::text[]::tid[])
      group by goes.id`.execute(tx);
    position += 1;
  }
  await forgetOldRemovals(tx, removedAt);
}

/** Nothing stays longer than it can be brought back. */
export async function forgetOldRemovals(db: Queryable, now: Date): Promise<void> {
  await db.deleteFrom('keptRemovals').where('removedAt', '<', oldestRestorable(now)).execute();
}

function oldestRestorable(now: Date): Date {
  return new Date(now.getTime() - RESTORABLE_DAYS * 86_400_000);
}

export type RemovalFilter = {
  kind?: RestorableKind | undefined;
  locationId?: string | undefined;
  /** Part of the name, in any case. */
  text?: string | undefined;
  /** `-removedAt` unless told. */
  sort?: SortWord<RemovalColumn> | undefined;
};

export type RemovalColumn = 'name' | 'kind' | 'removedBy' | 'removedAt';

const ORDERS: Readonly<Record<RemovalColumn, readonly SortedBy[]>> = {
  name: byName('name'),
  kind: ['kind'],
  removedBy: ['removedBy'],
  removedAt: [],
};

const HEAD = [
  'organizationId',
  'kind',
  'id',
  'name',
  'locationId',
  'removedBy',
  'removedAt',
  'summary',
  'detail',
] as const;

/** What can be brought back, newest first unless told. */
export async function selectKeptRemovals(
  db: Queryable,
  organizationId: string,
  { kind, locationId, text, sort = '-removedAt' }: RemovalFilter,
  { start, max, now }: { start: number; max: number; now: Date },
): Promise<KeptRemoval[]> {
  let query = db
    .selectFrom('keptRemovals')
    .select(HEAD)
    .where('organizationId', '=', organizationId)
    .where('removedAt', '>=', oldestRestorable(now));
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (locationId !== undefined) query = query.where('locationId', '=', locationId);
  if (text !== undefined) query = query.where('name', 'ilike', partPattern(text));
  const rows = await sorted(query, sort, ORDERS, ['removedAt', 'id']).offset(start).limit(max).execute();
  return rows.map((row) => ({ ...row, kind: row.kind as RestorableKind }));
}

/** One of them, kept from being brought back twice. */
export async function lockKeptRemoval(
  tx: Transaction,
  organizationId: string,
  id: string,
  now: Date,
): Promise<KeptRemoval | undefined> {
  const row = await tx
    .selectFrom('keptRemovals')
    .select(HEAD)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('removedAt', '>=', oldestRestorable(now))
    .forUpdate()
    .executeTakeFirst();
  return row && { ...row, kind: row.kind as RestorableKind };
}

/**
 * Waits for whoever is bringing things of this kind back, and holds up whoever begins to, until the transaction ends: what it changes
 * in the rows that are there and in those that are kept leaves none out.
 */
export async function lockKeptRemovals(tx: Transaction, organizationId: string, kind: RestorableKind): Promise<void> {
  await tx
    .selectFrom('keptRemovals')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where('kind', '=', kind)
    .orderBy('id')
    .forUpdate()
    .execute();
}

/**
 * Inserts the rows of a removal again, exactly as they were, and forgets that they were gone. Answers the tables that have them. What
 * joined the thing to others that are gone by now stays away. Violations of constraints come as they are: something else has taken
 * the place of a row, or what the thing itself stood in is gone.
 */
export async function putBackRows(
  tx: Transaction,
  { organizationId, id }: Pick<KeptRemoval, 'organizationId' | 'id'>,
): Promise<string[]> {
  const parts = await tx
    .selectFrom('keptRows')
    .select(['position', 'tableName'])
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .orderBy('position')
    .execute();
  const keys = await selectForeignKeys(tx);
  for (const { position, tableName } of parts) {
    const kept = sql`(select rows from kept_rows
      where organization_id = ${organizationId} and id = ${id} and position = ${position})`;
    // A column that came later has its default: only those are written that the rows had. One that is gone is nobody's any more.
    const { rows: columns } = await sql<{ name: string }>`
      select a.attname::text as name from pg_attribute a
      where a.attrelid = ${tableName}::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and ${kept}->0 ? a.attname::text
      order by a.attnum`.execute(tx);
    const names = sql.join(columns.map(({ name }) => sql.id(name)));
    await sql`insert into ${sql.id(tableName)} (${names})
      select ${names} from jsonb_populate_recordset(null::${sql.id(tableName)}, ${kept}) as back
      where ${position === 0 ? sql`true` : standsIn(keys, tableName)}`.execute(tx);
    // Calling was taken from a location before it was removed; it comes back without.
    await sql`delete from removed_resources where organization_id = ${organizationId} and kind <> 'calling' and id in (
      select coalesce(back->>'id', back->>'number') from jsonb_array_elements(${kept}) as back)`.execute(tx);
  }
  await tx.deleteFrom('keptRemovals').where('organizationId', '=', organizationId).where('id', '=', id).execute();
  return parts.map(({ tableName }) => tableName);
}

/** Whether all that a row `back` of this table refers to, in other tables, is there. */
function standsIn(keys: readonly ForeignKey[], table: string) {
  const conditions = keys
    .filter((key) => key.child === table && key.parent !== table)
    .map((key) => {
      const own = key.childcolumns.map((column) => sql`back.${sql.id(column)}`);
      const matches = own.map((column, index) => sql`parent.${sql.id(key.parentcolumns[index] ?? '')} = ${column}`);
      const isNull = own.map((column) => sql`${column} is null`);
      return sql`(${sql.join(isNull, sql` or `)} or exists (
        select from ${sql.id(key.parent)} parent where ${sql.join(matches, sql` and `)}))`;
    });
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}

/**
 * Sets these columns in the rows of a table that removals of the organization keep, or in those of them that have these values: what
 * happens to all rows of the table happens to them, too, and they come back as they would be now.
 */
export async function changeKeptRows(
  tx: Transaction,
  organizationId: string,
  table: string,
  values: KeptValues,
  only: KeptValues = {},
): Promise<void> {
  const wanted = JSON.stringify(only);
  await sql`
    update kept_rows set rows = (
      select jsonb_agg(case when kept @> ${wanted}::jsonb then kept || ${JSON.stringify(values)}::jsonb else kept end order by place)
      from jsonb_array_elements(kept_rows.rows) with ordinality as one (kept, place))
    where organization_id = ${organizationId} and table_name = ${table}
      and rows @> jsonb_build_array(${wanted}::jsonb)`.execute(tx);
}

/** By the names of the columns in the database. */
type KeptValues = Readonly<Record<string, string | boolean | null>>;
