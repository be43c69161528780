import { type Kysely, sql } from 'kysely';

/** Webhooks, SMS gateways and chat rooms by which an organization tells of calls. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table alert_connections (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      name text not null,
      kind text not null check (kind in ('webhook', 'sms-gateway', 'chat')),
      is_enabled boolean not null,
      disabled_reason text,
      settings jsonb not null,
      sealed_secrets text not null,
      version integer not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      unique (organization_id, name)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
