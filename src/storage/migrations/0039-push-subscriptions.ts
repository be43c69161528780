import { type Kysely, sql } from 'kysely';

/** Browsers that are told by push (RFC 8030). */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table push_subscriptions (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      label text not null,
      subscribed_by text not null,
      endpoint text not null,
      endpoint_hash text not null,
      p256dh text not null,
      auth text not null,
      location_ids jsonb,
      min_severity text not null check (min_severity in ('emergency', 'critical', 'warning', 'info')),
      created_at timestamptz not null,
      expires_at timestamptz not null,
      unique (organization_id, endpoint_hash)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
