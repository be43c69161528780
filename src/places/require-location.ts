import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { isOutOfReach } from './change-places.ts';
import { type LocationRow, selectLocation } from './location-records.ts';

/**
 * The location, if the scope may use it. Throws `gone` for one that was removed, `not-found` for one of another organization, and in
 * the same words for one that is not among the administrator's. `select` may lock the row.
 */
export async function requireLocationRow<Db extends Queryable>(
  db: Db,
  scope: Scope,
  id: string,
  select: (db: Db, organizationId: string, id: string) => Promise<LocationRow | undefined> = selectLocation,
): Promise<LocationRow> {
  const { organizationId } = scope;
  if (isOutOfReach(scope, id)) throw missing(false, `location ${id}`);
  const row = isUuid(id) ? await select(db, organizationId, id) : undefined;
  if (row === undefined) {
    throw missing(await wasRemoved(db, { organizationId, kind: 'location', id }), `location ${id}`);
  }
  return row;
}
