import { type Kysely, sql } from 'kysely';

/** The words of organizations in place of ours: every version of every template, the newest counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table alert_template_versions (
      organization_id uuid not null references organizations (id),
      trigger text not null,
      channel text not null check (channel in ('email', 'sms', 'chat', 'push')),
      language text not null check (language in ('en', 'fr')),
      version integer not null,
      title text,
      body text,
      html text,
      changed_by text not null,
      changed_at timestamptz not null,
      primary key (organization_id, trigger, channel, language, version)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
