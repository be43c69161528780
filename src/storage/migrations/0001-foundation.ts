import { type Kysely, sql } from 'kysely';

/** Change feed, platform secrets, audit trail, partners, organizations, tokens, E911 accounts and their admins. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table change_feed (
      sequence bigserial primary key,
      kind text not null,
      organization_id uuid,
      at timestamptz not null default now()
    )`,
    `create table platform_secrets (
      name text primary key,
      value text not null,
      created_at timestamptz not null default now()
    )`,
    `create table audit_entries (
      sequence bigserial primary key,
      organization_id uuid,
      at timestamptz not null,
      actor text not null,
      action text not null,
      subject text not null,
      detail jsonb not null,
      tracking_id text
    )`,
    'create index audit_entries_by_organization on audit_entries (organization_id, sequence)',
    `create function refuse_audit_change() returns trigger language plpgsql as
      'begin raise exception ''audit entries are append-only''; end'`,
    `create trigger audit_entries_append_only before update or delete on audit_entries
      for each row execute function refuse_audit_change()`,
    `create table partners (
      id uuid primary key,
      name text not null,
      redsky_org_id text not null unique,
      is_default boolean not null,
      created_at timestamptz not null default now()
    )`,
    'create unique index one_default_partner on partners (is_default) where is_default',
    `create table organizations (
      id uuid primary key,
      name text not null,
      partner_id uuid references partners (id),
      created_at timestamptz not null default now()
    )`,
    `create table access_tokens (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      token_hash text not null unique,
      label text not null,
      role text not null,
      scopes text[] not null,
      location_ids uuid[],
      partner_id uuid references partners (id),
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz
    )`,
    'create index access_tokens_by_organization on access_tokens (organization_id)',
    `create table e911_accounts (
      organization_id uuid primary key references organizations (id),
      company_id text not null unique,
      redsky_org_id text not null unique,
      org_prefix text not null,
      partner_id uuid not null references partners (id),
      enabled boolean not null,
      external_tenant_enabled boolean not null,
      secret_hash text not null,
      secret_required boolean not null,
      created_at timestamptz not null default now()
    )`,
    `create table e911_admins (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      email text not null,
      password_hash text,
      invitation_hash text unique,
      invitation_expires_at timestamptz,
      created_at timestamptz not null default now()
    )`,
    'create unique index e911_admins_by_email on e911_admins (organization_id, lower(email))',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
