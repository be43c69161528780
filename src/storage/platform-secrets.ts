import type { Queryable } from './database.ts';

/** Key material of the platform, the same on every node. */

/** Stores a secret unless another node was first. */
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
