import { type Kysely, sql } from 'kysely';

/**
 * Accounts are known by their company id and may stand without an organization; secrets that are still good after a rotation;
 * when a token was last used and which one it replaces.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table e911_accounts drop constraint e911_accounts_pkey',
    'alter table e911_accounts alter column organization_id drop not null',
    'alter table e911_accounts drop constraint e911_accounts_company_id_key',
    'alter table e911_accounts add primary key (company_id)',
    'create unique index one_e911_account_per_organization on e911_accounts (organization_id)',
    `alter table e911_accounts
      add column previous_secret_hash text,
      add column previous_secret_until timestamptz,
      add column former_organization_id uuid references organizations (id),
      add column former_until timestamptz`,
    `create index e911_accounts_by_former_organization on e911_accounts (former_organization_id)
      where former_organization_id is not null`,
    'create index e911_accounts_by_partner on e911_accounts (partner_id, company_id)',
    'alter table e911_admins add column company_id text references e911_accounts (company_id)',
    `update e911_admins set company_id =
      (select company_id from e911_accounts where e911_accounts.organization_id = e911_admins.organization_id)`,
    'alter table e911_admins alter column company_id set not null',
    'drop index e911_admins_by_email',
    'alter table e911_admins drop column organization_id',
    'create unique index e911_admins_by_account on e911_admins (company_id, lower(email))',
    'create index e911_admins_by_email on e911_admins (lower(email))',
    `alter table access_tokens
      add column last_used_at timestamptz,
      add column replaces uuid unique references access_tokens (id)`,
    'drop index access_tokens_by_organization',
    'create index access_tokens_by_organization on access_tokens (organization_id, created_at, id)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
