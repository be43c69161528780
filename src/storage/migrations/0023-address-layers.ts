import { type Kysely, sql } from 'kysely';

/**
 * Address layers: every version as one packed block in pieces, one version of each layer in force. What administrators say is
 * right beside the data, and at which level every stored address stood when it was last looked at.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table address_layer_versions (
      id uuid primary key,
      layer text not null,
      state text not null,
      file_name text not null,
      started_by text not null,
      percent integer not null,
      report jsonb,
      problem jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      activated_at timestamptz
    )`,
    `create unique index address_layer_versions_in_force on address_layer_versions (layer) where state = 'active'`,
    'create index address_layer_versions_by_layer on address_layer_versions (layer, created_at)',
    `create table address_layer_pieces (
      version_id uuid not null references address_layer_versions (id) on delete cascade,
      part text not null,
      number integer not null,
      bytes bytea not null,
      primary key (version_id, part, number)
    )`,
    `create table address_overrides (
      organization_id uuid not null references organizations (id),
      id uuid not null,
      address_key text not null,
      address jsonb not null,
      reason text not null,
      made_by text not null,
      made_at timestamptz not null,
      primary key (organization_id, id),
      unique (organization_id, address_key)
    )`,
    `create table address_reviews (
      id uuid primary key,
      state text not null,
      reason text not null,
      checked integer not null,
      total integer not null,
      flipped integer not null,
      problem text,
      started_at timestamptz not null,
      updated_at timestamptz not null
    )`,
    `create table address_statuses (
      organization_id uuid not null references organizations (id),
      kind text not null,
      subject_id text not null,
      address jsonb not null,
      status text not null,
      previous_status text,
      detail jsonb not null,
      review_id uuid not null,
      checked_at timestamptz not null,
      flipped_at timestamptz,
      primary key (organization_id, kind, subject_id)
    )`,
    'create index address_statuses_by_flip on address_statuses (organization_id, flipped_at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
