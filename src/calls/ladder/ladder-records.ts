import { sql } from 'kysely';
import type { Queryable } from '../../storage/database.ts';
import type { LadderMessage } from './ladder-message.ts';

/** One part of a ladder: `messages` is the JSON of LadderMessage[]. */
export type LadderRow = { callId: string; part: number; at: Date; leftOut: number; messages: string };

/** Parts that are there already stay as they are: a write that is tried again changes nothing. */
export async function insertLadderParts(db: Queryable, rows: readonly LadderRow[]): Promise<void> {
  await db
    .insertInto('callLadders')
    .values([...rows])
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The messages of a call in their order, and how many were not kept. */
export async function selectLadder(
  db: Queryable,
  callId: string,
): Promise<{ messages: LadderMessage[]; leftOut: number }> {
  const rows = await db
    .selectFrom('callLadders')
    .select(['messages', 'leftOut'])
    .where('callId', '=', callId)
    .orderBy('part')
    .execute();
  return {
    messages: rows.flatMap(({ messages }) => JSON.parse(messages) as LadderMessage[]),
    leftOut: rows.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

/** Deletes at most `limit` parts that are older than that; gives how many there were. */
export async function deleteOldLadders(db: Queryable, before: Date, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from call_ladders where (call_id, part) in (
      select call_id, part from call_ladders where at < ${before} order by at limit ${limit})`.execute(db);
  return Number(numAffectedRows);
}
