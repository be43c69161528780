import type { CivicAddress } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { type DeviceAddressRow, selectAllAddresses, selectAllOverrides } from './device-records.ts';
import type { DeviceOverride, DevicesByOrganization, KnownDevices, RegisteredAddress } from './known-devices.ts';
import type { NetworkFingerprint } from './network-fingerprint.ts';

/** One organization's devices, as they stand on disk too. */
export type DeviceRows = {
  overrides: { deviceId: string; override: DeviceOverride }[];
  /** The one used last first. */
  addresses: RegisteredAddress[];
};

export function networkOf(row: DeviceAddressRow): NetworkFingerprint {
  return row.network as unknown as NetworkFingerprint;
}

export function postalAddressOf(row: DeviceAddressRow): PostalAddress {
  return row.address as unknown as PostalAddress;
}

function indexOf({ overrides, addresses }: DeviceRows): KnownDevices {
  const devices = new Map<string, { override: DeviceOverride | undefined; addresses: RegisteredAddress[] }>();
  const of = (deviceId: string) => {
    let device = devices.get(deviceId);
    if (device === undefined) devices.set(deviceId, (device = { override: undefined, addresses: [] }));
    return device;
  };
  for (const { deviceId, override } of overrides) of(deviceId).override = override;
  // A copy of its own: how late it was used is noted in it.
  const byId = new Map(addresses.map((address) => [address.id, { ...address }]));
  for (const address of byId.values()) of(address.deviceId).addresses.push(address);
  return { find: (deviceId) => devices.get(deviceId), address: (id) => byId.get(id) };
}

/** Overrides and registered addresses in memory, so that HELD answers without the database. */
export function deviceSnapshotDefinition(deps: {
  database: Database;
  civicFromPostal: (address: PostalAddress) => CivicAddress;
}): SnapshotDefinition<DeviceRows, DevicesByOrganization> {
  async function load(organizationId?: string): Promise<Map<string, DeviceRows>> {
    const loaded = new Map<string, DeviceRows>();
    const of = (id: string): DeviceRows => {
      let rows = loaded.get(id);
      if (rows === undefined) loaded.set(id, (rows = { overrides: [], addresses: [] }));
      return rows;
    };
    const { db } = deps.database;
    for (const { organizationId: id, deviceId, responseLocationId, expiresAt } of await selectAllOverrides(
      db,
      organizationId,
    )) {
      of(id).overrides.push({ deviceId, override: { responseLocationId, expiresMs: expiresAt?.getTime() ?? null } });
    }
    for (const row of await selectAllAddresses(db, organizationId)) {
      of(row.organizationId).addresses.push({
        id: row.id,
        deviceId: row.deviceId,
        network: networkOf(row),
        civic: deps.civicFromPostal(postalAddressOf(row)),
        lastUsedMs: row.lastUsedAt.getTime(),
      });
    }
    return loaded;
  }

  return {
    name: 'devices',
    version: 1,
    kinds: ['devices'],
    loadAll: () => load(),
    loadOne: async (organizationId) => (await load(organizationId)).get(organizationId) ?? null,
    build(rows, previous, changed) {
      const index = new Map<string, KnownDevices>();
      for (const [organizationId, one] of rows) {
        const kept = changed?.has(organizationId) === false ? previous?.get(organizationId) : undefined;
        index.set(organizationId, kept ?? indexOf(one));
      }
      return index;
    },
  };
}
