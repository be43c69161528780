import type { Queryable, Transaction } from '../storage/database.ts';

export type OrganizationRow = { id: string; name: string; partnerId: string | null; createdAt: Date };
export type PartnerRow = { id: string; name: string; redskyOrgId: string; isDefault: boolean };

export async function insertOrganization(
  tx: Transaction,
  row: { id: string; name: string; partnerId: string | null },
): Promise<void> {
  await tx.insertInto('organizations').values(row).execute();
}

export async function selectOrganization(db: Queryable, organizationId: string): Promise<OrganizationRow | undefined> {
  return db.selectFrom('organizations').selectAll().where('id', '=', organizationId).executeTakeFirst();
}

/** All organizations, or only those of one partner, by name. */
export async function selectOrganizations(db: Queryable, partnerId?: string): Promise<OrganizationRow[]> {
  let query = db.selectFrom('organizations').selectAll().orderBy('name').orderBy('id');
  if (partnerId !== undefined) query = query.where('partnerId', '=', partnerId);
  return query.execute();
}

export async function countOrganizations(db: Queryable): Promise<number> {
  const row = await db
    .selectFrom('organizations')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Whether the organization stands under the partner, by itself or through its E911 account (decision 5). */
export async function belongsToPartner(db: Queryable, organizationId: string, partnerId: string): Promise<boolean> {
  const row = await db
    .selectFrom('organizations')
    .leftJoin('e911Accounts', 'e911Accounts.organizationId', 'organizations.id')
    .select('organizations.id')
    .where('organizations.id', '=', organizationId)
    .where((eb) => eb.or([eb('organizations.partnerId', '=', partnerId), eb('e911Accounts.partnerId', '=', partnerId)]))
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertPartner(tx: Transaction, row: PartnerRow): Promise<void> {
  await tx.insertInto('partners').values(row).execute();
}

export async function selectPartners(db: Queryable): Promise<PartnerRow[]> {
  return db.selectFrom('partners').select(['id', 'name', 'redskyOrgId', 'isDefault']).orderBy('name').execute();
}
