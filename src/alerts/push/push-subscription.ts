import type { AlertSeverity } from '../../domain/alert-trigger.ts';

/** A browser that asked to be told by push (RFC 8030), and of what. */
export type PushSubscription = {
  id: string;
  organizationId: string;
  /** What lists and receipts show: `Front desk`. */
  label: string;
  /** Who asked: the label of the token, or the id of the person. */
  subscribedBy: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  /** Told of occasions at these locations; null: of every one, also those whose place is not known. */
  locationIds: readonly string[] | null;
  /** Told of this severity and weightier ones. */
  minSeverity: AlertSeverity;
  /** ISO 8601. */
  createdAt: string;
  /** When it ends unless the browser asks again, ISO 8601. */
  expiresAt: string;
};

/** As the API shows it: where to send and the keys stay here. */
export type PushSubscriptionView = Omit<PushSubscription, 'organizationId' | 'endpoint' | 'p256dh' | 'auth'> & {
  /** Host of the push service, by which the browser's maker is known. */
  service: string;
};

export type NewPushSubscription = {
  endpoint: string;
  keys: { p256dh: string; auth: string };
  label?: string | undefined;
  locationIds?: readonly string[] | null | undefined;
  minSeverity?: AlertSeverity | undefined;
};
