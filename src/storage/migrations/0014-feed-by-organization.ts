import { type Kysely, sql } from 'kysely';

/** How far an organization's changes of one kind have come is read with every status: one step in an index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw('create index change_feed_by_organization on change_feed (organization_id, kind, sequence)')
    .execute(db);
}
