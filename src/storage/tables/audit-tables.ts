import type { Generated, JSONColumnType } from 'kysely';

type StoredJson = JSONColumnType<Record<string, unknown> | null, string | null, never>;

export interface AuditTables {
  auditEntries: {
    sequence: Generated<string>;
    /** null = the change is one of the platform. */
    organizationId: string | null;
    at: Date;
    /** Token id, `operator`, `invitation` or `system`. */
    actor: string;
    /** What that was called, for somebody of the organization itself: partners and operators are known by role and organization. */
    actorLabel: string | null;
    actorRole: string | null;
    /** The organization that the actor belongs to; differs from `organizationId` for partners and operators. */
    actorOrganizationId: string | null;
    /** Where the request came from, as seen behind the configured proxies; null = the platform by itself. */
    remoteAddress: string | null;
    action: string;
    subject: string;
    before: StoredJson;
    after: StoredJson;
    detail: JSONColumnType<Record<string, unknown>, string, never>;
    trackingId: string | null;
  };
}
