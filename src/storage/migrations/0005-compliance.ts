import { type Kysely, sql } from 'kysely';

/** Stages of E911 accounts and of their locations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const stage = `completed in ('LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED')`;
  const statements = [
    `create table compliance_organizations (
      organization_id uuid primary key references organizations (id),
      completed text check (${stage}),
      opted_out boolean not null,
      updated_at timestamptz not null
    )`,
    `create table compliance_locations (
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      completed text check (${stage}),
      opted_out boolean not null,
      updated_at timestamptz not null,
      primary key (organization_id, location_id)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
