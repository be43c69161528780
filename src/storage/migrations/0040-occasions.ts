import { type Kysely, sql } from 'kysely';

/** What organizations settled about alerts, drills of them, and of which lasting troubles and unmapped network elements people were told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table alert_settings (
      organization_id uuid primary key references organizations (id),
      stale_after_seconds integer,
      contract_triggers text[] not null,
      language text not null,
      tells_acknowledgements boolean not null,
      retention_days integer,
      updated_at timestamptz not null
    )`,
    `create table alert_drills (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      incident_id uuid not null,
      started_at timestamptz not null,
      started_by text not null,
      trigger text not null,
      location_id uuid,
      response_location_id uuid,
      target jsonb not null,
      note text not null,
      told jsonb not null
    )`,
    'create index alert_drills_newest on alert_drills (organization_id, started_at desc, id desc)',
    `create table alert_conditions (
      subject text primary key,
      is_bad boolean not null,
      changed_at timestamptz not null
    )`,
    'alter table unmapped_elements add column told_at timestamptz',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
