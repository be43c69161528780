import type { CallRecord } from '../domain/call-record.ts';
import type { MailJob } from '../domain/mail-job.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
import type { Receipt } from './receipt.ts';
import type { Recipient } from './recipient.ts';

export type {
  LocationNotification,
  LocationNotificationPatch,
  LocationNotificationView,
  OrganizationNotification,
  OrganizationNotificationPatch,
} from './notification-settings.ts';
export type { Receipt, ReceiptState } from './receipt.ts';
export type { Recipient, RecipientReason } from './recipient.ts';

/** Public face of NOTIFY: who is told of a call, durably sent mail, and receipts of it. */
export type Alerts = {
  readonly snapshots: readonly Snapshot<unknown>[];

  readOrganizationSettings(scope: Scope): Promise<OrganizationNotification>;
  /** Problems: `invalid` (`/emailAddress`). */
  updateOrganizationSettings(scope: Scope, patch: OrganizationNotificationPatch): Promise<OrganizationNotification>;
  /** Problems: `not-found` when the organization has no such location. */
  readLocationSettings(scope: Scope, locationId: string): Promise<LocationNotificationView>;
  /** Problems: `not-found`, `invalid` (`/emailAddress`). */
  updateLocationSettings(
    scope: Scope,
    locationId: string,
    patch: LocationNotificationPatch,
  ): Promise<LocationNotification>;

  /** From memory: everybody who is told of a call, each address once, with the reasons. */
  recipientsFor(organizationId: string, locationId: string | null, erlId: string | null): readonly Recipient[];

  /**
   * Enqueues one mail per recipient in the caller's transaction, which also holds the call record. Idempotent by call and
   * recipient: a mail that exists, or that the essential path has sent, is not enqueued again.
   * Problems: `unavailable` while the job queue has not started; the transaction must then be tried again.
   */
  enqueueCallAlerts(tx: Transaction, record: CallRecord): Promise<void>;
  /** Enqueues one mail in the caller's transaction. Problems: `unavailable`, as above. */
  enqueueMail(tx: Transaction, mail: MailJob): Promise<void>;
  /**
   * Sends the alert mails of a call without the database (decision 18). Resolves when every recipient's mail was accepted,
   * a durable job has taken over, or trying ended; never rejects. Safe to call again for the same call, also after a restart.
   */
  sendEssential(record: CallRecord): Promise<void>;

  /** Everything that was sent about one call, to whom and when. */
  listReceipts(scope: Scope, callId: string): Promise<Receipt[]>;
  /** Mails that failed and are tried again, or were given up: newest first. */
  listTroubled(scope: Scope, max: number): Promise<Receipt[]>;

  /** Starts the job queue as soon as the database answers and goes on trying until then; resolves at once. */
  startWorker(): Promise<void>;
  /** True once jobs can be enqueued. */
  queueReady(): boolean;
  /** Ends sending in an orderly way: mails under way get a moment to finish. */
  stop(): Promise<void>;
};
