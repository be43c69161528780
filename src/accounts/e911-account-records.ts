import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { E911Account, OrgPrefix } from './e911-account.ts';

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
            .whereRef('e911Admins.organizationId', '=', 'e911Accounts.organizationId'),
        )
        .as('adminExists'),
    );
}

type AccountRow = Awaited<ReturnType<ReturnType<typeof accountQuery>['execute']>>[number];

function toAccount(row: AccountRow): E911Account {
  return {
    ...row,
    orgPrefix: row.orgPrefix as OrgPrefix,
    adminExists: Boolean(row.adminExists),
    createdAt: row.createdAt.toISOString(),
  };
}

export async function selectE911Account(db: Queryable, organizationId: string): Promise<E911Account | undefined> {
  const row = await accountQuery(db).where('e911Accounts.organizationId', '=', organizationId).executeTakeFirst();
  return row && toAccount(row);
}

export async function selectE911Accounts(db: Queryable): Promise<E911Account[]> {
  return (await accountQuery(db).execute()).map(toAccount);
}

/** False when the organization already has an account, also when another request creates it at the same moment. */
export async function insertE911Account(
  tx: Transaction,
  row: Omit<E911Account, 'adminExists' | 'createdAt'>,
): Promise<boolean> {
  const inserted = await tx
    .insertInto('e911Accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('organizationId').doNothing())
    .returning('organizationId')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function updateSecretHash(
  tx: Transaction,
  organizationId: string,
  secretHash: string,
): Promise<{ companyId: string } | undefined> {
  return tx
    .updateTable('e911Accounts')
    .set({ secretHash })
    .where('organizationId', '=', organizationId)
    .returning('companyId')
    .executeTakeFirst();
}

export type InvitedAdmin = {
  id: string;
  organizationId: string;
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
    .select(['id', 'organizationId', 'email', 'invitationExpiresAt'])
    .select(sql<boolean>`password_hash is not null`.as('accepted'))
    .where('invitationHash', '=', invitationHash)
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
