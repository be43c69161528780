import { type Kysely, sql } from 'kysely';

/** What happened to calls lately, for those who listen. Old rows are deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table call_events (
      sequence bigint generated always as identity primary key,
      type text not null,
      at timestamptz not null,
      organization_id uuid,
      location_id text,
      data text not null
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
