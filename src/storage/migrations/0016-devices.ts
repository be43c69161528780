import { type Kysely, sql } from 'kysely';

/** Devices that have a place of their own, and what is noted beside requests for locations. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table device_overrides (
      organization_id uuid not null references organizations (id),
      device_id text not null,
      response_location_id uuid not null,
      expires_at timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      primary key (organization_id, device_id),
      constraint device_overrides_response_location
        foreign key (organization_id, response_location_id) references response_locations (organization_id, id)
    )`,
    'create index device_overrides_by_response_location on device_overrides (organization_id, response_location_id)',
    `create table device_addresses (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      device_id text not null,
      network jsonb not null,
      address jsonb not null,
      address_check jsonb not null,
      registered_at timestamptz not null,
      last_used_at timestamptz not null
    )`,
    'create index device_addresses_by_device on device_addresses (organization_id, device_id)',
    'create index device_addresses_by_use on device_addresses (last_used_at)',
    `create table unmapped_elements (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      kind text not null,
      value text not null,
      port text not null,
      seen_count bigint not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      sample_device text not null,
      rule text,
      dismissed_at timestamptz,
      constraint unmapped_elements_by_value unique (organization_id, kind, value, port)
    )`,
    'create index unmapped_elements_by_sight on unmapped_elements (organization_id, last_seen_at)',
    `create table element_sightings (
      organization_id uuid not null references organizations (id),
      kind text not null,
      value text not null,
      port text not null,
      last_seen_at timestamptz not null,
      primary key (organization_id, kind, value, port)
    )`,
    `create table location_uri_uses (
      organization_id uuid not null references organizations (id),
      reference_id text not null,
      use_count bigint not null,
      first_used_at timestamptz not null,
      last_used_at timestamptz not null,
      expires_at timestamptz not null,
      primary key (organization_id, reference_id)
    )`,
    'create index location_uri_uses_by_expiry on location_uri_uses (expires_at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
