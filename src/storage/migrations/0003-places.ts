import { type Kysely, sql } from 'kysely';

/** Locations, their buildings, and the emergency response locations in them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table locations (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      name_key text not null,
      time_zone text not null,
      preferred_language text not null,
      announcement_language text not null,
      address jsonb not null,
      latitude double precision,
      longitude double precision,
      notes text,
      calling_enabled boolean not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint locations_of_organization unique (organization_id, id),
      constraint locations_by_name unique (organization_id, name_key)
    )`,
    `create table buildings (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      address jsonb,
      civic jsonb not null,
      alerting_email text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint buildings_of_organization unique (organization_id, id),
      constraint one_building_per_location unique (location_id),
      constraint buildings_location foreign key (organization_id, location_id) references locations (organization_id, id)
    )`,
    `create table response_locations (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      building_id uuid not null,
      name text not null,
      name_key text not null,
      detail jsonb not null,
      shape jsonb,
      alert_emails text[] not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint response_locations_of_organization unique (organization_id, id),
      constraint response_locations_by_name unique (building_id, name_key),
      constraint response_locations_building
        foreign key (organization_id, building_id) references buildings (organization_id, id)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
