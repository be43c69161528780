import { type Kysely, sql } from 'kysely';

/** Stages and notification settings go with their location; what a removed one left behind goes now, e-mail addresses with it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['compliance_locations', 'location_notifications']) {
    const statements = [
      `delete from ${table} where not exists (
        select from locations where organization_id = ${table}.organization_id and id = ${table}.location_id)`,
      `alter table ${table} add constraint ${table}_location
        foreign key (organization_id, location_id) references locations (organization_id, id) on delete cascade`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(db);
  }
}
