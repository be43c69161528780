import { type Kysely, sql } from 'kysely';

/** Client certificates that stand for the secret of an organization's phones. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table held_certificates (
        id uuid primary key,
        organization_id uuid not null references organizations (id),
        fingerprint text not null,
        subject text not null,
        valid_until timestamptz,
        description text not null,
        created_at timestamptz not null,
        constraint held_certificates_by_fingerprint unique (organization_id, fingerprint)
      )`,
    )
    .execute(db);
}
