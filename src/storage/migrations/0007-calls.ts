import { type Kysely, sql } from 'kysely';

/** Trunks, and the records of emergency and test calls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table trunks (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      created_at timestamptz not null default now(),
      unique (organization_id, name)
    )`,
    `create table trunk_addresses (
      address text not null,
      port integer not null check (port between 0 and 65535),
      trunk_id uuid not null references trunks (id) on delete cascade,
      primary key (address, port)
    )`,
    'create index trunk_addresses_by_trunk on trunk_addresses (trunk_id)',
    `create table emergency_calls (
      id uuid primary key,
      version integer not null,
      call_id text not null,
      kind text not null check (kind in ('911', '933')),
      started_at timestamptz not null,
      organization_id uuid,
      location_id text,
      outcome text not null,
      alerted boolean not null,
      record jsonb not null
    )`,
    'create index emergency_calls_by_organization on emergency_calls (organization_id, started_at desc, id desc)',
    'create index emergency_calls_by_start on emergency_calls (started_at desc, id desc)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
