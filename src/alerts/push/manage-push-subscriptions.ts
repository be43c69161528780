import type { Audit } from '../../audit/audit.ts';
import { ALERT_SEVERITIES } from '../../domain/alert-trigger.ts';
import { invalidField, missing, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Places } from '../../places/places.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import { recordRemoval, wasRemoved } from '../../storage/removed-resources.ts';
import type { Clock } from '../../support/clock.ts';
import { isUuid, newId } from '../../support/ids.ts';
import { isPushKey } from './encrypt-push.ts';
import type { NewPushSubscription, PushSubscription, PushSubscriptionView } from './push-subscription.ts';
import {
  countSubscriptions,
  deleteEndedSubscriptions,
  deleteSubscription,
  saveSubscription,
  selectSubscription,
  selectSubscriptions,
} from './push-subscription-records.ts';

const DAY_MS = 86_400_000;
/** A desk asks again whenever it opens; a browser that nobody opens any more is forgotten. */
const LIFETIME_MS = 60 * DAY_MS;
const MAX_OF_ORGANIZATION = 500;
const MAX_ENDPOINT = 2_048;
const AUTH_BYTES = 16;

type ManageDeps = {
  database: Database;
  audit: Audit;
  clock: Pick<Clock, 'nowMs'>;
  places: Pick<Places, 'location'>;
};

export function viewOf(subscription: PushSubscription): PushSubscriptionView {
  const { organizationId: _o, endpoint, p256dh: _p, auth: _a, ...view } = subscription;
  return { ...view, service: new URL(endpoint).host };
}

function readEndpoint(text: string): string {
  const url = text.length > MAX_ENDPOINT ? null : URL.parse(text);
  // RFC 8030 §8: push resources are reached over TLS alone.
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw invalidField('endpoint', 'expected the https URL of a push service');
  }
  return url.href;
}

/** Browsers that asked to be told by push. */
export function createSubscriptionManagement({ database, audit, clock, places }: ManageDeps) {
  /** Which locations a browser is told of: never more than its token reaches. */
  function readLocations(scope: Scope, wanted: readonly string[] | null | undefined): readonly string[] | null {
    if (wanted === undefined || wanted === null) return scope.locationIds ? [...scope.locationIds].sort() : null;
    const ids = [...new Set(wanted.map((id) => id.toLowerCase()))].sort();
    for (const id of ids) {
      const mayReach = scope.locationIds === undefined || scope.locationIds.has(id);
      if (!mayReach || !isUuid(id) || !places.location(scope.organizationId, id)) {
        throw invalidField('locationIds', `there is no location ${id}`);
      }
    }
    if (ids.length === 0) throw invalidField('locationIds', 'expected at least one location, or null for all');
    return ids;
  }

  function readSubscription(scope: Scope, wanted: NewPushSubscription): PushSubscription {
    const nowMs = clock.nowMs();
    const { p256dh, auth } = wanted.keys;
    if (!isPushKey(p256dh)) throw invalidField('keys/p256dh', 'expected an uncompressed point of P-256 in base64url');
    if (Buffer.from(auth, 'base64url').length !== AUTH_BYTES) {
      throw invalidField('keys/auth', `expected ${AUTH_BYTES} octets in base64url`);
    }
    return {
      id: newId(),
      organizationId: scope.organizationId,
      label: wanted.label?.trim() || 'A browser',
      subscribedBy: scope.personId ?? scope.label ?? 'a token',
      endpoint: readEndpoint(wanted.endpoint),
      p256dh,
      auth,
      locationIds: readLocations(scope, wanted.locationIds),
      minSeverity: wanted.minSeverity ?? ALERT_SEVERITIES[1],
      createdAt: new Date(nowMs).toISOString(),
      // Whoever may look no longer is told no longer.
      expiresAt: new Date(Math.min(nowMs + LIFETIME_MS, scope.expiresAtMs ?? Number.POSITIVE_INFINITY)).toISOString(),
    };
  }

  /** A location administrator manages the browsers that are told of their locations alone. */
  function mayManage({ locationIds }: Scope, subscription: PushSubscription): boolean {
    if (locationIds === undefined) return true;
    return subscription.locationIds !== null && subscription.locationIds.every((id) => locationIds.has(id));
  }

  async function remove(tx: Transaction, subscription: PushSubscription): Promise<boolean> {
    const { organizationId, id } = subscription;
    if (!(await deleteSubscription(tx, organizationId, id))) return false;
    await recordRemoval(tx, { organizationId, kind: 'push-subscription', id });
    return true;
  }

  return {
    /** The same browser again keeps its id and is told until later. Problems: `invalid` (every field), `conflict` (too many). */
    async subscribe(scope: Scope, wanted: NewPushSubscription): Promise<PushSubscriptionView> {
      const subscription = readSubscription(scope, wanted);
      const { organizationId } = scope;
      return database.db.transaction().execute(async (tx) => {
        await deleteEndedSubscriptions(tx, organizationId, new Date(clock.nowMs()));
        if ((await countSubscriptions(tx, organizationId)) >= MAX_OF_ORGANIZATION) {
          throw new ProblemError(
            'conflict',
            `the organization has ${MAX_OF_ORGANIZATION} browsers that are told already`,
          );
        }
        const id = await saveSubscription(tx, subscription);
        const view = viewOf({ ...subscription, id });
        await audit.record(tx, scope, {
          action: 'push-subscription.saved',
          subject: `push subscription ${id}`,
          after: view,
        });
        await announceChange(tx, 'push-subscriptions', organizationId);
        return view;
      });
    },
    async list(scope: Scope): Promise<PushSubscriptionView[]> {
      const own = await selectSubscriptions(database.db, new Date(clock.nowMs()), scope.organizationId);
      return own.filter((one) => mayManage(scope, one)).map(viewOf);
    },
    /** Problems: `not-found`, `gone`. */
    async unsubscribe(scope: Scope, id: string): Promise<void> {
      const { organizationId } = scope;
      await database.db.transaction().execute(async (tx) => {
        const before = isUuid(id) ? await selectSubscription(tx, organizationId, id) : undefined;
        if (!before || !mayManage(scope, before)) {
          const removed = await wasRemoved(tx, { organizationId, kind: 'push-subscription', id });
          throw missing(removed, `push subscription ${id}`);
        }
        await remove(tx, before);
        await audit.record(tx, scope, {
          action: 'push-subscription.removed',
          subject: `push subscription ${id}`,
          before: viewOf(before),
        });
        await announceChange(tx, 'push-subscriptions', organizationId);
      });
    },
    /** Takes away a subscription that its push service no longer knows (RFC 8030 §7.3). */
    async forget(subscription: PushSubscription): Promise<void> {
      await database.db.transaction().execute(async (tx) => {
        if (await remove(tx, subscription)) {
          await announceChange(tx, 'push-subscriptions', subscription.organizationId);
        }
      });
    },
  };
}
