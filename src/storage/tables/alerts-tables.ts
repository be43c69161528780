import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** A jsonb column that is written once, when its row is. */
type InsertedJson<Value> = JSONColumnType<Value & object, string, never>;

export interface AlertsTables {
  /** Emergency call notification of an organization (contract section 5); no row = everything off. */
  organizationNotifications: {
    organizationId: string;
    enabled: boolean;
    allLocations: boolean;
    emailAddress: string | null;
    updatedAt: Date;
  };
  /** The same of one location. */
  locationNotifications: {
    organizationId: string;
    locationId: string;
    enabled: boolean;
    emailAddress: string | null;
    updatedAt: Date;
  };
  /** One row per message: to whom, about what, and what became of it; it is the message's job, too. */
  alertReceipts: {
    /** Hash of (subject, endpoint, kind): the same message has the same key on every path, node and start (decision 18). */
    key: string;
    organizationId: string | null;
    callId: string | null;
    kind: string;
    channel: string;
    /** An address, a number, the name of a connection. */
    recipient: string;
    recipientId: string | null;
    incidentId: string | null;
    severity: string;
    /** The endpoint's text in `key`; empty where it was sent without the database. */
    endpoint: string;
    /** What is to be sent, as JSON; null once it was taken. */
    message: string | null;
    /** When it may be begun by whoever looks; null: it is done. */
    dueAt: Date | null;
    /** When somebody last had it sent again. */
    resentAt: Date | null;
    /** Which node has taken it until then. */
    node: string | null;
    reasons: InsertedJson<readonly string[]>;
    messageId: string;
    /** `queued`, `accepted`, `failed` (will be tried again), `exhausted` (will not). */
    state: string;
    attempts: Generated<number>;
    queuedAt: Date;
    lastAttemptAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
    acceptedAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
    response: ColumnType<string | null, string | null | undefined, string | null>;
    lastError: ColumnType<string | null, string | null | undefined, string | null>;
  };
}
