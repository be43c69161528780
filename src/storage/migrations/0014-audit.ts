import { type Kysely, sql } from 'kysely';

/** Audit entries tell from where and by whom in which role, and what was there before and after; found by each of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `alter table audit_entries
      add column actor_role text,
      add column actor_organization_id uuid,
      add column remote_address text,
      add column before jsonb,
      add column after jsonb`,
    'create index audit_entries_by_actor on audit_entries (organization_id, actor, sequence)',
    'create index audit_entries_by_action on audit_entries (organization_id, action, sequence)',
    'create index audit_entries_by_subject on audit_entries (organization_id, subject, sequence)',
    'create index audit_entries_by_tracking_id on audit_entries (organization_id, tracking_id, sequence)',
    'create index audit_entries_by_time on audit_entries (organization_id, at)',
    // The row trigger does not hear of TRUNCATE.
    `create trigger audit_entries_never_emptied before truncate on audit_entries
      for each statement execute function refuse_audit_change()`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
