import { type Kysely, sql } from 'kysely';

/** PSAPs and imported service boundaries; platform-wide. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table psaps (
      id uuid primary key,
      name text not null,
      uri text not null,
      alternate_uris text[] not null,
      ring_timeout_ms integer not null check (ring_timeout_ms > 0),
      plain_sip_user boolean not null,
      source_id text unique,
      updated_at timestamptz not null
    )`,
    `create table boundary_imports (
      id uuid primary key,
      layer text not null,
      actor text not null,
      imported_at timestamptz not null,
      feature_count integer not null,
      added integer not null,
      changed integer not null,
      removed integer not null
    )`,
    'create index boundary_imports_by_layer on boundary_imports (layer, imported_at)',
    `create table service_boundaries (
      source_id text primary key,
      layer text not null,
      import_id uuid not null references boundary_imports (id),
      source text not null,
      service_urn text not null,
      uri text not null,
      display_name text not null,
      service_number text not null,
      coordinates jsonb not null,
      version text not null,
      updated_at timestamptz not null
    )`,
    'create index service_boundaries_by_layer on service_boundaries (layer)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
