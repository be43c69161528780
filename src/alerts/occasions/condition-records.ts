import type { Queryable, Transaction } from '../../storage/database.ts';

/**
 * Notes whether something is in trouble, and says whether that is news: every node sees the same trouble, and people are told once
 * when it begins and once when it ends.
 */
export async function noteCondition(tx: Transaction, subject: string, isBad: boolean, now: Date): Promise<boolean> {
  const values = { isBad, changedAt: now };
  if (!isBad) {
    const { numUpdatedRows } = await tx
      .updateTable('alertConditions')
      .set(values)
      .where('subject', '=', subject)
      .where('isBad', '=', true)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }
  const row = await tx
    .insertInto('alertConditions')
    .values({ subject, ...values })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet(values).where('alertConditions.isBad', '=', false))
    .returning('subject')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether something is noted to be in trouble; what was never noted is not. */
export async function isConditionBad(db: Queryable, subject: string): Promise<boolean> {
  const row = await db.selectFrom('alertConditions').select('isBad').where('subject', '=', subject).executeTakeFirst();
  return row?.isBad ?? false;
}
