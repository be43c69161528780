import type { Scope } from '../domain/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { type AuditRow, insertAuditRow, selectAuditRows } from './audit-records.ts';

/** Who acts: a request's scope, or a name for what the platform does by itself. */
export type Actor = Pick<Scope, 'tokenId' | 'trackingId'> & { organizationId: string | null };

export type AuditEntry = {
  /** `account.created`, `location.stage-completed` … */
  action: string;
  /** What was changed: `location <uuid>`. */
  subject: string;
  /** Before and after, never a secret. */
  detail?: Record<string, unknown>;
};

/** The append-only trail: who changed what, when; written in the transaction of the change. */
export type Audit = {
  record(tx: Transaction, actor: Actor, entry: AuditEntry): Promise<void>;
  list(
    organizationId: string,
    options: { max: number; beforeSequence?: string | undefined },
  ): Promise<(AuditRow & { sequence: string })[]>;
};

export function createAudit(deps: { database: Database; clock: Clock }): Audit {
  return {
    record: (tx, actor, entry) =>
      insertAuditRow(tx, {
        organizationId: actor.organizationId,
        at: new Date(deps.clock.nowMs()),
        actor: actor.tokenId,
        action: entry.action,
        subject: entry.subject,
        detail: entry.detail ?? {},
        trackingId: actor.trackingId,
      }),
    list: (organizationId, options) => selectAuditRows(deps.database.db, organizationId, options),
  };
}
