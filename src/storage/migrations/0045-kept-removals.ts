import { type Kysely, sql } from 'kysely';

/** What was removed and can be brought back for a while: one row for the thing, and its rows as they were, table by table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table kept_removals (
      organization_id uuid not null references organizations (id),
      id text not null,
      kind text not null,
      name text not null,
      location_id uuid,
      removed_by text not null,
      removed_at timestamptz not null,
      summary jsonb not null,
      detail jsonb not null,
      primary key (organization_id, id)
    )`,
    'create index kept_removals_by_age on kept_removals (organization_id, removed_at desc, id)',
    'create index kept_removals_to_forget on kept_removals (removed_at)',
    `create table kept_rows (
      organization_id uuid not null,
      id text not null,
      position integer not null,
      table_name text not null,
      rows jsonb not null,
      primary key (organization_id, id, position),
      constraint kept_rows_removal
        foreign key (organization_id, id) references kept_removals (organization_id, id) on delete cascade
    )`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
