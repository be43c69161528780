import type { Generated, JSONColumnType } from 'kysely';

export interface AuditTables {
  auditEntries: {
    sequence: Generated<string>;
    organizationId: string | null;
    at: Date;
    /** Token id, `operator`, `invitation` or `system`. */
    actor: string;
    action: string;
    subject: string;
    detail: JSONColumnType<Record<string, unknown>, string, never>;
    trackingId: string | null;
  };
}
