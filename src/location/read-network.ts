import { isIP } from 'node:net';
import type { FieldFaults } from '../domain/field-faults.ts';
import { readHardwareAddress } from '../wire/held/held.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';
import { isNetworkSeen, type NetworkFingerprint, publicAddressOf } from './network-fingerprint.ts';
import { normalizeSwitchName } from './wire-map-element.ts';

/** What a device tells of the network it is in. */
export type NetworkInput = {
  /** The public address that the network is seen from; left out: the one that the request comes from. */
  publicAddress?: string | null | undefined;
  gatewayMac?: string | null | undefined;
  /** Access points heard, at most 64. */
  bssids?: readonly string[] | undefined;
  /** Chassis of neighbouring switches, at most 8. */
  chassis?: readonly string[] | undefined;
};

const MAX_BSSIDS = 64;
const MAX_CHASSIS = 8;
const MAX_NAME = 255;

/** Reads a network; faults are reported under `network.…`, also where nothing is told by which it could be known again. */
export function readNetwork(input: NetworkInput, sourceAddress: string, faults: FieldFaults): NetworkFingerprint {
  const { publicAddress = sourceAddress, gatewayMac = null, bssids = [], chassis = [] } = input;
  const hardware = (text: string, path: string): string => {
    const address = readHardwareAddress(text);
    if (address === undefined) faults.add(path, 'is not a MAC address');
    return address ?? '';
  };
  if (bssids.length > MAX_BSSIDS) faults.add('network.bssids', `has more than ${MAX_BSSIDS} entries`);
  if (chassis.length > MAX_CHASSIS) faults.add('network.chassis', `has more than ${MAX_CHASSIS} entries`);
  const address =
    publicAddress === null || isIP(publicAddress) === 0 ? undefined : readIpAddress(publicAddress)?.address;
  if (publicAddress !== null && input.publicAddress !== undefined && address === undefined) {
    faults.add('network.publicAddress', 'is not an IP address');
  }
  for (const [place, name] of chassis.entries()) {
    if (name.trim() === '' || name.length > MAX_NAME)
      faults.add(`network.chassis.${place}`, 'is not the name of a switch');
  }
  const network: NetworkFingerprint = {
    publicAddress: address === undefined ? null : (publicAddressOf(address) ?? null),
    gatewayMac: gatewayMac === null ? null : hardware(gatewayMac, 'network.gatewayMac'),
    bssids: [...new Set(bssids.slice(0, MAX_BSSIDS).map((text, place) => hardware(text, `network.bssids.${place}`)))],
    chassis: [...new Set(chassis.slice(0, MAX_CHASSIS).map(normalizeSwitchName))],
  };
  if (!isNetworkSeen(network)) {
    faults.add(
      'network',
      'tells nothing by which it could be known again: give publicAddress, gatewayMac, bssids or chassis',
    );
  }
  return network;
}
