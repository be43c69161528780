import { type Kysely, sql } from 'kysely';

/** Emergency calls by the number on which they are called back: a PSAP calls it on any node, and after any restart. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statement = `create index emergency_calls_by_callback on emergency_calls
    ((record->'callback'->>'number'), started_at desc) where kind = '911'`;
  await sql.raw(statement).execute(db);
}
