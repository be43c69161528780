import { type Kysely, sql } from 'kysely';

/** Emergency addresses of locations and numbers with their history, and how right stored addresses are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table locations add column address_check jsonb',
    'alter table buildings add column address_check jsonb',
    `create table location_emergency_addresses (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      address jsonb not null,
      address_check jsonb not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint one_emergency_address_per_location unique (organization_id, location_id),
      constraint location_emergency_addresses_location
        foreign key (organization_id, location_id) references locations (organization_id, id) on delete cascade
    )`,
    `create table location_emergency_address_history (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      address jsonb not null,
      address_check jsonb not null,
      valid_from timestamptz not null,
      valid_to timestamptz not null
    )`,
    `create index location_emergency_address_history_by_location
      on location_emergency_address_history (organization_id, location_id, valid_to)`,
    // A number that has no address of its own any more keeps its row: references to it must still lead to its location.
    `create table number_emergency_addresses (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      number text not null references member_numbers (number) on delete cascade,
      location_id uuid not null,
      address jsonb,
      address_check jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      constraint one_emergency_address_per_number unique (number),
      check ((address is null) = (address_check is null))
    )`,
    'create index number_emergency_addresses_by_organization on number_emergency_addresses (organization_id)',
    `create table number_emergency_address_history (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      number text not null,
      location_id uuid not null,
      address jsonb not null,
      address_check jsonb not null,
      valid_from timestamptz not null,
      valid_to timestamptz not null
    )`,
    `create index number_emergency_address_history_by_number
      on number_emergency_address_history (organization_id, number, valid_to)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
