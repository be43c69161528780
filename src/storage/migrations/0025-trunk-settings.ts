import { type Kysely, sql } from 'kysely';

/** How a trunk is recognized, what it wants of us, and where calls towards it go. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `alter table trunks
      add column mode text not null default 'proxy' check (mode in ('proxy', 'redirect', 'esrp')),
      add column identity_headers text[] not null default '{P-Asserted-Identity,From,Remote-Party-ID}',
      add column device_header text,
      add column callback_headers text[] not null default '{P-Asserted-Identity}',
      add column is_monitored boolean not null default false,
      add column contact_uri text`,
    `create table trunk_tls_names (
      name text primary key,
      trunk_id uuid not null references trunks (id) on delete cascade
    )`,
    'create index trunk_tls_names_by_trunk on trunk_tls_names (trunk_id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
