import type { Queryable, Transaction } from '../storage/database.ts';

export type RevocationRow = { organizationId: string; referenceId: string; expiresAt: Date; revokedAt: Date };

export async function insertRevocation(tx: Transaction, row: RevocationRow): Promise<void> {
  await tx
    .insertInto('locationUriRevocations')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organizationId', 'referenceId']).doNothing())
    .execute();
}

/** Revocations of what has expired since say nothing any more. */
export async function deleteExpiredRevocations(tx: Transaction, organizationId: string, now: Date): Promise<void> {
  await tx
    .deleteFrom('locationUriRevocations')
    .where('organizationId', '=', organizationId)
    .where('expiresAt', '<', now)
    .execute();
}

export async function selectRevocations(
  db: Queryable,
  organizationId?: string,
): Promise<{ organizationId: string; referenceId: string }[]> {
  let query = db.selectFrom('locationUriRevocations').select(['organizationId', 'referenceId']);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return query.execute();
}
