import type { AlertSeverity } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { sha256Hex } from '../../support/ids.ts';
import type { PushSubscription } from './push-subscription.ts';

/** Stores a subscription; a browser that the organization has already is replaced and keeps its id, which is given. */
export async function saveSubscription(tx: Transaction, subscription: PushSubscription): Promise<string> {
  const { id, organizationId, endpoint, createdAt, expiresAt, locationIds, ...rest } = subscription;
  const set = {
    ...rest,
    locationIds: locationIds === null ? null : JSON.stringify(locationIds),
    expiresAt: new Date(expiresAt),
  };
  const row = await tx
    .insertInto('pushSubscriptions')
    .values({
      id,
      organizationId,
      endpoint,
      endpointHash: sha256Hex(endpoint),
      createdAt: new Date(createdAt),
      ...set,
    })
    .onConflict((conflict) => conflict.columns(['organizationId', 'endpointHash']).doUpdateSet(set))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

function subscriptions(db: Queryable) {
  return db.selectFrom('pushSubscriptions').selectAll();
}

type Row = Awaited<ReturnType<ReturnType<typeof subscriptions>['execute']>>[number];

function subscriptionOf({ endpointHash: _endpointHash, ...row }: Row): PushSubscription {
  return {
    ...row,
    minSeverity: row.minSeverity as AlertSeverity,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

/** Of all organizations, or one; those that ended are left out. */
export async function selectSubscriptions(
  db: Queryable,
  now: Date,
  organizationId?: string,
): Promise<PushSubscription[]> {
  let query = subscriptions(db).where('expiresAt', '>', now);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return (await query.orderBy('createdAt').orderBy('id').execute()).map(subscriptionOf);
}

export async function selectSubscription(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<PushSubscription | undefined> {
  const row = await subscriptions(db)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && subscriptionOf(row);
}

export async function countSubscriptions(db: Queryable, organizationId: string): Promise<number> {
  const row = await db
    .selectFrom('pushSubscriptions')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Whether it was there. */
export async function deleteSubscription(tx: Transaction, organizationId: string, id: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('pushSubscriptions')
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Takes away those of an organization that have ended. */
export async function deleteEndedSubscriptions(tx: Transaction, organizationId: string, now: Date): Promise<void> {
  await tx
    .deleteFrom('pushSubscriptions')
    .where('organizationId', '=', organizationId)
    .where('expiresAt', '<=', now)
    .execute();
}
