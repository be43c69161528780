import { type Kysely, sql } from 'kysely';

/** The mails of an earlier version that were not sent yet, as messages. */
const TAKE_OVER_JOBS = `
  do $$ begin
    if to_regclass('pgboss.job') is null then return; end if;
    update alert_receipts r set due_at = now(), message = jsonb_build_object(
        'key', r.key, 'kind', r.kind, 'severity', r.severity, 'organizationId', r.organization_id, 'callId', r.call_id,
        'incidentId', r.incident_id, 'startedAt', job.data->'startedAt',
        'endpoint', jsonb_build_object('channel', 'email', 'address', job.data->'recipient'),
        'recipientId', null, 'label', job.data->'recipient', 'reasons', job.data->'reasons',
        'content', jsonb_build_object('channel', 'email', 'subject', job.data->'subject', 'text', job.data->'text',
          'html', job.data->'html', 'map', null),
        'writtenAt', job.data->'writtenAt')::text
      from pgboss.job job
      where job.data->>'key' = r.key and job.state in ('created', 'retry', 'active') and r.state in ('queued', 'failed');
    drop schema pgboss cascade;
  end $$`;

/** Receipts of messages on every channel, no longer of mails alone; each is its message's job, too (decision 72). */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table alert_receipts rename column mail_key to key',
    `alter table alert_receipts
      add column severity text not null default 'info',
      add column recipient_id text,
      add column incident_id text,
      add column endpoint text not null default '',
      add column message text,
      add column due_at timestamptz,
      add column resent_at timestamptz,
      add column node text`,
    `update alert_receipts set kind = 'call-started', severity = 'emergency', incident_id = call_id::text
      where kind = 'call-alert'`,
    "update alert_receipts set severity = 'critical' where kind = 'alarm'",
    'update alert_receipts set endpoint = lower(recipient)',
    `alter table alert_receipts alter column severity drop default, alter column endpoint drop default`,
    TAKE_OVER_JOBS,
    "update alert_receipts set state = 'exhausted' where state in ('queued', 'failed') and message is null",
    `create index alert_receipts_due on alert_receipts ((severity not in ('emergency', 'critical')), due_at)
      where due_at is not null`,
    'create index alert_receipts_by_time on alert_receipts (organization_id, queued_at, key)',
    'create index alert_receipts_by_incident on alert_receipts (incident_id) where incident_id is not null',
    'drop index alert_receipts_by_call',
    'create index alert_receipts_by_call on alert_receipts (call_id) where call_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
