import { sql } from 'kysely';
import { announceChange, type ChangeKind } from './change-feed.ts';
import type { Database } from './database.ts';

/** Where each kind of stored address keeps what was found out about it; the key is the `subjectId` by which it is known. */
const CHECKED = {
  location: { table: 'locations', key: 'id', change: 'locations' },
  building: { table: 'buildings', key: 'id', change: 'places' },
  'location-emergency-address': {
    table: 'location_emergency_addresses',
    key: 'id',
    change: 'emergency-addresses',
  },
  'number-emergency-address': { table: 'number_emergency_addresses', key: 'number', change: 'members' },
  device: { table: 'device_addresses', key: 'id', change: 'devices' },
} as const satisfies Record<string, { table: string; key: string; change: ChangeKind }>;

export type CheckedKind = keyof typeof CHECKED;

/** What was found out about an address as it is stored; `check` is an AddressCheck. */
export type NewAddressCheck = {
  organizationId: string;
  kind: CheckedKind;
  subjectId: string;
  address: object;
  check: object;
};

export function hasAddressCheck(kind: string): kind is CheckedKind {
  return Object.hasOwn(CHECKED, kind);
}

/** Two nodes that look at all addresses at once take turns: each writes many rows. */
const CHECKS_LOCK = 911_000_024;

/**
 * Writes anew what stands beside stored addresses, where it says something else than before, and announces it. An address that
 * was changed meanwhile keeps what was found out about it then. A transaction for each kind, so that no row is waited for by
 * one that holds rows of another kind, or the feed.
 */
export async function rewriteAddressChecks({ db }: Database, found: readonly NewAddressCheck[]): Promise<void> {
  for (const [kind, { table, key, change }] of Object.entries(CHECKED)) {
    const given = found
      .filter((one) => one.kind === kind)
      .map(({ organizationId, subjectId, address, check }) => ({
        organization_id: organizationId,
        subject_id: subjectId,
        address,
        address_check: check,
      }));
    if (given.length === 0) continue;
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${CHECKS_LOCK})`.execute(tx);
      const { rows } = await sql<{ organizationId: string }>`
      update ${sql.table(table)} as stored set address_check = given.address_check
      from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        as given (organization_id uuid, subject_id text, address jsonb, address_check jsonb)
      where stored.organization_id = given.organization_id
        and stored.${sql.ref(key)}::text = given.subject_id
        and stored.address = given.address
        and stored.address_check - 'checkedAt' is distinct from given.address_check - 'checkedAt'
      returning stored.organization_id`.execute(tx);
      for (const organizationId of new Set(rows.map((row) => row.organizationId))) {
        await announceChange(tx, change, organizationId);
      }
    });
  }
}
