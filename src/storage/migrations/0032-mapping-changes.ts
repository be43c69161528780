import { type Kysely, sql } from 'kysely';

/** When a mapping was last changed by something that leaves no row of its own: a choice taken back, a PSAP removed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw('create table mapping_changes (source_id text primary key, changed_at timestamptz not null)')
    .execute(db);
}
