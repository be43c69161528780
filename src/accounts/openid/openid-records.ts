import type { Queryable, Transaction } from '../../storage/database.ts';

/** The key that seals the way to the provider and back; the one that is stored where there is one already. */
export async function ensureSealKey(tx: Transaction, fresh: string): Promise<string> {
  await tx
    .insertInto('signInKeys')
    .values({ id: 1, key: fresh })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const { key } = await tx.selectFrom('signInKeys').select('key').where('id', '=', 1).executeTakeFirstOrThrow();
  return key;
}

/** False: it came to its end before. */
export async function insertEndedSignIn(db: Queryable, id: string, until: Date): Promise<boolean> {
  const row = await db
    .insertInto('endedSignIns')
    .values({ id, until })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteOldSignIns(db: Queryable, now: Date): Promise<void> {
  await db.deleteFrom('endedSignIns').where('until', '<=', now).execute();
}
