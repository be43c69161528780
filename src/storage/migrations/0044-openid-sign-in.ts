import { type Kysely, sql } from 'kysely';

/** Signing in with an outside OpenID Connect provider: what seals the way there and back, and which ways came to their end. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'create table sign_in_keys (id smallint primary key check (id = 1), key text not null)',
    'create table ended_sign_ins (id uuid primary key, until timestamptz not null)',
    'create index ended_sign_ins_by_end on ended_sign_ins (until)',
    'alter table sessions add column provider_hint text',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
