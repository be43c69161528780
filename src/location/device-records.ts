import { type Selectable, sql } from 'kysely';
import { partPattern } from '../storage/conditions.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { DeviceTables } from '../storage/tables/device-tables.ts';
import type { Window } from '../storage/window.ts';

export type DeviceOverrideRow = Selectable<DeviceTables['deviceOverrides']>;
export type DeviceAddressRow = Selectable<DeviceTables['deviceAddresses']>;

// One writer at a time per device: which of its networks is the same as a new one is decided by reading them all.
const DEVICE_LOCK = 911_000_016;

export async function lockDevice(tx: Transaction, organizationId: string, deviceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${DEVICE_LOCK}, hashtext(${`${organizationId} ${deviceId}`}))`.execute(tx);
}

export async function selectOverride(
  db: Queryable,
  organizationId: string,
  deviceId: string,
): Promise<DeviceOverrideRow | undefined> {
  return db
    .selectFrom('deviceOverrides')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('deviceId', '=', deviceId)
    .executeTakeFirst();
}

export async function upsertOverride(tx: Transaction, row: DeviceOverrideRow): Promise<void> {
  const { responseLocationId, expiresAt, updatedAt } = row;
  await tx
    .insertInto('deviceOverrides')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'deviceId']).doUpdateSet({ responseLocationId, expiresAt, updatedAt }),
    )
    .execute();
}

export async function deleteOverride(tx: Transaction, organizationId: string, deviceId: string): Promise<void> {
  await tx
    .deleteFrom('deviceOverrides')
    .where('organizationId', '=', organizationId)
    .where('deviceId', '=', deviceId)
    .execute();
}

/** The one used last first. */
export async function selectAddresses(
  db: Queryable,
  organizationId: string,
  deviceId: string,
): Promise<DeviceAddressRow[]> {
  return db
    .selectFrom('deviceAddresses')
    .selectAll()
    .where('organizationId', '=', organizationId)
    .where('deviceId', '=', deviceId)
    .orderBy('lastUsedAt', 'desc')
    .orderBy('id')
    .execute();
}

/** New, or instead of the one with the same id. */
export async function upsertAddress(tx: Transaction, row: DeviceAddressRow): Promise<void> {
  const changed = {
    network: JSON.stringify(row.network),
    address: JSON.stringify(row.address),
    addressCheck: JSON.stringify(row.addressCheck),
    registeredAt: row.registeredAt,
    lastUsedAt: row.lastUsedAt,
  };
  await tx
    .insertInto('deviceAddresses')
    .values({ ...row, ...changed })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteAddresses(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.deleteFrom('deviceAddresses').where('organizationId', '=', organizationId).where('id', 'in', ids).execute();
}

/** Answers which organizations had such addresses. */
export async function deleteAddressesUnusedSince(tx: Transaction, before: Date): Promise<Map<string, number>> {
  const gone = await tx
    .deleteFrom('deviceAddresses')
    .where('lastUsedAt', '<', before)
    .returning('organizationId')
    .execute();
  const counts = new Map<string, number>();
  for (const { organizationId } of gone) counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
  return counts;
}

/** Forgets overrides that ended before. */
export async function deleteExpiredOverrides(tx: Transaction, organizationId: string, now: Date): Promise<void> {
  await tx
    .deleteFrom('deviceOverrides')
    .where('organizationId', '=', organizationId)
    .where('expiresAt', '<', now)
    .execute();
}

/** Whether the address was still there, and was not noted as late as that. */
export async function touchAddress(
  tx: Transaction,
  organizationId: string,
  id: string,
  lastUsedAt: Date,
): Promise<boolean> {
  const touched = await tx
    .updateTable('deviceAddresses')
    .set({ lastUsedAt })
    .where('organizationId', '=', organizationId)
    .where('id', '=', id)
    .where('lastUsedAt', '<', lastUsedAt)
    .executeTakeFirst();
  return touched.numUpdatedRows > 0n;
}

export async function selectAllOverrides(db: Queryable, organizationId?: string): Promise<DeviceOverrideRow[]> {
  const query = db.selectFrom('deviceOverrides').selectAll();
  return (organizationId === undefined ? query : query.where('organizationId', '=', organizationId)).execute();
}

export async function selectAllAddresses(db: Queryable, organizationId?: string): Promise<DeviceAddressRow[]> {
  const query = db.selectFrom('deviceAddresses').selectAll().orderBy('lastUsedAt', 'desc').orderBy('id');
  return (organizationId === undefined ? query : query.where('organizationId', '=', organizationId)).execute();
}

/** Ids of devices that have an override or an address, in their order. */
export async function selectDeviceIds(
  db: Queryable,
  organizationId: string,
  text: string | undefined,
  window: Window,
): Promise<{ ids: string[]; total: number }> {
  const all = db
    .selectFrom('deviceOverrides')
    .select(['organizationId', 'deviceId'])
    .union(db.selectFrom('deviceAddresses').select(['organizationId', 'deviceId']));
  let query = db.selectFrom(all.as('devices')).where('organizationId', '=', organizationId);
  if (text !== undefined) {
    query = query.where('deviceId', 'like', partPattern(text.toLowerCase()));
  }
  const rows = await query.select('deviceId').orderBy('deviceId').limit(window.max).offset(window.start).execute();
  const { total } = await query.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
  return { ids: rows.map(({ deviceId }) => deviceId), total: Number(total) };
}
