import type { CallRecord } from '../../domain/call-record.ts';
import type { Queryable } from '../../storage/database.ts';

/** The last emergency call that named this number to be called back on, whichever node took it; of those since then. */
export async function selectRecentCall(
  db: Queryable,
  callbackNumber: string,
  since: Date,
): Promise<CallRecord | undefined> {
  const row = await db
    .selectFrom('emergencyCalls')
    .select('record')
    .where('kind', '=', '911')
    .where('callbackNumber', '=', callbackNumber)
    .where('startedAt', '>=', since)
    .orderBy('startedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.record as CallRecord | undefined;
}
