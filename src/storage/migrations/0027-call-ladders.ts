import { type Kysely, sql } from 'kysely';

/** SIP ladders of calls, in parts as they were written. No reference to the call: it may be written later. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table call_ladders (
      call_id uuid not null,
      part integer not null,
      at timestamptz not null,
      left_out integer not null,
      messages text not null,
      primary key (call_id, part)
    )`,
    'create index call_ladders_by_age on call_ladders (at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
