import type { Selectable } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import { jsonOrNull } from '../storage/json-columns.ts';
import type { MembersTables } from '../storage/tables/members-tables.ts';

export type NumberAddressRow = Selectable<MembersTables['numberEmergencyAddresses']>;
export type FormerNumberAddressRow = Selectable<MembersTables['numberEmergencyAddressHistory']>;

/** Where a number of the organization stands; undefined = it has no such number. */
export async function selectNumberLocation(
  db: Queryable,
  organizationId: string,
  number: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('memberNumbers')
    .select('locationId')
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .executeTakeFirst();
  return row?.locationId;
}

export async function selectNumberAddress(
  db: Queryable,
  organizationId: string,
  number: string,
): Promise<NumberAddressRow | undefined> {
  return db
    .selectFrom('numberEmergencyAddresses')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .executeTakeFirst();
}

/** Every one of every organization, or of one: what the snapshot is made of. */
export async function selectNumberAddresses(db: Queryable, organizationId?: string): Promise<NumberAddressRow[]> {
  const query = db.selectFrom('numberEmergencyAddresses').selectAll();
  return (organizationId === undefined ? query : query.where('organizationId', '=', organizationId)).execute();
}

/** The number's one address, new or instead of the one it has. */
export async function upsertNumberAddress(tx: Transaction, row: NumberAddressRow): Promise<void> {
  const changed = {
    locationId: row.locationId,
    address: jsonOrNull(row.address),
    addressCheck: jsonOrNull(row.addressCheck),
    updatedAt: row.updatedAt,
  };
  await tx
    .insertInto('numberEmergencyAddresses')
    .values({ ...row, ...changed })
    .onConflict((conflict) => conflict.column('number').doUpdateSet(changed))
    .execute();
}

export async function insertFormerNumberAddress(tx: Transaction, row: FormerNumberAddressRow): Promise<void> {
  await tx
    .insertInto('numberEmergencyAddressHistory')
    .values({ ...row, address: JSON.stringify(row.address), addressCheck: JSON.stringify(row.addressCheck) })
    .execute();
}

/** The newest first. */
export async function selectFormerNumberAddresses(
  db: Queryable,
  organizationId: string,
  number: string,
  max: number,
): Promise<FormerNumberAddressRow[]> {
  return db
    .selectFrom('numberEmergencyAddressHistory')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('number', '=', number)
    .orderBy('validTo', 'desc')
    .orderBy('id')
    .limit(max)
    .execute();
}
