import { type Kysely, sql } from 'kysely';

/** Lists that grow large, in the orders in which people read them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'create index wire_map_elements_by_text on wire_map_elements (organization_id, value, kind, port)',
    'create index incidents_by_opening on incidents (organization_id, opened_at, id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
