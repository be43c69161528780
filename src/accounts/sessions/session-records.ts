import type { Queryable, Transaction } from '../../storage/database.ts';
import type { TokenHolder } from '../token-holder.ts';

/** Whom a session stands for: the holder of a token of ours, an E911 administrator, or whom an outside provider vouched for. */
export type SessionSubject =
  | { kind: 'token'; tokenId: string }
  | { kind: 'admin'; adminId: string }
  | { kind: 'identity'; holder: TokenHolder };

export type SessionRow = {
  id: string;
  organizationId: string;
  subject: SessionSubject;
  label: string;
  createdAt: Date;
  lastUsedAt: Date;
  endsAt: Date;
  /** Sealed. */
  providerHint: string | null;
};

export async function insertSession(tx: Transaction, row: SessionRow & { secretHash: string }): Promise<void> {
  const { subject, ...rest } = row;
  await tx
    .insertInto('sessions')
    .values({
      ...rest,
      tokenId: subject.kind === 'token' ? subject.tokenId : null,
      adminId: subject.kind === 'admin' ? subject.adminId : null,
      holder: subject.kind === 'identity' ? JSON.stringify(subject.holder) : null,
    })
    .execute();
}

/** Like that of tokens, the one query that has no organization: it tells whose request this is. */
export async function selectSessionBySecret(db: Queryable, secretHash: string): Promise<SessionRow | undefined> {
  const row = await db.selectFrom('sessions').selectAll().where('secretHash', '=', secretHash).executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, organizationId, label, createdAt, lastUsedAt, endsAt, tokenId, adminId, holder, providerHint } = row;
  const subject: SessionSubject | null =
    tokenId !== null
      ? { kind: 'token', tokenId }
      : adminId !== null
        ? { kind: 'admin', adminId }
        : holder !== null
          ? { kind: 'identity', holder: holder as TokenHolder }
          : null;
  if (subject === null) return undefined;
  return { id, organizationId, subject, label, createdAt, lastUsedAt, endsAt, providerHint };
}

export async function markSessionUsed(db: Queryable, id: string, now: Date): Promise<void> {
  await db.updateTable('sessions').set({ lastUsedAt: now }).where('id', '=', id).execute();
}

export async function deleteSession(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.deleteFrom('sessions').where('id', '=', id).returning('id').executeTakeFirst()) !== undefined;
}

/** Sessions that ended, or that nobody used for so long. */
export async function deleteOldSessions(tx: Transaction, now: Date, unusedSince: Date): Promise<void> {
  await tx
    .deleteFrom('sessions')
    .where((row) => row.or([row('endsAt', '<=', now), row('lastUsedAt', '<=', unusedSince)]))
    .execute();
}
