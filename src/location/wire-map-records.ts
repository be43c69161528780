import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { LocationTables } from '../storage/tables/location-tables.ts';
import type { ElementKey, ElementKind } from './wire-map-element.ts';

export type ElementRow = Selectable<LocationTables['wireMapElements']>;
export type AddressRangeRow = Selectable<LocationTables['addressRanges']>;

export type Window = { start: number; max: number };

export type ElementQuery = {
  kind?: ElementKind | undefined;
  responseLocationIds?: readonly string[] | undefined;
  /** Part of value, port or description, in any case. */
  text?: string | undefined;
  /** Only what was there before and has located nobody since. */
  unseenSince?: Date | undefined;
};

// One writer at a time per organization: an import compares with what is stored and must not be overtaken.
const WIRE_MAP_LOCK = 911_000_004;
const LONGEST_WAIT = '10s';

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

export async function selectElements(
  db: Queryable,
  organizationId: string,
  filter: ElementQuery,
  window: Window,
): Promise<{ rows: ElementRow[]; total: number }> {
  let query = db
    .selectFrom('wireMapElements')
    .where('organizationId', '=', organizationId)
    .where(inForce(organizationId));
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.responseLocationIds !== undefined) {
    query = query.where('responseLocationId', 'in', filter.responseLocationIds);
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
  if (filter.text !== undefined) {
    const pattern = `%${filter.text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        eb('value', 'like', pattern),
        eb('port', 'like', pattern),
        eb(eb.fn<string>('lower', ['description']), 'like', pattern),
      ]),
    );
  }
  const ordered = query.selectAll().orderBy('kind').orderBy('value').orderBy('port');
  const rows = await ordered.limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

const PAGE = 5_000;

/** Every element of an organization by kind, value, port; in pages, so that nobody waits long. */
export async function* readElementPages(db: Queryable, organizationId: string): AsyncGenerator<ElementRow[]> {
  let last: ElementRow | undefined;
  for (;;) {
    let query = db
      .selectFrom('wireMapElements')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .where(inForce(organizationId))
      .orderBy('organizationId')
      .orderBy('kind')
      .orderBy('value')
      .orderBy('port')
      .limit(PAGE);
    if (last !== undefined) {
      const { kind, value, port } = last;
      query = query.where((eb) => eb(eb.refTuple('kind', 'value', 'port'), '>', eb.tuple(kind, value, port)));
    }
    const rows = await query.execute();
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
