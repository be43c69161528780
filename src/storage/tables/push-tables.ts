import type { JSONColumnType } from 'kysely';

export interface PushTables {
  /** Browsers that are told by push (RFC 8030); each once per organization. */
  pushSubscriptions: {
    id: string;
    organizationId: string;
    label: string;
    subscribedBy: string;
    endpoint: string;
    /** SHA-256 of the endpoint: that is too long for a key. */
    endpointHash: string;
    p256dh: string;
    auth: string;
    /** null: every location. */
    locationIds: JSONColumnType<string[] | null, string | null, string | null>;
    minSeverity: string;
    createdAt: Date;
    expiresAt: Date;
  };
}
