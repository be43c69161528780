import { sql } from 'kysely';
import type { Queryable, Transaction } from './database.ts';

/** The kinds of things whose removal is remembered. */
export type RemovedKind =
  | 'location'
  /** Calling at a location; the location stays. */
  | 'calling'
  | 'response-location'
  | 'building'
  | 'person'
  | 'workspace'
  | 'virtual-line'
  | 'hunt-group'
  | 'number'
  | 'emergency-address'
  | 'wire-map-element'
  | 'address-range'
  | 'held-certificate'
  | 'trunk'
  | 'alert-connection'
  | 'alert-recipient'
  | 'alert-group'
  | 'alert-rule'
  | 'push-subscription'
  | 'token';

/** A thing by the organization that had it; `id` in any case (UUID, E.164). */
export type RemovedResource = { organizationId: string; kind: RemovedKind; id: string };

/** How long a removed thing is answered with "gone"; afterwards it is as unknown as any other id. */
export const REMOVAL_KEPT_DAYS = 365;

/** Remembers, in the transaction that removes it, that a thing was there; forgets what the organization removed long ago. */
export function recordRemoval(tx: Transaction, { organizationId, kind, id }: RemovedResource): Promise<void> {
  return recordRemovals(tx, { organizationId, kind, ids: [id] });
}

/** The same for many at once, at most some thousand. */
export async function recordRemovals(
  tx: Transaction,
  { organizationId, kind, ids }: Omit<RemovedResource, 'id'> & { ids: readonly string[] },
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .insertInto('removedResources')
    .values(ids.map((id) => ({ organizationId, kind, id: id.toLowerCase() })))
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'kind', 'id']).doUpdateSet({ removedAt: sql<Date>`now()` }),
    )
    .execute();
  await tx
    .deleteFrom('removedResources')
    .where('organizationId', '=', organizationId)
    .where('removedAt', '<', sql<Date>`now() - make_interval(days => ${REMOVAL_KEPT_DAYS})`)
    .execute();
}

/** Whether this organization had the thing and removed it; what another one removed is not told. */
export async function wasRemoved(db: Queryable, { organizationId, kind, id }: RemovedResource): Promise<boolean> {
  // No text column holds what an address may hold (NUL), and no id of ours is this long.
  if (id.length > 128 || id.includes('\0')) return false;
  const row = await db
    .selectFrom('removedResources')
    .select('removedAt')
    .where('organizationId', '=', organizationId)
    .where('kind', '=', kind)
    .where('id', '=', id.toLowerCase())
    .where('removedAt', '>=', sql<Date>`now() - make_interval(days => ${REMOVAL_KEPT_DAYS})`)
    .executeTakeFirst();
  return row !== undefined;
}
