import type { Addresses } from '../addresses/addresses.ts';
import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { deriveEmergencyAddress } from './derive-emergency-address.ts';
import { selectEmergencyAddresses } from './emergency-address-records.ts';
import type { EmergencyAddress } from './place.ts';

/** Organization, then location, to the location's emergency address. */
export type EmergencyAddressIndex = ReadonlyMap<string, ReadonlyMap<string, EmergencyAddress>>;

/** Emergency addresses in memory. Where they are follows from their locations, which are in memory too. */
export function emergencyAddressSnapshotDefinition(deps: {
  database: Database;
  addresses: Pick<Addresses, 'civicFromPostal'>;
}): SnapshotDefinition<EmergencyAddress[], EmergencyAddressIndex> {
  async function load(organizationId?: string): Promise<Map<string, EmergencyAddress[]>> {
    const rows = await selectEmergencyAddresses(deps.database.db, organizationId);
    return Map.groupBy(
      rows.map((row) => deriveEmergencyAddress(deps.addresses, row)),
      (address) => address.organizationId,
    );
  }

  return {
    name: 'emergency-addresses',
    version: 1,
    kinds: ['emergency-addresses'],
    loadAll: () => load(),
    loadOne: async (organizationId) => (await load(organizationId)).get(organizationId) ?? null,
    build(rows, previous, changed) {
      const index = new Map<string, ReadonlyMap<string, EmergencyAddress>>();
      for (const [organizationId, list] of rows) {
        const kept = changed?.has(organizationId) === false ? previous?.get(organizationId) : undefined;
        index.set(organizationId, kept ?? new Map(list.map((address) => [address.locationId, address])));
      }
      return index;
    },
  };
}
