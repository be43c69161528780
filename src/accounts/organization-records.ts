import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { byName, sorted } from '../storage/sorted.ts';

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

/** By name, one page of them; without a filter all. */
export async function selectOrganizations(
  db: Queryable,
  filter: { name?: string | undefined; start?: number | undefined; max?: number | undefined } = {},
): Promise<OrganizationRow[]> {
  let query = sorted(db.selectFrom('organizations').selectAll(), 'name', { name: [] }, [...byName('name'), 'id']);
  if (filter.name !== undefined) query = query.where('name', '=', filter.name);
  if (filter.start !== undefined) query = query.offset(filter.start);
  if (filter.max !== undefined) query = query.limit(filter.max);
  return query.execute();
}

/** By name; those of one partner, by themselves or through their E911 accounts (decision 5), or all where it is null. */
export async function selectOrganizationsOfPartner(
  db: Queryable,
  partnerId: string | null,
  filter: { text?: string | undefined; start?: number | undefined; max?: number | undefined },
): Promise<OrganizationRow[]> {
  let query = db
    .selectFrom('organizations')
    .leftJoin('e911Accounts', 'e911Accounts.organizationId', 'organizations.id')
    .selectAll('organizations')
    .$call((all) => sorted(all, 'name', { name: [] }, [...byName('organizations.name'), 'organizations.id']));
  if (partnerId !== null) {
    query = query.where((eb) =>
      eb.or([eb('organizations.partnerId', '=', partnerId), eb('e911Accounts.partnerId', '=', partnerId)]),
    );
  }
  const { text, start, max } = filter;
  if (text !== undefined) query = query.where('organizations.name', 'ilike', partPattern(text));
  if (start !== undefined) query = query.offset(start);
  if (max !== undefined) query = query.limit(max);
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

export async function selectPartners(
  db: Queryable,
  page: { start?: number | undefined; max?: number | undefined } = {},
): Promise<PartnerRow[]> {
  let query = db
    .selectFrom('partners')
    .select(['id', 'name', 'redskyOrgId', 'isDefault'])
    .orderBy('name')
    .orderBy('id');
  if (page.start !== undefined) query = query.offset(page.start);
  if (page.max !== undefined) query = query.limit(page.max);
  return query.execute();
}
