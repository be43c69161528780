import type { AddressCheck, Addresses, UncheckedAddress } from '../addresses/addresses.ts';
import type { Audit, AuditEntry } from '../audit/audit.ts';
import { createFieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { newId } from '../support/ids.ts';
import { readWindow } from './change-wire-map.ts';
import { readDeviceId } from './device-id.ts';
import {
  type DeviceAddressRow,
  type DeviceOverrideRow,
  deleteAddresses,
  deleteExpiredOverrides,
  deleteOverride,
  lockDevice,
  selectAddresses,
  selectDeviceIds,
  selectOverride,
  upsertAddress,
  upsertOverride,
} from './device-records.ts';
import { networkOf, postalAddressOf } from './device-snapshot.ts';
import { findForNetwork } from './known-devices.ts';
import type { NetworkFingerprint } from './network-fingerprint.ts';
import { type NetworkInput, readNetwork } from './read-network.ts';

export type { NetworkInput } from './read-network.ts';

/** An address that a device registered for itself, and the network it counts in. */
export type DeviceAddress = {
  id: string;
  network: NetworkFingerprint;
  address: PostalAddress;
  addressCheck: AddressCheck;
  /** ISO 8601. */
  registeredAt: string;
  /** To within some days. */
  lastUsedAt: string;
};

export type DeviceOverrideView = {
  responseLocationId: string;
  /** ISO 8601; null = until it is taken away. */
  expiresAt: string | null;
  updatedAt: string;
};

export type DeviceView = { deviceId: string; override: DeviceOverrideView | null; addresses: DeviceAddress[] };

/** Whether a device has an address in a network, or must be asked for one. */
export type DeviceAddressAnswer = { deviceId: string; needsAddress: boolean; address: DeviceAddress | null };

export type DeviceDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  addresses: Pick<Addresses, 'readEmergencyAddress'>;
  places: Pick<Places, 'getResponseLocation' | 'responseLocation'>;
  /** An address that was not used for so long counts no more. */
  addressRetentionMs: number;
};

const MAX_NETWORKS = 20;
const NOTHING_AROUND: PostalAddress = { address1: '', city: '', state: '', postalCode: '', country: '' };

function toAddress(row: DeviceAddressRow): DeviceAddress {
  return {
    id: row.id,
    network: networkOf(row),
    address: postalAddressOf(row),
    addressCheck: row.addressCheck as unknown as AddressCheck,
    registeredAt: row.registeredAt.toISOString(),
    lastUsedAt: row.lastUsedAt.toISOString(),
  };
}

function requireDeviceId(text: string): string {
  const deviceId = readDeviceId(text);
  if (deviceId === undefined) {
    throw invalidField('deviceId', 'is not a MAC address, a sip: or tel: URI or a name of at most 128 characters');
  }
  return deviceId;
}

/**
 * Devices that have a place of their own: an exact one that an administrator says (override), and addresses that they register
 * for the networks they are in. The trail tells that an address was given, never which: it would outlive the purge.
 */
export function createDeviceManagement(deps: DeviceDeps) {
  const { database, clock } = deps;

  /** A place that was merged into another is that one. */
  function toOverride(row: DeviceOverrideRow | undefined): DeviceOverrideView | null {
    if (row === undefined) return null;
    const { organizationId, expiresAt, updatedAt } = row;
    return {
      responseLocationId:
        deps.places.responseLocation(organizationId, row.responseLocationId)?.id ?? row.responseLocationId,
      expiresAt: expiresAt?.toISOString() ?? null,
      updatedAt: updatedAt.toISOString(),
    };
  }

  async function change<Result>(
    scope: Scope,
    deviceId: string,
    work: (tx: Transaction, now: Date) => Promise<{ result: Result; entry: Omit<AuditEntry, 'subject'> | undefined }>,
  ): Promise<Result> {
    return database.db.transaction().execute(async (tx) => {
      await lockDevice(tx, scope.organizationId, deviceId);
      const { result, entry } = await work(tx, new Date(clock.nowMs()));
      if (entry === undefined) return result;
      await deps.audit.record(tx, scope, { ...entry, subject: `device ${deviceId}` });
      await announceChange(tx, 'devices', scope.organizationId);
      return result;
    });
  }

  /** Those that count still. */
  async function currentAddresses(scope: Scope, deviceId: string): Promise<DeviceAddressRow[]> {
    const oldest = clock.nowMs() - deps.addressRetentionMs;
    const rows = await selectAddresses(database.db, scope.organizationId, deviceId);
    return rows.filter(({ lastUsedAt }) => lastUsedAt.getTime() >= oldest);
  }

  async function viewDevice(scope: Scope, deviceId: string): Promise<DeviceView> {
    const override = await selectOverride(database.db, scope.organizationId, deviceId);
    const addresses = await currentAddresses(scope, deviceId);
    return { deviceId, override: toOverride(override), addresses: addresses.map(toAddress) };
  }

  return {
    /** Registers the address of the device in the network it is in, instead of the one it had there. Rejects with `invalid`. */
    async registerDeviceAddress(
      scope: Scope,
      device: string,
      input: { address: UncheckedAddress; network?: NetworkInput | undefined },
      sourceAddress: string,
    ): Promise<DeviceAddress> {
      const { organizationId } = scope;
      const deviceId = requireDeviceId(device);
      const faults = createFieldFaults();
      const network = readNetwork(input.network ?? {}, sourceAddress, faults);
      faults.throwIfAny();
      const { address, check } = await deps.addresses.readEmergencyAddress(input.address, {
        base: NOTHING_AROUND,
        change: false,
        path: 'address',
        now: new Date(clock.nowMs()),
      });
      return change(scope, deviceId, async (tx, now) => {
        const rows = await selectAddresses(tx, organizationId, deviceId);
        const same = findForNetwork(
          rows.map((one) => ({ id: one.id, network: networkOf(one) })),
          network,
        );
        const row = {
          id: same?.id ?? newId(),
          organizationId,
          deviceId,
          network,
          address,
          addressCheck: check,
          registeredAt: now,
          lastUsedAt: now,
        };
        const stored = row as unknown as DeviceAddressRow;
        await upsertAddress(tx, stored);
        // The network used longest ago makes room.
        const others = rows.filter(({ id }) => id !== stored.id).map(({ id }) => id);
        await deleteAddresses(tx, organizationId, others.slice(MAX_NETWORKS - 1));
        return {
          result: toAddress(stored),
          entry: {
            action: same === undefined ? 'device.address-registered' : 'device.address-changed',
            detail: { addressId: stored.id, level: check.level },
          },
        };
      });
    },

    /** The address of the device in the network that is told; `needsAddress` where it must be asked for one. */
    async findDeviceAddress(
      scope: Scope,
      device: string,
      network: NetworkInput,
      sourceAddress: string,
    ): Promise<DeviceAddressAnswer> {
      const deviceId = requireDeviceId(device);
      const faults = createFieldFaults();
      const seen = readNetwork(network, sourceAddress, faults);
      faults.throwIfAny();
      const known = (await currentAddresses(scope, deviceId)).map(toAddress);
      const address = findForNetwork(known, seen) ?? null;
      return { deviceId, needsAddress: address === null, address };
    },

    /** Forgets one address of the device, or all of them. `not-found` where there is none. */
    async removeDeviceAddress(scope: Scope, device: string, addressId?: string): Promise<void> {
      const { organizationId } = scope;
      const deviceId = requireDeviceId(device);
      await change(scope, deviceId, async (tx) => {
        const rows = await selectAddresses(tx, organizationId, deviceId);
        const ids = rows.map(({ id }) => id).filter((id) => addressId === undefined || id === addressId);
        if (ids.length === 0) throw new ProblemError('not-found', `device ${deviceId} has no such address`);
        await deleteAddresses(tx, organizationId, ids);
        return { result: undefined, entry: { action: 'device.address-removed', detail: { addressIds: ids } } };
      });
    },

    /** Says where the device is, whatever else is known of it. Rejects with `invalid`. */
    async setDeviceOverride(
      scope: Scope,
      device: string,
      input: { responseLocationId: string; expiresAt?: string | null | undefined },
    ): Promise<DeviceOverrideView> {
      const { organizationId } = scope;
      const deviceId = requireDeviceId(device);
      const { responseLocationId } = input;
      const expiresAt = readExpiry(input.expiresAt ?? null, clock.nowMs());
      const isMissing = (cause: unknown): ProblemError =>
        new ProblemError('invalid', `there is no emergency response location ${responseLocationId}`, {
          cause,
          fields: [
            { path: 'responseLocationId', message: 'is not an emergency response location of this organization' },
          ],
        });
      try {
        await deps.places.getResponseLocation(scope, responseLocationId);
      } catch (error) {
        if (!(error instanceof ProblemError) || (error.kind !== 'not-found' && error.kind !== 'gone')) throw error;
        throw isMissing(error);
      }
      try {
        return await change(scope, deviceId, async (tx, now) => {
          const before = await selectOverride(tx, organizationId, deviceId);
          await deleteExpiredOverrides(tx, organizationId, now);
          const row: DeviceOverrideRow = {
            organizationId,
            deviceId,
            responseLocationId,
            expiresAt,
            createdAt: before?.createdAt ?? now,
            updatedAt: now,
          };
          await upsertOverride(tx, row);
          const view = toOverride(row);
          if (view === null) throw new Error('an override was not stored');
          return {
            result: view,
            entry: { action: 'device.override-set', before: toOverride(before), after: view },
          };
        });
      } catch (error) {
        // Removed between the question and the write.
        if (isForeignKeyViolation(error)) throw isMissing(error);
        throw error;
      }
    },

    /** `not-found` where there is none. */
    async removeDeviceOverride(scope: Scope, device: string): Promise<void> {
      const { organizationId } = scope;
      const deviceId = requireDeviceId(device);
      await change(scope, deviceId, async (tx) => {
        const before = await selectOverride(tx, organizationId, deviceId);
        if (before === undefined) throw new ProblemError('not-found', `device ${deviceId} has no override`);
        await deleteOverride(tx, organizationId, deviceId);
        return { result: undefined, entry: { action: 'device.override-removed', before: toOverride(before) } };
      });
    },

    /** `not-found` for a device of which nothing is known. */
    async getDevice(scope: Scope, device: string): Promise<DeviceView> {
      const deviceId = requireDeviceId(device);
      const view = await viewDevice(scope, deviceId);
      if (view.override === null && view.addresses.length === 0) {
        throw new ProblemError('not-found', `nothing is known of device ${deviceId}`);
      }
      return view;
    },

    /** Ids only: whoever wants to know where somebody lives asks for that one device. */
    async listDevices(
      scope: Scope,
      filter: { text?: string | undefined; start?: number | undefined; max?: number | undefined },
    ): Promise<{ items: { deviceId: string }[]; total: number }> {
      const { ids, total } = await selectDeviceIds(database.db, scope.organizationId, filter.text, readWindow(filter));
      return { items: ids.map((deviceId) => ({ deviceId })), total };
    },

    /** Forgets everything about a device. `not-found` where nothing is known. */
    async purgeDevice(scope: Scope, device: string): Promise<void> {
      const { organizationId } = scope;
      const deviceId = requireDeviceId(device);
      await change(scope, deviceId, async (tx) => {
        const before = await selectOverride(tx, organizationId, deviceId);
        const rows = await selectAddresses(tx, organizationId, deviceId);
        if (before === undefined && rows.length === 0) {
          throw new ProblemError('not-found', `nothing is known of device ${deviceId}`);
        }
        await deleteOverride(tx, organizationId, deviceId);
        await deleteAddresses(
          tx,
          organizationId,
          rows.map(({ id }) => id),
        );
        return {
          result: undefined,
          entry: { action: 'device.purged', before: toOverride(before), detail: { addresses: rows.length } },
        };
      });
    },
  };
}

function readExpiry(text: string | null, nowMs: number): Date | null {
  if (text === null) return null;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw invalidField('expiresAt', 'is not a time (ISO 8601)');
  if (date.getTime() <= nowMs) throw invalidField('expiresAt', 'is past');
  return date;
}

export type DeviceManagement = ReturnType<typeof createDeviceManagement>;
