import { type Kysely, sql } from 'kysely';

/** Receipts of messages on every channel, no longer of mails alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table alert_receipts rename column mail_key to key',
    `alter table alert_receipts
      add column severity text not null default 'info',
      add column recipient_id text,
      add column incident_id text`,
    `update alert_receipts set kind = 'call-started', severity = 'emergency', incident_id = call_id::text
      where kind = 'call-alert'`,
    "update alert_receipts set severity = 'critical' where kind = 'alarm'",
    'alter table alert_receipts alter column severity drop default',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
