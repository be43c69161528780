import type { Queryable, Transaction } from '../storage/database.ts';

export type AuditRow = {
  organizationId: string | null;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  trackingId: string | null;
};

export async function insertAuditRow(tx: Transaction, row: AuditRow): Promise<void> {
  await tx
    .insertInto('auditEntries')
    .values({ ...row, detail: JSON.stringify(row.detail) })
    .execute();
}

/** Newest first; `beforeSequence` continues a page. */
export async function selectAuditRows(
  db: Queryable,
  organizationId: string,
  options: { max: number; beforeSequence?: string | undefined },
): Promise<(AuditRow & { sequence: string })[]> {
  let query = db
    .selectFrom('auditEntries')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .orderBy('sequence', 'desc')
    .limit(options.max);
  if (options.beforeSequence !== undefined) query = query.where('sequence', '<', options.beforeSequence);
  return query.execute();
}
