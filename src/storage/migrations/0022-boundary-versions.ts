import { type Kysely, sql } from 'kysely';

/**
 * Versions of every layer of boundaries: what was there before each, so that one can be gone back to. What is there
 * already can be gone back to as of the last import of its layer. Boundaries may have dates, no destination yet, or be
 * provisioning boundaries, which nothing is routed by.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table boundary_imports add column revision integer',
    `update boundary_imports i set revision = n.revision from (
      select id, row_number() over (partition by layer order by imported_at, id) as revision from boundary_imports
    ) n where n.id = i.id`,
    'alter table boundary_imports alter column revision set not null',
    'create unique index boundary_imports_by_revision on boundary_imports (layer, revision)',
    "alter table boundary_imports add column action text not null default 'boundaries.imported'",
    'alter table boundary_imports alter column action drop default',
    'alter table boundary_imports add column restorable boolean not null default false',
    `update boundary_imports i set restorable = true
      where revision = (select max(revision) from boundary_imports o where o.layer = i.layer)`,
    'alter table boundary_imports alter column restorable drop default',
    // What the file was: its format, layers and coordinate systems.
    'alter table boundary_imports add column source jsonb',
    'alter table service_boundaries add column revision integer',
    'update service_boundaries b set revision = i.revision from boundary_imports i where i.id = b.import_id',
    'alter table service_boundaries alter column revision set not null',
    "alter table service_boundaries add column kind text not null default 'service'",
    'alter table service_boundaries alter column kind drop default',
    'alter table service_boundaries add column effective_at timestamptz',
    'alter table service_boundaries add column expires_at timestamptz',
    'alter table service_boundaries add column in_force boolean not null default true',
    'alter table service_boundaries alter column in_force drop default',
    `create index service_boundaries_by_date on service_boundaries (in_force)
      where effective_at is not null or expires_at is not null`,
    'create table boundary_history (like service_boundaries)',
    'alter table boundary_history add column ended_revision integer not null',
    'alter table boundary_history alter column outline set storage external',
    'create index boundary_history_by_end on boundary_history (layer, ended_revision)',
    `create table boundary_import_jobs (
      id uuid primary key,
      layer text not null,
      state text not null,
      percent integer not null,
      report jsonb,
      problem jsonb,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`,
    'create index boundary_import_jobs_by_time on boundary_import_jobs (created_at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
