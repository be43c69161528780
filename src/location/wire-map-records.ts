import { type Selectable, sql } from 'kysely';
import { anyId, partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { sorted } from '../storage/sorted.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { Window } from '../storage/window.ts';
import { readSortWord, type SortWord } from '../support/sort-order.ts';
import { readHardwareAddress } from '../wire/held/held.ts';
import type { ElementKey, ElementKind } from './wire-map-element.ts';

export type ElementRow = Selectable<LocationTables['wireMapElements']>;
export type AddressRangeRow = Selectable<LocationTables['addressRanges']>;

/** `hasMore`: beyond the page. */
export type ElementPage = { rows: ElementRow[]; hasMore: boolean };

export type ElementQuery = {
  kind?: ElementKind | undefined;
  responseLocationIds?: readonly string[] | undefined;
  /** Part of value, port or description, in any case. */
  text?: string | undefined;
  /** Only what was there before and has located nobody since. */
  unseenSince?: Date | undefined;
  /** `kind` unless told. */
  sort?: SortWord<ElementColumn> | undefined;
};

/** What a wire map of a million elements has an index for. */
export type ElementColumn = 'kind' | 'value';

type KeyOrder = readonly [keyof ElementKey, keyof ElementKey, keyof ElementKey];

export const ELEMENT_ORDERS: Readonly<Record<ElementColumn, KeyOrder>> = {
  kind: ['kind', 'value', 'port'],
  value: ['value', 'kind', 'port'],
};

/** Beyond so many elements the database is told where a page begins: by itself it would order the whole wire map for it. */
const FAR = 1_000;
// One writer at a time per organization: an import compares with what is stored and must not be overtaken.
const WIRE_MAP_LOCK = 911_000_004;
const LONGEST_WAIT = '10s';
/** Kinds whose value is a hardware address: whoever types one in whatever spelling means it, by the index. */
const HARDWARE_KINDS = ['bssid', 'mac', 'switch-chassis', 'switch-port'] as const;

/** `ended_revision` of an element that has no end yet. */
export const NO_END = 2_147_483_647;

/**
 * Makes other writers of this organization's wire map wait until the transaction ends; fails with a lock timeout where it
 * waits too long itself.
 */
export async function lockWireMap(tx: Transaction, organizationId: string): Promise<void> {
  await sql`select set_config('lock_timeout', ${LONGEST_WAIT}, true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(${WIRE_MAP_LOCK}, hashtext(${organizationId}))`.execute(tx);
}

/** Of the organization's elements those of the newest revision: not what is being written, nor what it ended. */
function inForce(organizationId: string) {
  const newest = sql`(select coalesce(max(v.revision), 0) from wire_map_revisions v where v.organization_id = ${organizationId})`;
  return sql<boolean>`(wire_map_elements.revision <= ${newest} and wire_map_elements.ended_revision > ${newest})`;
}

export async function insertElement(tx: Transaction, row: ElementRow): Promise<void> {
  await tx.insertInto('wireMapElements').values(row).execute();
}

/** Keeps an element as it was until `endedRevision`. */
export async function insertHistory(tx: Transaction, row: ElementRow, endedRevision: number): Promise<void> {
  await tx
    .insertInto('wireMapHistory')
    .values({ ...row, endedRevision })
    .execute();
}

export async function deleteElement(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx
    .deleteFrom('wireMapElements')
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('endedRevision', '=', NO_END)
    .execute();
}

export async function updateElementRow(
  tx: Transaction,
  organizationId: string,
  id: string,
  values: ElementKey & { responseLocationId: string; description: string; updatedAt: Date; revision: number },
): Promise<void> {
  await tx
    .updateTable('wireMapElements')
    .set(values)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('endedRevision', '=', NO_END)
    .execute();
}

export async function selectElement(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<ElementRow | undefined> {
  return db
    .selectFrom('wireMapElements')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where(inForce(organizationId))
    .executeTakeFirst();
}

/** Of the elements in force those that a filter leaves. */
export function filteredElements(db: Queryable, organizationId: string, filter: ElementQuery) {
  let query = db
    .selectFrom('wireMapElements')
    .where('organizationId', '=', organizationId)
    .where(inForce(organizationId));
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.responseLocationIds !== undefined) {
    // One parameter however many there are.
    query = query.where('responseLocationId', '=', anyId(filter.responseLocationIds));
  }
  const { unseenSince } = filter;
  if (unseenSince !== undefined) {
    query = query
      .where('createdAt', '<', unseenSince)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('elementSightings as seen')
              .select('seen.kind')
              .whereRef('seen.organizationId', '=', 'wireMapElements.organizationId')
              .whereRef('seen.kind', '=', 'wireMapElements.kind')
              .whereRef('seen.value', '=', 'wireMapElements.value')
              .whereRef('seen.port', '=', 'wireMapElements.port')
              .where('seen.lastSeenAt', '>=', unseenSince),
          ),
        ),
      );
  }
  const hardware = filter.text === undefined ? undefined : readHardwareAddress(filter.text.trim());
  if (hardware !== undefined) {
    const holders = [hardware, `${hardware.slice(0, 16)}*`, `${hardware.slice(0, 15)}**`];
    query = query.where('value', 'in', holders).where('kind', 'in', HARDWARE_KINDS);
  }
  if (filter.text !== undefined && hardware === undefined) {
    const pattern = partPattern(filter.text.toLowerCase());
    query = query.where((eb) =>
      eb.or([
        eb('value', 'like', pattern),
        eb('port', 'like', pattern),
        eb(eb.fn<string>('lower', ['description']), 'like', pattern),
      ]),
    );
  }
  return query;
}

/**
 * The key of the element before which so many stand in an order; null: the list ends before; undefined: something is being written,
 * and keys alone do not tell what is in force. Keys are counted in the index, without a look at the elements.
 */
async function selectKeyAt(
  db: Queryable,
  organizationId: string,
  { kind, sort = 'kind' }: Pick<ElementQuery, 'kind' | 'sort'>,
  start: number,
): Promise<ElementKey | null | undefined> {
  let keys = db
    .selectFrom('wireMapElements')
    .select(['kind', 'value', 'port'])
    .where('organizationId', '=', organizationId);
  if (kind !== undefined) keys = keys.where('kind', '=', kind);
  const key = sorted(keys, sort, ELEMENT_ORDERS, []).offset(start).limit(1);
  // The greatest revision, not whether there is a greater one: for that the planner would rather look through all.
  const { rows } = await sql<{ isBeingWritten: boolean; key: ElementKey | null }>`
    select coalesce((select max(revision) from wire_map_elements where organization_id = ${organizationId})
        > (select max(revision) from wire_map_revisions where organization_id = ${organizationId}), false)
      or exists (select from wire_map_elements
        where organization_id = ${organizationId} and ended_revision < ${sql.lit(NO_END)}) as is_being_written,
      (select json_build_object('kind', kind, 'value', value, 'port', port) from ${key.as('one')}) as key`.execute(db);
  const [found] = rows;
  return found === undefined || found.isBeingWritten ? undefined : found.key;
}

/** One page, by kind, value and port unless told. Nobody counts how many there are: that would cost more than the page. */
export async function selectElements(
  db: Queryable,
  organizationId: string,
  filter: ElementQuery,
  { start, max }: Window,
  far = FAR,
): Promise<ElementPage> {
  const { kind, sort = 'kind', ...others } = filter;
  let query = filteredElements(db, organizationId, filter).selectAll();
  let offset = start;
  if (start >= far && Object.values(others).every((value) => value === undefined)) {
    const key = await selectKeyAt(db, organizationId, { kind, sort }, start);
    if (key === null) return { rows: [], hasMore: false };
    if (key !== undefined) {
      const { by, isDescending } = readSortWord<ElementColumn>(sort);
      const [first, second, third] = ELEMENT_ORDERS[by];
      const beyond = isDescending ? '<=' : '>=';
      query = query.where((eb) =>
        kind === undefined
          ? eb(eb.refTuple(first, second, third), beyond, eb.tuple(key[first], key[second], key[third]))
          : // With the kind fixed an index would be walked from its first key, were it compared too.
            eb(eb.refTuple('value', 'port'), beyond, eb.tuple(key.value, key.port)),
      );
      offset = 0;
    }
  }
  const rows = await sorted(query, sort, ELEMENT_ORDERS, [])
    .limit(max + 1)
    .offset(offset)
    .execute();
  return { rows: rows.slice(0, max), hasMore: rows.length > max };
}

/** These elements as they are in force, at most `limit`. */
export async function selectSomeElements(
  db: Queryable,
  organizationId: string,
  which: ElementQuery | { ids: readonly string[] },
  limit: number,
): Promise<ElementRow[]> {
  if (!('ids' in which)) {
    const ordered = filteredElements(db, organizationId, which).orderBy('kind').orderBy('value').orderBy('port');
    return ordered.selectAll().limit(limit).execute();
  }
  // Without an order: with one the planner may walk the whole wire map in it.
  const rows = await filteredElements(db, organizationId, {}).where('id', '=', anyId(which.ids)).selectAll().execute();
  return rows.slice(0, limit);
}

/** Those of these response locations to which something beside these elements leads. */
export async function selectStillLedTo(
  db: Queryable,
  organizationId: string,
  responseLocationIds: readonly string[],
  without: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select place as id from unnest(${[...responseLocationIds]}::uuid[]) as place
    where exists (
      select 1 from wire_map_elements
      where wire_map_elements.organization_id = ${organizationId} and wire_map_elements.response_location_id = place
        and ${inForce(organizationId)} and wire_map_elements.id <> all(${[...without]}::uuid[])
    )`.execute(db);
  return rows.map(({ id }) => id);
}

/** Keeps these elements as they were until `endedRevision`. */
export async function insertHistoryOf(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  endedRevision: number,
): Promise<void> {
  await sql`
    insert into wire_map_history (id, organization_id, kind, value, port, response_location_id, description, created_at,
      updated_at, revision, ended_revision)
    select id, organization_id, kind, value, port, response_location_id, description, created_at, updated_at, revision,
      ${endedRevision}::int
    from wire_map_elements
    where organization_id = ${organizationId} and id = any(${[...ids]}::uuid[]) and ended_revision = ${NO_END}`.execute(
    tx,
  );
}

export async function updateElementRows(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
  values: { responseLocationId?: string; description?: string; updatedAt: Date; revision: number },
): Promise<void> {
  await tx
    .updateTable('wireMapElements')
    .set(values)
    .where('organizationId', '=', organizationId)
    .where('id', '=', anyId(ids))
    .where('endedRevision', '=', NO_END)
    .execute();
}

export async function deleteElements(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
  await tx
    .deleteFrom('wireMapElements')
    .where('organizationId', '=', organizationId)
    .where('id', '=', anyId(ids))
    .where('endedRevision', '=', NO_END)
    .execute();
}

const PAGE = 5_000;

/** Every element that a filter leaves, by kind, value and port unless told; in pages, so that nobody waits long. */
export async function* readElementPages(
  db: Queryable,
  organizationId: string,
  filter: ElementQuery,
): AsyncGenerator<ElementRow[]> {
  const { by, isDescending } = readSortWord<ElementColumn>(filter.sort ?? 'kind');
  const [first, second, third] = ELEMENT_ORDERS[by];
  let last: ElementRow | undefined;
  for (;;) {
    let query = filteredElements(db, organizationId, filter).selectAll().limit(PAGE);
    if (last !== undefined) {
      const end = last;
      query = query.where((eb) =>
        eb(eb.refTuple(first, second, third), isDescending ? '<' : '>', eb.tuple(end[first], end[second], end[third])),
      );
    }
    const rows = await sorted(query, filter.sort ?? 'kind', ELEMENT_ORDERS, []).execute();
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1);
  }
}

/** Elements of one kind that lead to one place: `value`, tab, `port`, one a line. Names hold no control characters. */
export type ElementTargets = {
  organizationId: string;
  kind: string;
  responseLocationId: string;
  count: number;
  lines: string;
};

const TARGETS_PAGE = 10_000;

/**
 * What an index needs of every element of an organization, or of all, organization by organization. The database joins
 * each page into a few texts: the thread that answers calls only passes them on.
 */
export async function* readElementTargets(
  db: Queryable,
  organizationId?: string,
  rowsPerPage = TARGETS_PAGE,
): AsyncGenerator<ElementTargets[]> {
  // With the end: an element and what it was before stand beside each other until that is moved, and a page may end between.
  type Key = [string, string, string, string, number];
  const only = organizationId === undefined ? sql`true` : sql`v.organization_id = ${organizationId}`;
  const ofIt = organizationId === undefined ? sql`true` : sql`e.organization_id = ${organizationId}`;
  let last: Key | undefined;
  for (;;) {
    let after = sql`true`;
    if (last !== undefined) {
      const [organization, kind, value, port, ended] = last;
      // With the organization fixed an index would be walked from its first key, were it compared too.
      after =
        organizationId === undefined
          ? sql`(e.organization_id, e.kind, e.value, e.port, e.ended_revision) >
              (${organization}::uuid, ${kind}, ${value}, ${port}, ${ended}::int)`
          : sql`(e.kind, e.value, e.port, e.ended_revision) > (${kind}, ${value}, ${port}, ${ended}::int)`;
    }
    const { rows } = await sql<{ read: number; last: Key | null } & (ElementTargets | { kind: null })>`
      with newest as materialized (
        select organization_id, max(revision) as revision from wire_map_revisions v where ${only} group by organization_id
      ), page as materialized (
        select organization_id, kind, value, port, response_location_id, revision, ended_revision
        from wire_map_elements e where ${ofIt} and ${after}
        order by organization_id, kind, value, port, ended_revision limit ${rowsPerPage}
      ), whole as (
        select count(*)::int as read,
          (select json_build_array(organization_id, kind, value, port, ended_revision) from page
            order by organization_id desc, kind desc, value desc, port desc, ended_revision desc limit 1) as last
        from page
      ), texts as (
        select p.organization_id, p.kind, p.response_location_id, count(*)::int as count,
          string_agg(p.value || chr(9) || p.port, chr(10)) as lines
        from page p join newest n on n.organization_id = p.organization_id
          and p.revision <= n.revision and p.ended_revision > n.revision
        group by p.organization_id, p.kind, p.response_location_id
      )
      select whole.*, texts.* from whole left join texts on true order by texts.organization_id`.execute(db);
    const found: ElementTargets[] = [];
    for (const row of rows) if (row.kind !== null) found.push(row);
    if (found.length > 0) yield found;
    last = rows[0]?.last ?? undefined;
    if (last === undefined || (rows[0]?.read ?? 0) < rowsPerPage) return;
  }
}

export async function insertAddressRange(tx: Transaction, row: AddressRangeRow): Promise<void> {
  await tx.insertInto('addressRanges').values(row).execute();
}

export async function selectAddressRange(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<AddressRangeRow | undefined> {
  return db
    .selectFrom('addressRanges')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export async function deleteAddressRange(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('addressRanges').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function selectAddressRanges(db: Queryable, organizationId?: string): Promise<AddressRangeRow[]> {
  let query = db.selectFrom('addressRanges').selectAll().orderBy('range');
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return query.execute();
}
