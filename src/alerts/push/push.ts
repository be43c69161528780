import type { Audit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Places } from '../../places/places.ts';
import type { Database } from '../../storage/database.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { createSubscriptionManagement } from './manage-push-subscriptions.ts';
import type { NewPushSubscription, PushSubscription, PushSubscriptionView } from './push-subscription.ts';
import { pushSubscriptionSnapshotDefinition } from './push-subscription-snapshot.ts';
import { subscribersTold } from './subscribers-told.ts';
import type { VapidKey } from './vapid-key.ts';
import { vapidKeySnapshotDefinition } from './vapid-key-snapshot.ts';

export type { NewPushSubscription, PushSubscription, PushSubscriptionView } from './push-subscription.ts';

/** Browsers that are told by push (RFC 8030). */
export type Push = {
  readonly snapshots: readonly Snapshot<unknown>[];
  /** With what browsers subscribe (`applicationServerKey`, RFC 8292 §3.2). Problems: `unavailable` until the key is there. */
  publicKey(): string;
  /** The same browser again keeps its id and is told until later. Problems: `invalid` (every field), `conflict` (too many). */
  subscribe(scope: Scope, wanted: NewPushSubscription): Promise<PushSubscriptionView>;
  /** Those that are told of no more than the asker may see. */
  list(scope: Scope): Promise<PushSubscriptionView[]>;
  /** Problems: `not-found`, `gone`. */
  unsubscribe(scope: Scope, id: string): Promise<void>;
  /** From memory: the browsers that asked to be told of this; never throws. */
  told(occasion: AlertOccasion): readonly ToldRecipient[];

  /** For the sender, from memory. */
  key(): VapidKey | undefined;
  find(organizationId: string, id: string): PushSubscription | undefined;
  /** The push service no longer knows it: it is told nothing more, and taken away as soon as the database takes that. Never rejects. */
  gone(subscription: PushSubscription): Promise<void>;
};

export type PushDeps = {
  database: Database;
  audit: Audit;
  places: Pick<Places, 'location'>;
  clock: Clock;
  logger: Logger;
  snapshotFolder: string | undefined;
};

const REMEMBERED_GONE = 5_000;

export function createPush(deps: PushDeps): Push {
  const { database, clock, logger } = deps;
  const store = { folder: deps.snapshotFolder, logger };
  const keys = createSnapshot(store, vapidKeySnapshotDefinition(database));
  const subscriptions = createSnapshot(store, pushSubscriptionSnapshotDefinition(database, clock));
  const management = createSubscriptionManagement(deps);
  // While the database is away: by what the service knows a browser, since the id is that of the next subscription too.
  const endpointsGone = new BoundedMap<string, true>(REMEMBERED_GONE);
  const isThere = ({ endpoint }: PushSubscription): boolean => endpointsGone.get(endpoint) === undefined;

  return {
    snapshots: [keys, subscriptions],
    publicKey() {
      const key = keys.current();
      if (!key) throw new ProblemError('unavailable', 'the key for push messages is not made yet');
      return key.publicKey;
    },
    subscribe: (scope, wanted) => management.subscribe(scope, wanted),
    list: (scope) => management.list(scope),
    unsubscribe: (scope, id) => management.unsubscribe(scope, id),
    told: (occasion) =>
      subscribersTold(
        subscriptions.current().ofOrganization(occasion.organizationId).filter(isThere),
        occasion,
        clock.nowMs(),
      ),
    key: () => keys.current(),
    find(organizationId, id) {
      const found = subscriptions.current().find(organizationId, id);
      return found && isThere(found) ? found : undefined;
    },
    async gone(subscription) {
      endpointsGone.set(subscription.endpoint, true);
      try {
        await management.forget(subscription);
      } catch (error) {
        logger.warn(
          { err: errorText(error), subscription: subscription.id },
          'a push subscription is taken away later',
        );
      }
    },
  };
}
