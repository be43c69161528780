import type { DeviceIdentity, WifiMeasurement } from '../wire/held/held.ts';
import { deviceIdOf, numberOfUri } from './device-id.ts';
import { type Inquiry, isFresh, isUsable } from './device-inquiry.ts';
import { readIpWords } from './ip-words.ts';
import { findForNetwork, type KnownDevice } from './known-devices.ts';
import type { LocationTarget } from './located-device.ts';
import { isNetworkSeen, type NetworkFingerprint, publicAddressOf } from './network-fingerprint.ts';
import { relayPort } from './relay-port.ts';
import { type LocatingRule, RESOLUTION_TABLE, resolutionOf } from './resolution-table.ts';
import { normalizeSwitchName } from './wire-map-element.ts';
import { type FoundElement, switchPortKey } from './wire-map-index.ts';

/** What a rule names. */
export type Match = {
  element: string;
  target: LocationTarget;
  identity?: DeviceIdentity;
  ageMs?: number;
  elementKey?: string;
};
/** Answers true when no further match is wanted. */
type Found = (match: Match) => boolean;

/** What each rule goes by; their order and worth are in the resolution table. */
const FINDERS: Readonly<Record<LocatingRule, (inquiry: Inquiry, found: Found) => void>> = {
  'device-override': byOverride,
  'switch-port': bySwitchPort,
  'switch-chassis': bySwitchChassis,
  bssid: byBssid,
  'bssid-mask': byBssidMask,
  mac: byMac,
  'ip-range': byAddress,
  'device-address': byDeviceAddress,
  number: byNumber,
  'site-default': bySite,
};

/** The first that names a place wins. */
export const RULES = RESOLUTION_TABLE.map((resolution) => ({ ...resolution, find: FINDERS[resolution.rule] }));

function erl(element: FoundElement, words: string): Match {
  return { element: words, target: { kind: 'erl', id: element.responseLocationId }, elementKey: element.key };
}

function* knownDevices({ known, devices }: Inquiry): Generator<[string, DeviceIdentity, KnownDevice]> {
  for (const device of devices) {
    const id = deviceIdOf(device);
    const one = id === undefined ? undefined : known?.find(id);
    if (id !== undefined && one !== undefined) yield [id, device, one];
  }
}

function byOverride(inquiry: Inquiry, found: Found): void {
  if (inquiry.known === undefined) return;
  for (const [id, identity, { override }] of knownDevices(inquiry)) {
    if (override === undefined) continue;
    if (override.expiresMs !== null && override.expiresMs <= inquiry.question.nowMs) {
      inquiry.notes.push(`device-override: that of ${id} has expired`);
      continue;
    }
    found({ element: `device ${id}`, target: { kind: 'erl', id: override.responseLocationId }, identity });
  }
}

/** The neighbour that LLDP names; then the port that the DHCP relay agent names (RFC 7105 §5.2), where it is mapped as one. */
function bySwitchPort({ map, measured, notes }: Inquiry, found: Found): void {
  for (const set of measured) {
    const { lldp, dhcp, ageMs } = set;
    if ((lldp.length === 0 && dhcp.length === 0) || !isUsable(set, 'switch-port', notes)) continue;
    for (const { chassis, port } of lldp) {
      if (port === undefined) continue;
      const chassisName = normalizeSwitchName(chassis.value);
      const portName = normalizeSwitchName(port.value);
      const element = map?.find('switch-port', switchPortKey(chassisName, portName));
      if (element !== undefined) found({ ...erl(element, `switch ${chassisName} port ${portName}`), ageMs });
    }
    for (const measurement of dhcp) {
      const { chassis, relay, port } = relayPort(measurement);
      if (port === undefined) continue;
      const element =
        (chassis === undefined ? undefined : map?.find('switch-port', switchPortKey(chassis, port))) ??
        map?.find('switch-port', switchPortKey(relay, port));
      if (element !== undefined) found({ ...erl(element, `DHCP relay ${chassis ?? relay} circuit ${port}`), ageMs });
    }
  }
}

function bySwitchChassis({ map, measured, notes }: Inquiry, found: Found): void {
  for (const set of measured) {
    const { lldp, dhcp, ageMs } = set;
    if ((lldp.length === 0 && dhcp.length === 0) || !isUsable(set, 'switch-chassis', notes)) continue;
    for (const { chassis } of lldp) {
      const element = map?.find('switch-chassis', normalizeSwitchName(chassis.value));
      if (element !== undefined) found({ ...erl(element, `switch ${element.key}`), ageMs });
    }
    for (const measurement of dhcp) {
      const { chassis } = relayPort(measurement);
      const element = chassis === undefined ? undefined : map?.find('switch-chassis', chassis);
      if (element !== undefined) found({ ...erl(element, `DHCP relay ${element.key}`), ageMs });
    }
  }
}

/** The access point the device is attached to, then the loudest. */
export function byLoudness(wifi: readonly WifiMeasurement[]): readonly WifiMeasurement[] {
  if (wifi.length < 2) return wifi;
  return wifi.toSorted(
    (a, b) => Number(b.serving) - Number(a.serving) || (b.signalDbm ?? -200) - (a.signalDbm ?? -200),
  );
}

function byBssid({ map, measured, masked, notes }: Inquiry, found: Found): void {
  if (map === undefined) return;
  for (const set of measured) {
    const { wifi, ageMs } = set;
    if (wifi.length === 0 || !isUsable(set, 'bssid', notes)) continue;
    for (const { bssid } of byLoudness(wifi)) {
      const element = map.find('bssid', bssid);
      if (element === undefined) continue;
      if (element.key.endsWith('*')) {
        masked.push({ element, ageMs });
        continue;
      }
      if (found({ ...erl(element, `access point ${element.key}`), ageMs })) return;
    }
  }
}

/** Masks that stand for what no exact BSSID stands for, in the same order. */
function byBssidMask({ masked }: Inquiry, found: Found): void {
  for (const { element, ageMs } of masked) {
    if (found({ ...erl(element, `access points ${element.key}`), ageMs })) return;
  }
}

function byMac({ map, devices }: Inquiry, found: Found): void {
  for (const device of devices) {
    const element = device.kind === 'mac' ? map?.find('mac', device.address) : undefined;
    if (element !== undefined) found({ ...erl(element, `device ${element.key}`), identity: device });
  }
}

const words = new Uint32Array(4);

function byAddress({ map, addresses, devices, question }: Inquiry, found: Found): void {
  for (const address of addresses) {
    const version = readIpWords(address, words);
    if (version === 0 || map === undefined) continue;
    const element = map.findByAddress(version, words);
    if (element === undefined) continue;
    const identity = devices.find((device) => device.kind === 'ip' && device.address === address);
    found({ ...erl(element, `${address} in ${element.key}`), ...(identity && { identity }) });
    if (question.winnerOnly === true) continue;
    const wider = map.findWiderByAddress(version, words);
    if (wider !== undefined) found(erl(wider, `${address} in ${wider.key}`));
  }
}

/** The network that the device is in, as far as the request shows it. */
function seenNetwork({ measured, seenFrom }: Inquiry): NetworkFingerprint {
  let publicAddress: string | undefined;
  for (const address of seenFrom) publicAddress ??= publicAddressOf(address);
  const bssids: string[] = [];
  const chassisNames: string[] = [];
  for (const set of measured) {
    if (isFresh(set, 'bssid')) for (const { bssid } of set.wifi) bssids.push(bssid);
    if (isFresh(set, 'switch-chassis')) {
      for (const { chassis } of set.lldp) chassisNames.push(normalizeSwitchName(chassis.value));
    }
  }
  return { publicAddress: publicAddress ?? null, gatewayMac: null, bssids, chassis: chassisNames };
}

/**
 * The address that a device registered for the network it is in. Where the request shows nothing of the network (a proxy asks
 * for the device), the one used last, while it is fresh. In a network it has no address for, the device must be asked anew.
 */
function byDeviceAddress(inquiry: Inquiry, found: Found): void {
  if (inquiry.known === undefined) return;
  const { deps, question, notes } = inquiry;
  const { nowMs } = question;
  const { freshForMs } = resolutionOf('device-address');
  for (const [id, identity, { addresses }] of knownDevices(inquiry)) {
    if (addresses.length === 0) continue;
    const network = seenNetwork(inquiry);
    const isSeen = isNetworkSeen(network);
    const address = isSeen ? findForNetwork(addresses, network) : addresses[0];
    const ageMs = address === undefined ? 0 : Math.max(0, nowMs - address.lastUsedMs);
    const limitMs = Math.min(deps.addressRetentionMs, isSeen ? Number.POSITIVE_INFINITY : (freshForMs ?? 0));
    if (address === undefined || ageMs > limitMs) {
      inquiry.unplacedDevice ??= id;
      notes.push(
        `device-address: ${address === undefined ? 'none is known for the network' : 'the one known was not used for too long'}`,
      );
      continue;
    }
    const target: LocationTarget = { kind: 'device-address', id: address.id };
    found({
      element: isSeen ? `device ${id} in a network it knows` : `device ${id}, registered last; its network is not told`,
      target,
      identity,
      ageMs: isSeen ? 0 : ageMs,
    });
    if (isSeen) deps.noteAddressUse(question.organizationId, address, nowMs);
  }
}

function numberOfDevice(device: DeviceIdentity): string | undefined {
  if (device.kind === 'uri') return numberOfUri(device.value);
  return device.kind === 'msisdn' || device.kind === 'mdn' ? `+${device.value}` : undefined;
}

function byNumber({ deps, question, devices, unplacedDevice, notes }: Inquiry, found: Found): void {
  for (const device of devices) {
    const number = numberOfDevice(device);
    if (number === undefined) continue;
    const target = deps.findMemberTarget(question.organizationId, number);
    if (target === undefined) continue;
    // Who moves about is where its number is registered only by chance.
    if (unplacedDevice !== undefined) notes.push(`number: ${number} left out: the device moves about`);
    else found({ element: `number ${number}`, target, identity: device });
  }
}

function bySite({ siteLocationId, sitePublicRange }: Inquiry, found: Found): void {
  if (siteLocationId === null) return;
  found({ element: `seen from ${sitePublicRange}`, target: { kind: 'location', id: siteLocationId } });
}
