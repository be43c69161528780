import type { Selectable } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { PlacesTables } from '../storage/tables/places-tables.ts';

export type EmergencyAddressRow = Selectable<PlacesTables['locationEmergencyAddresses']>;
export type FormerEmergencyAddressRow = Selectable<PlacesTables['locationEmergencyAddressHistory']>;

export async function selectEmergencyAddress(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<EmergencyAddressRow | undefined> {
  return db
    .selectFrom('locationEmergencyAddresses')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirst();
}

/** Every one of every organization, or of one: what the snapshot is made of. */
export async function selectEmergencyAddresses(db: Queryable, organizationId?: string): Promise<EmergencyAddressRow[]> {
  const query = db.selectFrom('locationEmergencyAddresses').selectAll();
  return (organizationId === undefined ? query : query.where('organizationId', '=', organizationId)).execute();
}

/** The location's one address, new or instead of the one it has. */
export async function upsertEmergencyAddress(tx: Transaction, row: EmergencyAddressRow): Promise<void> {
  const changed = {
    address: JSON.stringify(row.address),
    addressCheck: JSON.stringify(row.addressCheck),
    updatedAt: row.updatedAt,
  };
  await tx
    .insertInto('locationEmergencyAddresses')
    .values({ ...row, ...changed })
    .onConflict((conflict) => conflict.columns(['organizationId', 'locationId']).doUpdateSet(changed))
    .execute();
}

export async function insertFormerEmergencyAddress(tx: Transaction, row: FormerEmergencyAddressRow): Promise<void> {
  await tx
    .insertInto('locationEmergencyAddressHistory')
    .values({ ...row, address: JSON.stringify(row.address), addressCheck: JSON.stringify(row.addressCheck) })
    .execute();
}

/** The newest first. */
export async function selectFormerEmergencyAddresses(
  db: Queryable,
  organizationId: string,
  locationId: string,
  max: number,
): Promise<FormerEmergencyAddressRow[]> {
  return db
    .selectFrom('locationEmergencyAddressHistory')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .orderBy('validTo', 'desc')
    .orderBy('id')
    .limit(max)
    .execute();
}
