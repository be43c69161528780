import { type Kysely, sql } from 'kysely';

/** Which caller each ELIN leads to, and records of calls that come back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // No references: the record of a call is stored with its binding, and must be storable whatever has been removed meanwhile. A
    // number that is taken out of its pool still leads to its last caller for as long as it is bound.
    `create table elin_bindings (
      number text primary key,
      organization_id uuid not null,
      response_location_id text not null,
      caller text not null,
      member_id text,
      trunk_id text,
      call_id uuid not null,
      bound_at timestamptz not null,
      expires_at timestamptz not null
    )`,
    'create index elin_bindings_by_organization on elin_bindings (organization_id, expires_at)',
    'alter table emergency_calls drop constraint emergency_calls_kind_check',
    `alter table emergency_calls
      add constraint emergency_calls_kind_check check (kind in ('911', '933', 'callback'))`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
