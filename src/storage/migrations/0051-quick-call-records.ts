import { type Kysely, sql } from 'kysely';

/**
 * Records of calls are written at the pace of calls: they stay in their rows as they are, for compressing them takes longer than
 * writing them, and no index looks into them, so that a later version takes its place in the same page beside the one before.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'drop index emergency_calls_by_callback',
    'alter table emergency_calls set (toast_tuple_target = 8160, fillfactor = 50)',
    `alter table emergency_calls
      add column callback_number text generated always as (record->'callback'->>'number') stored`,
    `create index emergency_calls_by_callback on emergency_calls (callback_number, started_at desc) where kind = '911'`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
