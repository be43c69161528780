import type { Addresses } from '../addresses/addresses.ts';
import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { deriveEmergencyAddress } from './derive-emergency-address.ts';
import { deriveLocation } from './derive-places.ts';
import { selectEmergencyAddresses } from './emergency-address-records.ts';
import type { EmergencyAddress } from './place.ts';
import { selectLocations } from './places-records.ts';

/** Organization, then location, to the location's emergency address. */
export type EmergencyAddressIndex = ReadonlyMap<string, ReadonlyMap<string, EmergencyAddress>>;

/** Emergency addresses in memory. They follow the locations too: a location's position may be theirs. */
export function emergencyAddressSnapshotDefinition(deps: {
  database: Database;
  addresses: Addresses;
}): SnapshotDefinition<EmergencyAddress[], EmergencyAddressIndex> {
  const { addresses, database } = deps;

  async function load(organizationId?: string): Promise<Map<string, EmergencyAddress[]>> {
    const loaded = new Map<string, EmergencyAddress[]>();
    const rowsOf = new Map<string, Awaited<ReturnType<typeof selectEmergencyAddresses>>>();
    for (const row of await selectEmergencyAddresses(database.db, organizationId)) {
      rowsOf.set(row.organizationId, [...(rowsOf.get(row.organizationId) ?? []), row]);
    }
    for (const [id, rows] of rowsOf) {
      const found = await selectLocations(
        database.db,
        id,
        rows.map(({ locationId }) => locationId),
      );
      const locations = new Map(found.map((location) => [location.id, deriveLocation(addresses, location)]));
      loaded.set(
        id,
        rows.map((row) => deriveEmergencyAddress(addresses, row, locations.get(row.locationId))),
      );
    }
    return loaded;
  }

  return {
    name: 'emergency-addresses',
    version: 1,
    kinds: ['locations', 'emergency-addresses'],
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
