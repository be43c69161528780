import { type Kysely, sql } from 'kysely';

/**
 * Names in the order that people expect, the same on every database: the collation of a database is what its host was set to, and that of
 * the embedded one is by code unit. Accents that are written as letters of their own after NFKD (Unicode §3.11) are left out.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const key = (column: string): string => `sort_key(${column}) collate "C", ${column} collate "C"`;
  const statements = [
    String.raw`create function sort_key(name text) returns text immutable strict parallel safe language sql as $$
      select lower(regexp_replace(normalize(name, NFKD), '[\u0300-\u036f]', '', 'g') collate "C")
    $$`,
    `create index members_in_order on members (organization_id, ${key('display_name')}, id)`,
    `create index locations_in_order on locations (organization_id, ${key('name_key')})`,
    `create index response_locations_in_order on response_locations (organization_id, ${key('name_key')}, id)`,
    `create index alert_recipients_in_order on alert_recipients (organization_id, ${key('name_key')}, id)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
