import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { E911Account, OrgPrefix, StoredAccount } from './e911-account.ts';

function accountQuery(db: Queryable) {
  return db
    .selectFrom('e911Accounts')
    .selectAll('e911Accounts')
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('e911Admins')
            .select('e911Admins.id')
            .whereRef('e911Admins.companyId', '=', 'e911Accounts.companyId'),
        )
        .as('adminExists'),
    );
}

type AccountRow = Awaited<ReturnType<ReturnType<typeof accountQuery>['execute']>>[number];

function toAccount(row: AccountRow): StoredAccount {
  const { previousSecretHash, previousSecretUntil, formerOrganizationId, formerUntil, ...rest } = row;
  return {
    ...rest,
    orgPrefix: row.orgPrefix as OrgPrefix,
    adminExists: Boolean(row.adminExists),
    createdAt: row.createdAt.toISOString(),
    previousSecret:
      previousSecretHash === null || previousSecretUntil === null
        ? null
        : { hash: previousSecretHash, validUntil: previousSecretUntil.toISOString() },
    former:
      formerOrganizationId === null || formerUntil === null
        ? null
        : { organizationId: formerOrganizationId, validUntil: formerUntil.toISOString() },
  };
}

export async function selectE911Account(db: Queryable, organizationId: string): Promise<E911Account | undefined> {
  const row = await accountQuery(db).where('e911Accounts.organizationId', '=', organizationId).executeTakeFirst();
  return row && { ...toAccount(row), organizationId };
}

export async function selectAccountByCompany(db: Queryable, companyId: string): Promise<StoredAccount | undefined> {
  const row = await accountQuery(db).where('e911Accounts.companyId', '=', companyId).executeTakeFirst();
  return row && toAccount(row);
}

/** The accounts that organizations use or used; of one organization, or of all. */
export async function selectUsedAccounts(db: Queryable, organizationId?: string): Promise<StoredAccount[]> {
  let query = accountQuery(db);
  query =
    organizationId === undefined
      ? query.where((eb) =>
          eb.or([
            eb('e911Accounts.organizationId', 'is not', null),
            eb('e911Accounts.formerOrganizationId', 'is not', null),
          ]),
        )
      : query.where((eb) =>
          eb.or([
            eb('e911Accounts.organizationId', '=', organizationId),
            eb('e911Accounts.formerOrganizationId', '=', organizationId),
          ]),
        );
  return (await query.orderBy('e911Accounts.companyId').execute()).map(toAccount);
}

/** Accounts that no organization uses, of one partner or of all, one page of them. */
export async function selectDetachedAccounts(
  db: Queryable,
  filter: { partnerId: string | undefined; start: number; max: number },
): Promise<StoredAccount[]> {
  let query = accountQuery(db)
    .where('e911Accounts.organizationId', 'is', null)
    .orderBy('e911Accounts.createdAt')
    .orderBy('e911Accounts.companyId')
    .offset(filter.start)
    .limit(filter.max);
  if (filter.partnerId !== undefined) query = query.where('e911Accounts.partnerId', '=', filter.partnerId);
  return (await query.execute()).map(toAccount);
}

export type NewAccountRow = Omit<StoredAccount, 'adminExists' | 'createdAt' | 'previousSecret' | 'former'>;

/** False when the organization already has an account, also when another request creates it at the same moment. */
export async function insertE911Account(tx: Transaction, row: NewAccountRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('e911Accounts')
    .values({
      ...row,
      previousSecretHash: null,
      previousSecretUntil: null,
      formerOrganizationId: null,
      formerUntil: null,
    })
    .onConflict((conflict) => conflict.column('organizationId').doNothing())
    .returning('companyId')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Puts a new secret in place; the one before stays good until `previousUntil` (null: ends now). */
export async function replaceSecret(
  tx: Transaction,
  organizationId: string,
  secret: { hash: string; previousUntil: Date | null },
): Promise<{ companyId: string } | undefined> {
  const { hash, previousUntil } = secret;
  return tx
    .updateTable('e911Accounts')
    .set((eb) => ({
      secretHash: hash,
      previousSecretHash: previousUntil === null ? null : eb.ref('secretHash'),
      previousSecretUntil: previousUntil,
    }))
    .where('organizationId', '=', organizationId)
    .returning('companyId')
    .executeTakeFirst();
}

/** Ends what is good only for a while: the secret before the last rotation, and company ids of accounts given up. */
export async function endPreviousCredentials(
  tx: Transaction,
  organizationId: string,
): Promise<{ companyId: string }[]> {
  const secrets = await tx
    .updateTable('e911Accounts')
    .set({ previousSecretHash: null, previousSecretUntil: null })
    .where('organizationId', '=', organizationId)
    .where('previousSecretHash', 'is not', null)
    .returning('companyId')
    .execute();
  const companies = await tx
    .updateTable('e911Accounts')
    .set({ formerOrganizationId: null, formerUntil: null })
    .where('formerOrganizationId', '=', organizationId)
    .returning('companyId')
    .execute();
  return [...secrets, ...companies];
}

/** Locks the accounts until the transaction ends, always in the same order. */
export async function lockAccounts(tx: Transaction, companyIds: readonly string[]): Promise<void> {
  await tx
    .selectFrom('e911Accounts')
    .select('companyId')
    .where('companyId', 'in', companyIds)
    .orderBy('companyId')
    .forUpdate()
    .execute();
}

/** The organization gives its account up; phones may name it until then. */
export async function detachAccount(tx: Transaction, organizationId: string, until: Date): Promise<void> {
  await tx
    .updateTable('e911Accounts')
    .set({ organizationId: null, formerOrganizationId: organizationId, formerUntil: until })
    .where('organizationId', '=', organizationId)
    .execute();
}

export async function attachAccount(tx: Transaction, companyId: string, organizationId: string): Promise<void> {
  await tx
    .updateTable('e911Accounts')
    .set({ organizationId, formerOrganizationId: null, formerUntil: null })
    .where('companyId', '=', companyId)
    .execute();
}

export async function updateAccountSettings(
  tx: Transaction,
  organizationId: string,
  settings: { enabled?: boolean; externalTenantEnabled?: boolean; secretRequired?: boolean },
): Promise<{ companyId: string } | undefined> {
  return tx
    .updateTable('e911Accounts')
    .set(settings)
    .where('organizationId', '=', organizationId)
    .returning('companyId')
    .executeTakeFirst();
}

export type InvitedAdmin = {
  id: string;
  companyId: string;
  email: string;
  invitationHash: string;
  invitationExpiresAt: Date;
};

export async function insertE911Admin(tx: Transaction, row: InvitedAdmin): Promise<void> {
  await tx
    .insertInto('e911Admins')
    .values({ ...row, passwordHash: null })
    .execute();
}

/** The administrator whom an invitation link was sent to, whether the link still works or not. */
export async function selectAdminByInvitation(db: Queryable, invitationHash: string) {
  return db
    .selectFrom('e911Admins')
    .innerJoin('e911Accounts', 'e911Accounts.companyId', 'e911Admins.companyId')
    .select(['e911Admins.id', 'e911Admins.email', 'e911Admins.invitationExpiresAt', 'e911Accounts.organizationId'])
    .select(sql<boolean>`e911_admins.password_hash is not null`.as('accepted'))
    .where('e911Admins.invitationHash', '=', invitationHash)
    .executeTakeFirst();
}

/** Which account's administrator is meant: by one of its ids, or the asker's own before any other. */
export type AdminSelection =
  | { companyId: string }
  | { redskyOrgId: string }
  | { ownOrganizationId: string }
  /** Who signs in without saying for which account. */
  | { any: true };

/** At most two: more than one that is not the asker's own is ambiguous, however many there are. */
export async function selectAdminsByEmail(db: Queryable, email: string, selection: AdminSelection) {
  let query = db
    .selectFrom('e911Admins')
    .innerJoin('e911Accounts', 'e911Accounts.companyId', 'e911Admins.companyId')
    .select([
      'e911Admins.id',
      'e911Admins.companyId',
      'e911Admins.passwordHash',
      'e911Accounts.organizationId',
      'e911Accounts.secretHash',
      'e911Accounts.externalTenantEnabled',
    ])
    .where(sql<string>`lower(e911_admins.email)`, '=', email.toLowerCase())
    .limit(2);
  if ('companyId' in selection) query = query.where('e911Admins.companyId', '=', selection.companyId);
  else if ('redskyOrgId' in selection) query = query.where('e911Accounts.redskyOrgId', '=', selection.redskyOrgId);
  else if ('ownOrganizationId' in selection) {
    query = query.orderBy(
      sql`coalesce(e911_accounts.organization_id = ${selection.ownOrganizationId}::uuid, false)`,
      'desc',
    );
  }
  return query.execute();
}

export async function selectAdminById(
  db: Queryable,
  id: string,
): Promise<{ email: string; organizationId: string | null } | undefined> {
  return db
    .selectFrom('e911Admins')
    .innerJoin('e911Accounts', 'e911Accounts.companyId', 'e911Admins.companyId')
    .select(['e911Admins.email', 'e911Accounts.organizationId'])
    .where('e911Admins.id', '=', id)
    .executeTakeFirst();
}

/** False when a password is already set: an invitation works once. */
export async function setFirstPassword(tx: Transaction, adminId: string, passwordHash: string): Promise<boolean> {
  const updated = await tx
    .updateTable('e911Admins')
    .set({ passwordHash })
    .where('id', '=', adminId)
    .where('passwordHash', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return updated !== undefined;
}
