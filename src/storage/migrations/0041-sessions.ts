import { type Kysely, sql } from 'kysely';

/** Browsers that are signed in: which holder each stands for, never its secret. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table sessions (
      id uuid primary key,
      secret_hash text not null unique,
      organization_id uuid not null references organizations (id),
      token_id uuid references access_tokens (id),
      admin_id uuid references e911_admins (id) on delete cascade,
      holder jsonb,
      label text not null,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      ends_at timestamptz not null,
      check (num_nonnulls(token_id, admin_id, holder) = 1)
    )`,
    'create index sessions_by_end on sessions (ends_at)',
    'create index sessions_by_admin on sessions (admin_id) where admin_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
