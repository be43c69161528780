import { sql } from 'kysely';
import { anyId } from '../storage/conditions.ts';
import type { Queryable } from '../storage/database.ts';
import { sorted } from '../storage/sorted.ts';
import type { Window } from '../storage/window.ts';
import type { SearchPage } from './search-texts.ts';
import { ELEMENT_ORDERS, type ElementPage, type ElementQuery, filteredElements } from './wire-map-records.ts';

const PAGE = 5_000;

/** What is searched of every element that holds in a revision and was not written since, in the order of the wire map. */
export async function* readSearchPages(
  db: Queryable,
  organizationId: string,
  revision: number,
): AsyncGenerator<SearchPage[]> {
  type Key = [string, string, string, number];
  let last: Key | undefined;
  for (;;) {
    const after =
      last === undefined
        ? sql`true`
        : sql`(kind, value, port, ended_revision) > (${last[0]}, ${last[1]}, ${last[2]}, ${last[3]}::int)`;
    const { rows } = await sql<{ read: number; last: Key | null } & (SearchPage | { kind: null })>`
      with page as materialized (
        select id, kind, value, port, description, revision, ended_revision from wire_map_elements
        where organization_id = ${organizationId} and ${after}
        order by organization_id, kind, value, port, ended_revision limit ${PAGE}
      ), whole as (
        select count(*)::int as read,
          (select json_build_array(kind, value, port, ended_revision) from page
            order by kind desc, value desc, port desc, ended_revision desc limit 1) as last
        from page
      ), texts as (
        select kind, count(*)::int as count,
          string_agg(replace(id::text, '-', ''), '' order by value, port) as ids,
          string_agg(value || chr(9) || port || chr(9) || lower(description), chr(10) order by value, port) as lines
        from page where revision <= ${revision} and ended_revision > ${revision}
        group by kind
      )
      select whole.*, texts.* from whole left join texts on true order by texts.kind`.execute(db);
    const found: SearchPage[] = [];
    for (const row of rows) if (row.kind !== null) found.push(row);
    if (found.length > 0) yield found;
    last = rows[0]?.last ?? undefined;
    if (last === undefined || (rows[0]?.read ?? 0) < PAGE) return;
  }
}

/** What happened to a wire map since a revision; null where that is no longer known whole. */
export async function selectChangesSince(
  db: Queryable,
  organizationId: string,
  revision: number,
): Promise<{ added: number; gone: number } | null> {
  const { rows } = await sql<{ newest: number; revisions: number; added: number; gone: number }>`
    select coalesce(max(revision), ${revision}::int) as newest, count(*)::int as revisions,
      coalesce(sum(added), 0)::int as added, coalesce(sum(changed + removed), 0)::int as gone
    from wire_map_revisions where organization_id = ${organizationId} and revision > ${revision}`.execute(db);
  const [one] = rows;
  return one === undefined || one.newest - revision !== one.revisions ? null : one;
}

/** Which elements a search has left: those of these ids, and whatever was written after a revision. */
export type Candidates = { ids: readonly string[]; since: number };

/** One page of the candidates that are in force and that the filter leaves. */
export async function selectCandidates(
  db: Queryable,
  organizationId: string,
  filter: ElementQuery,
  { ids, since }: Candidates,
  { start, max }: Window,
): Promise<ElementPage> {
  const found = filteredElements(db, organizationId, filter)
    .selectAll()
    .where('id', '=', anyId(ids))
    .where('wireMapElements.revision', '<=', since);
  const written = filteredElements(db, organizationId, filter)
    .selectAll()
    .where('wireMapElements.revision', '>', since);
  // Materialized: with an order to be kept the planner may walk the whole wire map in it.
  const candidates = db
    .with(
      (cte) => cte('candidates').materialized(),
      () => found.unionAll(written),
    )
    .selectFrom('candidates')
    .selectAll();
  const rows = await sorted(candidates, filter.sort ?? 'kind', ELEMENT_ORDERS, [])
    .limit(max + 1)
    .offset(start)
    .execute();
  return { rows: rows.slice(0, max), hasMore: rows.length > max };
}

/** Whether an organization has more elements than that. */
export async function hasMoreElements(db: Queryable, organizationId: string, count: number): Promise<boolean> {
  const row = await db
    .selectFrom('wireMapElements')
    .select('id')
    .where('organizationId', '=', organizationId)
    .offset(count)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
