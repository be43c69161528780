import type { Database } from '../../storage/database.ts';
import type { SnapshotDefinition } from '../../storage/snapshot.ts';
import type { Clock } from '../../support/clock.ts';
import type { PushSubscription } from './push-subscription.ts';
import { selectSubscriptions } from './push-subscription-records.ts';

/** Every browser that wants to be told, in memory and on disk, so that it is told without the database. */
export type PushSubscriptionIndex = {
  ofOrganization(organizationId: string): readonly PushSubscription[];
  find(organizationId: string, id: string): PushSubscription | undefined;
};

export function pushSubscriptionSnapshotDefinition(
  database: Database,
  clock: Pick<Clock, 'nowMs'>,
): SnapshotDefinition<PushSubscription[], PushSubscriptionIndex> {
  return {
    name: 'push-subscriptions',
    version: 1,
    kinds: ['push-subscriptions'],
    async loadAll() {
      const all = await selectSubscriptions(database.db, new Date(clock.nowMs()));
      return Map.groupBy(all, ({ organizationId }) => organizationId);
    },
    async loadOne(organizationId) {
      const own = await selectSubscriptions(database.db, new Date(clock.nowMs()), organizationId);
      return own.length === 0 ? null : own;
    },
    build: (rows) => ({
      ofOrganization: (organizationId) => rows.get(organizationId) ?? [],
      find: (organizationId, id) => rows.get(organizationId)?.find((one) => one.id === id),
    }),
  };
}
