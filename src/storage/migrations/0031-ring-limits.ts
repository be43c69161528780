import { type Kysely, sql } from 'kysely';

/** How long a PSAP may ring, and keep a call in a queue, before its alternates are tried; null: as long as SIP allows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table psaps add column ring_limit_ms integer',
    'alter table psaps add column queue_limit_ms integer',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
