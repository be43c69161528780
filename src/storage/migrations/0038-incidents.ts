import { type Kysely, sql } from 'kysely';

/** Incidents, the later steps of telling people of them, and what people did about them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // No references: what a call needs to be stored must be storable whatever has been removed meanwhile, and either may be
    // deleted by its own age.
    `create table incidents (
      id uuid primary key,
      organization_id uuid not null,
      call_id uuid,
      moment text not null,
      trigger text not null,
      severity text not null,
      is_drill boolean not null,
      location_id text,
      response_location_id text,
      opened_at timestamptz not null,
      state text not null default 'open' check (state in ('open', 'acknowledged', 'resolved')),
      acknowledged_at timestamptz,
      acknowledged_by text,
      acknowledged_via text,
      resolved_at timestamptz,
      resolved_by text,
      resolved_via text,
      reopened_at timestamptz,
      changed_at timestamptz not null,
      title text not null,
      caller text,
      callback_number text,
      place text,
      occasion text not null
    )`,
    `create index incidents_in_order on incidents
      (organization_id, (case state when 'open' then 0 when 'acknowledged' then 1 else 2 end), opened_at desc, id desc)`,
    "create index incidents_open on incidents (severity) where state = 'open'",
    'create index incidents_by_age on incidents (changed_at)',
    // `source`: an incident may get steps of several moments (a call that reaches the relay centre late).
    `create table incident_steps (
      incident_id uuid not null references incidents (id) on delete cascade,
      source text not null,
      after_seconds integer not null,
      due_at timestamptz not null,
      fired_at timestamptz,
      is_paused boolean not null default false,
      occasion text not null,
      planned text not null,
      primary key (incident_id, source, after_seconds)
    )`,
    'create index incident_steps_waiting on incident_steps (due_at) where fired_at is null and not is_paused',
    `create table incident_entries (
      id uuid primary key,
      incident_id uuid not null references incidents (id) on delete cascade,
      at timestamptz not null,
      action text not null,
      by text,
      via text,
      note text,
      detail text
    )`,
    'create index incident_entries_in_order on incident_entries (incident_id, at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
