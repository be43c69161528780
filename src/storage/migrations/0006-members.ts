import { type Kysely, sql } from 'kysely';

/** Members, their numbers, and which number emergency calls are called back on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table members (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      kind text not null check (kind in ('PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP')),
      location_id uuid not null,
      first_name text not null,
      last_name text not null,
      display_name text not null,
      email text,
      extension text,
      ecbn_selected text not null
        check (ecbn_selected in ('DIRECT_LINE', 'LOCATION_ECBN', 'LOCATION_MEMBER_NUMBER', 'NONE')),
      ecbn_member_id uuid references members (id) on delete set null,
      elin_enabled boolean not null,
      elin_for_webex_app_enabled boolean not null,
      created_at timestamptz not null default now(),
      unique (organization_id, id)
    )`,
    'create index members_by_ecbn_member on members (ecbn_member_id) where ecbn_member_id is not null',
    'create unique index members_by_extension on members (organization_id, location_id, extension)',
    'create unique index members_by_email on members (organization_id, lower(email))',
    `create table member_numbers (
      number text primary key,
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      member_id uuid,
      is_primary boolean not null,
      active boolean not null,
      is_main boolean not null,
      created_at timestamptz not null default now(),
      foreign key (organization_id, member_id) references members (organization_id, id)
    )`,
    'create index member_numbers_by_organization on member_numbers (organization_id)',
    'create unique index one_primary_number on member_numbers (member_id) where is_primary',
    'create unique index one_main_number on member_numbers (organization_id, location_id) where is_main',
    `create table location_callbacks (
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      selected text not null check (selected in ('LOCATION_NUMBER', 'LOCATION_MEMBER_NUMBER')),
      member_id uuid references members (id) on delete set null,
      elin_expiry_minutes integer not null check (elin_expiry_minutes between 10 and 1440),
      primary key (organization_id, location_id)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
