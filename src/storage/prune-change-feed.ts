import { sql } from 'kysely';
import type { Queryable } from './database.ts';

/** How long every single change stays in the feed. */
export const CHANGES_KEPT_HOURS = 24;

/**
 * Forgets old changes after which the same kind of the same organization changed again; gives how many. Since the newest of
 * each stays, a follower that was away for any time still learns of everything that changed, and the feed never holds more
 * than a day's changes and one for every organization and kind.
 */
export async function pruneChangeFeed(db: Queryable): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from change_feed old using (
      select organization_id, kind, max(sequence) as sequence from change_feed group by organization_id, kind
    ) as newest
    where old.kind = newest.kind and old.organization_id is not distinct from newest.organization_id
      and old.sequence < newest.sequence and old.at < now() - make_interval(hours => ${CHANGES_KEPT_HOURS})`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}
