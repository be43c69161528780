import { type Kysely, sql } from 'kysely';

/** PSAP registries: rows as imported, what each import left, and the operator's choices where several PSAPs may serve a county. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table psap_registry_imports (
      id uuid primary key,
      source text not null,
      title text not null,
      actor text not null,
      imported_at timestamptz not null,
      restored_from uuid,
      entry_count integer not null,
      added integer not null,
      changed integer not null,
      removed integer not null,
      entries bytea
    )`,
    'create index psap_registry_imports_by_time on psap_registry_imports (source, imported_at)',
    `create table psap_registry_entries (
      source text not null,
      key text not null,
      psap_id text not null,
      name text not null,
      state text not null,
      county text not null,
      city text not null,
      change_codes text[] not null,
      comments text not null,
      modified_on text,
      text_to911 text,
      contact text,
      is_active boolean not null,
      source_ids text[] not null,
      match text not null,
      primary key (source, key)
    )`,
    `create table psap_choices (
      source_id text primary key,
      registry_source text,
      entry_key text,
      reason text not null,
      actor text not null,
      chosen_at timestamptz not null
    )`,
    'alter table psaps add column phone_number text',
    'alter table psaps add column text_to911 boolean not null default false',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
