import type { Queryable, Transaction } from '../storage/database.ts';

export type TokenRow = {
  id: string;
  organizationId: string;
  label: string;
  role: string;
  scopes: string[];
  locationIds: string[] | null;
  partnerId: string | null;
  personId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
};

const COLUMNS = [
  'id',
  'organizationId',
  'label',
  'role',
  'scopes',
  'locationIds',
  'partnerId',
  'personId',
  'createdAt',
  'expiresAt',
  'revokedAt',
] as const;

export async function insertToken(
  tx: Transaction,
  row: Omit<TokenRow, 'createdAt' | 'revokedAt'> & { tokenHash: string },
): Promise<void> {
  await tx
    .insertInto('accessTokens')
    .values({ ...row, revokedAt: null })
    .execute();
}

/** The one query that has no organization: it is what tells whose request this is. */
export async function selectTokenByHash(db: Queryable, tokenHash: string): Promise<TokenRow | undefined> {
  return db.selectFrom('accessTokens').select(COLUMNS).where('tokenHash', '=', tokenHash).executeTakeFirst();
}

export async function selectTokens(db: Queryable, organizationId: string): Promise<TokenRow[]> {
  return db
    .selectFrom('accessTokens')
    .select(COLUMNS)
    .where('organizationId', '=', organizationId)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

/** True when a token of this organization was revoked now; false when there is none or it was revoked before. */
export async function markTokenRevoked(
  tx: Transaction,
  organizationId: string,
  tokenId: string,
  at: Date,
): Promise<boolean> {
  const result = await tx
    .updateTable('accessTokens')
    .set({ revokedAt: at })
    .where('organizationId', '=', organizationId)
    .where('id', '=', tokenId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends every token of a person; gives the ids of those that were not revoked before. */
export async function markTokensOfPersonRevoked(
  tx: Transaction,
  organizationId: string,
  personId: string,
  at: Date,
): Promise<string[]> {
  const rows = await tx
    .updateTable('accessTokens')
    .set({ revokedAt: at })
    .where('organizationId', '=', organizationId)
    .where('personId', '=', personId)
    .where('revokedAt', 'is', null)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}
