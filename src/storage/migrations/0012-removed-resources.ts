import { type Kysely, sql } from 'kysely';

/** What was removed, so that asking for it again is answered with "gone" and not with "unknown". */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table removed_resources (
      organization_id uuid not null references organizations (id),
      kind text not null,
      id text not null,
      removed_at timestamptz not null default now(),
      primary key (organization_id, kind, id)
    )`,
    'create index removed_resources_by_age on removed_resources (organization_id, removed_at)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
