import { type Kysely, sql } from 'kysely';

/** Notification settings of organizations and locations; receipts of what was sent to whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table organization_notifications (
      organization_id uuid primary key references organizations (id),
      enabled boolean not null,
      all_locations boolean not null,
      email_address text,
      updated_at timestamptz not null
    )`,
    `create table location_notifications (
      organization_id uuid not null references organizations (id),
      location_id uuid not null,
      enabled boolean not null,
      email_address text,
      updated_at timestamptz not null,
      primary key (organization_id, location_id)
    )`,
    `create table alert_receipts (
      mail_key text primary key,
      organization_id uuid,
      call_id uuid,
      kind text not null,
      channel text not null,
      recipient text not null,
      reasons jsonb not null,
      message_id text not null,
      state text not null check (state in ('queued', 'accepted', 'failed', 'exhausted')),
      attempts integer not null default 0,
      queued_at timestamptz not null,
      last_attempt_at timestamptz,
      accepted_at timestamptz,
      response text,
      last_error text
    )`,
    'create index alert_receipts_by_call on alert_receipts (organization_id, call_id)',
    `create index alert_receipts_in_trouble on alert_receipts (organization_id, queued_at)
      where state in ('failed', 'exhausted')`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
