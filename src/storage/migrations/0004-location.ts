import { type Kysely, sql } from 'kysely';

/** The wire map, the addresses an organization is seen from, and location URIs that were revoked. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table wire_map_elements (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      kind text not null,
      value text not null,
      port text not null,
      response_location_id uuid not null,
      description text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint wire_map_elements_by_value unique (organization_id, kind, value, port),
      constraint wire_map_elements_response_location
        foreign key (organization_id, response_location_id) references response_locations (organization_id, id)
    )`,
    `create index wire_map_elements_by_response_location
      on wire_map_elements (organization_id, response_location_id)`,
    `create table address_ranges (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      range text not null,
      location_id uuid,
      description text not null,
      created_at timestamptz not null,
      constraint address_ranges_by_range unique (organization_id, range),
      constraint address_ranges_location foreign key (organization_id, location_id) references locations (organization_id, id)
    )`,
    `create table location_uri_revocations (
      organization_id uuid not null references organizations (id),
      reference_id text not null,
      expires_at timestamptz not null,
      revoked_at timestamptz not null,
      primary key (organization_id, reference_id)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
