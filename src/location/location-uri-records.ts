import type { Queryable, Transaction } from '../storage/database.ts';

export type RevocationRow = { organizationId: string; referenceId: string; expiresAt: Date; revokedAt: Date };

/** Stores key material unless another node was first. */
export async function insertSecretOnce(db: Queryable, name: string, value: string): Promise<void> {
  await db
    .insertInto('platformSecrets')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

export async function selectSecrets(db: Queryable, prefix: string): Promise<{ name: string; value: string }[]> {
  return db
    .selectFrom('platformSecrets')
    .select(['name', 'value'])
    .where('name', 'like', `${prefix}%`)
    .orderBy('name')
    .execute();
}

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
