import { type Kysely, sql } from 'kysely';

/** What who acted was called at that moment: tokens are renamed and removed, the trail stays. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_entries add column actor_label text`.execute(db);
}
