import type { Selectable } from 'kysely';
import { isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { AddressTables } from '../storage/tables/address-tables.ts';

export type OverrideRow = Selectable<AddressTables['addressOverrides']>;

/** False where the organization has one of that address already. */
export async function insertOverride(
  tx: Transaction,
  row: Omit<OverrideRow, 'address'> & { address: object },
): Promise<boolean> {
  try {
    await tx
      .insertInto('addressOverrides')
      .values({ ...row, address: JSON.stringify(row.address) })
      .execute();
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

export async function deleteOverride(
  tx: Transaction,
  organizationId: string,
  id: string,
): Promise<OverrideRow | undefined> {
  return tx
    .deleteFrom('addressOverrides')
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

export async function selectOverrides(db: Queryable, organizationId?: string): Promise<OverrideRow[]> {
  let query = db.selectFrom('addressOverrides').selectAll();
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  return query.orderBy('madeAt', 'desc').orderBy('id').execute();
}
