import { type Kysely, sql } from 'kysely';

/**
 * Large changes of a wire map in many short transactions: an element says until which revision it holds, so that what is
 * being written is not in force before its revision is; one writer of many holds a lease; checked files wait in the
 * database, where every node can apply them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table wire_map_elements add column ended_revision integer not null default 2147483647',
    'alter table wire_map_elements drop constraint wire_map_elements_pkey',
    'alter table wire_map_elements drop constraint wire_map_elements_by_value',
    // While a new state of an element is being written the one in force stands beside it.
    `alter table wire_map_elements add constraint wire_map_elements_by_id primary key (id, ended_revision)`,
    `alter table wire_map_elements add constraint wire_map_elements_by_value
      unique (organization_id, kind, value, port, ended_revision)`,
    `create index wire_map_elements_ended on wire_map_elements (organization_id, ended_revision)
      where ended_revision < 2147483647`,
    'create index wire_map_history_by_value on wire_map_history (organization_id, kind, value, port, ended_revision)',
    `create table wire_map_leases (
      organization_id uuid primary key references organizations (id),
      holder uuid not null,
      -- Who began what, for those who have to wait.
      holder_token text not null,
      action text not null,
      began_at timestamptz not null,
      renewed_at timestamptz not null
    )`,
    // Imports of before kept what they read on the disk of their node.
    'delete from wire_map_imports',
    'alter table wire_map_imports add column replace boolean not null',
    'alter table wire_map_imports add column started_by text not null',
    `create unique index wire_map_imports_under_way on wire_map_imports (organization_id)
      where state in ('reading', 'comparing', 'applying')`,
    `create table wire_map_import_batches (
      import_id uuid not null references wire_map_imports (id) on delete cascade,
      batch integer not null,
      -- JSON, only ever read as a whole by the database itself.
      rows text not null,
      primary key (import_id, batch)
    )`,
    `create table wire_map_import_named (
      import_id uuid not null,
      element_id uuid not null,
      noted_at timestamptz not null default now(),
      primary key (import_id, element_id)
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
