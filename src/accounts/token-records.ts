import { sql } from 'kysely';
import type { TokenState } from '../domain/credentials.ts';
import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { byName, type SortedBy, sorted } from '../storage/sorted.ts';
import { isUuid } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';

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
  /** Up to a minute behind. */
  lastUsedAt: Date | null;
  /** The token that this one was made to replace. */
  replaces: string | null;
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
  'lastUsedAt',
  'replaces',
] as const;

export async function insertToken(
  tx: Transaction,
  row: Omit<TokenRow, 'createdAt' | 'revokedAt' | 'lastUsedAt'> & { tokenHash: string },
): Promise<void> {
  await tx
    .insertInto('accessTokens')
    .values({ ...row, revokedAt: null, lastUsedAt: null })
    .execute();
}

/** The one query that has no organization: it is what tells whose request this is. */
export async function selectTokenByHash(db: Queryable, tokenHash: string): Promise<TokenRow | undefined> {
  return db.selectFrom('accessTokens').select(COLUMNS).where('tokenHash', '=', tokenHash).executeTakeFirst();
}

export async function selectTokenById(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<TokenRow | undefined> {
  if (!isUuid(id)) return undefined;
  return db
    .selectFrom('accessTokens')
    .select(COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type TokenFilter = {
  role?: string | undefined;
  state?: TokenState | undefined;
  /** Part of the label, in any case. */
  text?: string | undefined;
  /** `createdAt` unless told. */
  sort?: SortWord<TokenColumn> | undefined;
  start?: number | undefined;
  max?: number | undefined;
};

export type TokenColumn = 'label' | 'role' | 'createdAt' | 'expiresAt' | 'lastUsedAt';

const ORDERS: Readonly<Record<TokenColumn, readonly SortedBy[]>> = {
  label: byName('label'),
  role: ['role'],
  createdAt: [],
  // What never ends ends last; what was never used was used before everything else.
  expiresAt: [sql`coalesce(expires_at, 'infinity')`],
  lastUsedAt: [sql`coalesce(last_used_at, '-infinity')`],
};

/** Oldest first unless told, one page of them. */
export async function selectTokens(
  db: Queryable,
  organizationId: string,
  filter: TokenFilter,
  now: Date,
): Promise<TokenRow[]> {
  let query = db.selectFrom('accessTokens').select(COLUMNS).where('organizationId', '=', organizationId);
  if (filter.text !== undefined) {
    query = query.where('label', 'ilike', partPattern(filter.text));
  }
  if (filter.role !== undefined) query = query.where('role', '=', filter.role);
  if (filter.state === 'revoked') query = query.where('revokedAt', 'is not', null);
  else if (filter.state !== undefined) query = query.where('revokedAt', 'is', null);
  if (filter.state === 'expired') query = query.where('expiresAt', '<=', now);
  if (filter.state === 'active') {
    query = query.where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]));
  }
  if (filter.start !== undefined) query = query.offset(filter.start);
  if (filter.max !== undefined) query = query.limit(filter.max);
  return sorted(query, filter.sort ?? 'createdAt', ORDERS, ['createdAt', 'id']).execute();
}

/** One token of the organization, locked until the transaction ends. */
export async function selectTokenForUpdate(
  tx: Transaction,
  organizationId: string,
  tokenId: string,
): Promise<TokenRow | undefined> {
  return tx
    .selectFrom('accessTokens')
    .select(COLUMNS)
    .where('organizationId', '=', organizationId)
    .where('id', '=', tokenId)
    .forUpdate()
    .executeTakeFirst();
}

export async function isTokenReplaced(tx: Transaction, tokenId: string): Promise<boolean> {
  const successor = await tx.selectFrom('accessTokens').select('id').where('replaces', '=', tokenId).executeTakeFirst();
  return successor !== undefined;
}

export async function updateToken(
  tx: Transaction,
  tokenId: string,
  changes: { label?: string; expiresAt?: Date | null; revokedAt?: Date },
): Promise<void> {
  await tx.updateTable('accessTokens').set(changes).where('id', '=', tokenId).execute();
}

/** A token that was revoked now. */
export type RevokedToken = { id: string; label: string };

/** Gives the token of this organization that was revoked now; undefined when there is none or it was revoked before. */
export async function markTokenRevoked(
  tx: Transaction,
  organizationId: string,
  tokenId: string,
  at: Date,
): Promise<RevokedToken | undefined> {
  return tx
    .updateTable('accessTokens')
    .set({ revokedAt: at })
    .where('organizationId', '=', organizationId)
    .where('id', '=', tokenId)
    .where('revokedAt', 'is', null)
    .returning(['id', 'label'])
    .executeTakeFirst();
}

/** Notes a use, unless another node noted one after `staleBefore`. */
export async function markTokenUsed(db: Queryable, tokenId: string, at: Date, staleBefore: Date): Promise<void> {
  await db
    .updateTable('accessTokens')
    .set({ lastUsedAt: at })
    .where('id', '=', tokenId)
    .where((eb) => eb.or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<=', staleBefore)]))
    .execute();
}

/** Ends every token of a person; gives those that were not revoked before. */
export async function markTokensOfPersonRevoked(
  tx: Transaction,
  organizationId: string,
  personId: string,
  at: Date,
): Promise<RevokedToken[]> {
  return tx
    .updateTable('accessTokens')
    .set({ revokedAt: at })
    .where('organizationId', '=', organizationId)
    .where('personId', '=', personId)
    .where('revokedAt', 'is', null)
    .returning(['id', 'label'])
    .execute();
}
