import type { AddressCheck, Addresses } from '../addresses/addresses.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import type { NumberAddress } from './number-address.ts';
import { type NumberAddressRow, selectNumberAddresses } from './number-address-records.ts';

/** One organization's, by number and by id. */
export type NumberAddressBook = {
  byNumber: ReadonlyMap<string, NumberAddress>;
  byId: ReadonlyMap<string, NumberAddress>;
};

export type NumberAddressIndex = ReadonlyMap<string, NumberAddressBook>;

export function deriveNumberAddress(
  addresses: Pick<Addresses, 'civicFromPostal'>,
  row: NumberAddressRow,
): NumberAddress {
  const postalAddress = row.address as unknown as PostalAddress | null;
  return {
    id: row.id,
    organizationId: row.organizationId,
    number: row.number,
    locationId: row.locationId,
    postalAddress,
    address: postalAddress && addresses.civicFromPostal(postalAddress),
    addressCheck: row.addressCheck as unknown as AddressCheck | null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Own emergency addresses of numbers in memory, for calls. */
export function numberAddressSnapshotDefinition(deps: {
  db: Queryable;
  addresses: Pick<Addresses, 'civicFromPostal'>;
}): SnapshotDefinition<NumberAddress[], NumberAddressIndex> {
  async function load(organizationId?: string): Promise<Map<string, NumberAddress[]>> {
    const loaded = new Map<string, NumberAddress[]>();
    for (const row of await selectNumberAddresses(deps.db, organizationId)) {
      const list = loaded.get(row.organizationId);
      const address = deriveNumberAddress(deps.addresses, row);
      if (list) list.push(address);
      else loaded.set(row.organizationId, [address]);
    }
    return loaded;
  }

  return {
    name: 'number-addresses',
    version: 1,
    kinds: ['members'],
    loadAll: () => load(),
    loadOne: async (organizationId) => (await load(organizationId)).get(organizationId) ?? null,
    build(rows, previous, changed) {
      const index = new Map<string, NumberAddressBook>();
      for (const [organizationId, list] of rows) {
        const kept = changed?.has(organizationId) === false ? previous?.get(organizationId) : undefined;
        const book = kept ?? {
          byNumber: new Map(list.map((address) => [address.number, address])),
          byId: new Map(list.map((address) => [address.id, address])),
        };
        index.set(organizationId, book);
      }
      return index;
    },
  };
}
