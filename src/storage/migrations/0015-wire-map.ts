import { type Kysely, sql } from 'kysely';

/**
 * Revisions of every organization's wire map: what was there before each, so that one can be gone back to and a node reads
 * only what changed. What is there already becomes revision 1.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table wire_map_revisions (
      organization_id uuid not null references organizations (id),
      revision integer not null,
      id uuid not null,
      action text not null,
      added integer not null,
      changed integer not null,
      removed integer not null,
      made_at timestamptz not null,
      primary key (organization_id, revision)
    )`,
    'alter table wire_map_elements add column revision integer not null default 1',
    'alter table wire_map_elements alter column revision drop default',
    // Its response location says the same: one look-up less for each of a million rows.
    'alter table wire_map_elements drop constraint wire_map_elements_organization_id_fkey',
    'create index wire_map_elements_by_revision on wire_map_elements (organization_id, revision)',
    `insert into wire_map_revisions (organization_id, revision, id, action, added, changed, removed, made_at)
      select organization_id, 1, gen_random_uuid(), 'kept', count(*), 0, 0, now() from wire_map_elements group by organization_id`,
    `create table wire_map_history (
      organization_id uuid not null references organizations (id),
      id uuid not null,
      kind text not null,
      value text not null,
      port text not null,
      response_location_id uuid not null,
      description text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      revision integer not null,
      ended_revision integer not null
    )`,
    'create index wire_map_history_by_end on wire_map_history (organization_id, ended_revision)',
    `create table wire_map_imports (
      id uuid primary key,
      organization_id uuid not null references organizations (id),
      state text not null,
      percent integer not null,
      report jsonb,
      problem jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`,
    'create index wire_map_imports_by_organization on wire_map_imports (organization_id, created_at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
