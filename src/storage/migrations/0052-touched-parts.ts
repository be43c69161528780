import { type Kysely, sql } from 'kysely';

/** What a change touched within its organization, where that is few; null = anything. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table change_feed add column touched text[]').execute(db);
}
