import { isPrivateIp, readIpWords } from './ip-words.ts';

/** What a network is known by again; everything in canonical text. At least one of them is given. */
export type NetworkFingerprint = {
  /** The public address it is seen from: an IPv4 address, or the first 64 bits of an IPv6 one as `xxxxxxxx:xxxxxxxx`. */
  publicAddress: string | null;
  gatewayMac: string | null;
  bssids: readonly string[];
  /** Chassis of switches. */
  chassis: readonly string[];
};

const words = new Uint32Array(4);

/**
 * What stays of a public address while somebody lives behind it: all of an IPv4 address, for its neighbours are other houses;
 * the /64 of an IPv6 address, for the rest is the device's own and changes. undefined for private ones.
 */
export function publicAddressOf(address: string): string | undefined {
  const version = readIpWords(address, words);
  if (version === 0 || isPrivateIp(version, words)) return undefined;
  if (version === 4) return address;
  return `${(words[0] ?? 0).toString(16).padStart(8, '0')}:${(words[1] ?? 0).toString(16).padStart(8, '0')}`;
}

/**
 * Whether two sightings are of the same network. Hardware that both name decides, either way: one access point, switch or
 * gateway in common is enough, none in common is another network whatever the public address says (a provider may put a town
 * behind one). Only where there is no hardware to compare, the public address decides.
 */
export function isSameNetwork(known: NetworkFingerprint, seen: NetworkFingerprint): boolean {
  let compared = false;
  for (const kind of ['bssids', 'chassis'] as const) {
    if (known[kind].length === 0 || seen[kind].length === 0) continue;
    if (known[kind].some((one) => seen[kind].includes(one))) return true;
    compared = true;
  }
  if (known.gatewayMac !== null && seen.gatewayMac !== null) {
    if (known.gatewayMac === seen.gatewayMac) return true;
    compared = true;
  }
  return !compared && known.publicAddress !== null && known.publicAddress === seen.publicAddress;
}

/** Whether anything of a network was seen. */
export function isNetworkSeen({ publicAddress, gatewayMac, bssids, chassis }: NetworkFingerprint): boolean {
  return publicAddress !== null || gatewayMac !== null || bssids.length > 0 || chassis.length > 0;
}
