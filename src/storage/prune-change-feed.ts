import { sql } from 'kysely';
import type { Queryable } from './database.ts';

/** How long every single change stays in the feed. */
export const CHANGES_KEPT_HOURS = 24;

/** So many changes are looked at in one statement: what waits for the database gets its turn in between. */
const SLICE = 2_000;

type Slice = { reached: string | null; forgotten: string };

async function pruneSlice(db: Queryable, after: string): Promise<Slice> {
  // Two subqueries instead of `is not distinct from`: each is one step in the index by organization.
  const { rows } = await sql<Slice>`
    with slice as (
      select sequence, kind, organization_id from change_feed
      where sequence > ${after} and at < now() - make_interval(hours => ${CHANGES_KEPT_HOURS})
      order by sequence limit ${SLICE}
    ), gone as (
      delete from change_feed old using slice
      where old.sequence = slice.sequence and case
        when slice.organization_id is null then exists (
          select from change_feed newer
          where newer.organization_id is null and newer.kind = slice.kind and newer.sequence > slice.sequence)
        else exists (
          select from change_feed newer
          where newer.organization_id = slice.organization_id and newer.kind = slice.kind
            and newer.sequence > slice.sequence)
        end
      returning old.kind, old.organization_id
    ), heirs as (
      -- Who was away for the forgotten ones learns of them by the newest, which then has to stand for anything.
      update change_feed heir set touched = null
      from (select distinct kind, organization_id from gone) as forgotten
      where heir.touched is not null and heir.organization_id = forgotten.organization_id and heir.kind = forgotten.kind
        and heir.sequence = (
          select max(newest.sequence) from change_feed newest
          where newest.organization_id = forgotten.organization_id and newest.kind = forgotten.kind)
    )
    select (select max(sequence) from slice) as reached, (select count(*) from gone) as forgotten`.execute(db);
  return rows[0] ?? { reached: null, forgotten: '0' };
}

/**
 * Forgets old changes after which the same kind of the same organization changed again; gives how many. Since the newest of
 * each stays, a follower that was away for any time still learns of everything that changed, and the feed never holds more
 * than a day's changes and one for every organization and kind.
 */
export async function pruneChangeFeed(db: Queryable): Promise<number> {
  let forgotten = 0;
  let after: string | null = '0';
  while (after !== null) {
    const slice: Slice = await pruneSlice(db, after);
    forgotten += Number(slice.forgotten);
    after = slice.reached;
  }
  return forgotten;
}
