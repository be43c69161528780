import type { CivicAddress } from '../domain/civic-address.ts';
import { isSameNetwork, type NetworkFingerprint } from './network-fingerprint.ts';

/** An address that a device registered for itself, for one network. */
export type RegisteredAddress = {
  id: string;
  deviceId: string;
  network: NetworkFingerprint;
  civic: CivicAddress;
  /** When it was registered, or seen in use after that. */
  lastUsedMs: number;
};

/** An exact word of an administrator about where a device is. */
export type DeviceOverride = { responseLocationId: string; expiresMs: number | null };

export type KnownDevice = {
  override: DeviceOverride | undefined;
  /** The one used last first. */
  addresses: readonly RegisteredAddress[];
};

/** One organization's devices, by their ids as `readDeviceId` gives them. */
export type KnownDevices = {
  find(deviceId: string): KnownDevice | undefined;
  address(id: string): RegisteredAddress | undefined;
};

/** By organization; one that knows no devices is not in it, and its requests pay nothing for this. */
export type DevicesByOrganization = ReadonlyMap<string, KnownDevices>;

export function findForNetwork<Known extends { network: NetworkFingerprint }>(
  addresses: readonly Known[],
  seen: NetworkFingerprint,
): Known | undefined {
  return addresses.find(({ network }) => isSameNetwork(network, seen));
}
