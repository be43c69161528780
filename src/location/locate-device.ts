import type { DeviceIdentity, Measurements, WifiMeasurement } from '../wire/held/held.ts';
import { deviceIdOf, numberOfUri } from './device-id.ts';
import { type IpVersion, isPrivateIp, readIpWords } from './ip-words.ts';
import {
  type DevicesByOrganization,
  findForNetwork,
  type KnownDevice,
  type KnownDevices,
  type RegisteredAddress,
} from './known-devices.ts';
import type { DeviceQuestion, LocatedDevice, LocationCandidate, LocationTarget } from './located-device.ts';
import { isNetworkSeen, type NetworkFingerprint, publicAddressOf } from './network-fingerprint.ts';
import { type KnownPlaces, placeOfTarget } from './place-of-target.ts';
import { relayPort } from './relay-port.ts';
import { type LocatingRule, RESOLUTION_TABLE, type Resolution, resolutionOf } from './resolution-table.ts';
import { normalizeSwitchName } from './wire-map-element.ts';
import { type FoundElement, switchPortKey, type WireMapIndex } from './wire-map-index.ts';
import type { WireMaps } from './wire-map-snapshot.ts';

/** Finds what stands behind a telephone number or extension of this organization: its own address, or its location. */
export type FindMemberTarget = (organizationId: string, numberOrExtension: string) => LocationTarget | undefined;

export type LocateDeviceDeps = {
  wireMaps: () => WireMaps;
  places: KnownPlaces;
  /** From the members room, which knows who has which number. */
  findMemberTarget: FindMemberTarget;
  /** Overrides and registered addresses. */
  devices: () => DevicesByOrganization;
  /** How long a registered address counts after it was last seen in use. */
  addressRetentionMs: number;
  /** Told when a registered address is used. */
  noteAddressUse: (organizationId: string, address: RegisteredAddress, nowMs: number) => void;
};

type Match = {
  element: string;
  target: LocationTarget;
  identity?: DeviceIdentity;
  ageMs?: number;
  elementKey?: string;
};
/** Answers true when no further match is wanted. */
type Found = (match: Match) => boolean;

/** A question with what the rules share worked out once. */
type Inquiry = {
  deps: LocateDeviceDeps;
  question: DeviceQuestion;
  map: WireMapIndex | undefined;
  devices: readonly DeviceIdentity[];
  /** The newest first. */
  measured: readonly MeasuredSet[];
  /** Addresses that may be looked up in the wire map: private ones first, for they are the finer. */
  addresses: readonly string[];
  /** Where the request comes from, and the public addresses that it names. */
  seenFrom: readonly string[];
  /** The site behind the public address that the device is seen from. */
  siteLocationId: string | null;
  sitePublicRange: string;
  known: KnownDevices | undefined;
  /** Found on the way to exact BSSIDs: what is found by mask only. */
  masked: { element: FoundElement; ageMs: number }[];
  /** A device that registers addresses for itself, in a network for which it has none. */
  unplacedDevice: string | undefined;
  notes: string[];
};

/** What was measured at one time. */
type MeasuredSet = Pick<Measurements, 'lldp' | 'wifi' | 'dhcp'> & {
  /** How long ago. */
  ageMs: number;
  hasExpired: boolean;
};

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

const RULES = RESOLUTION_TABLE.map((resolution) => ({ ...resolution, find: FINDERS[resolution.rule] }));

function erl(element: FoundElement, words: string): Match {
  return { element: words, target: { kind: 'erl', id: element.responseLocationId }, elementKey: element.key };
}

const MINUTE_MS = 60_000;

function isFresh({ ageMs, hasExpired }: MeasuredSet, rule: LocatingRule): boolean {
  const { freshForMs } = resolutionOf(rule);
  return !hasExpired && (freshForMs === null || ageMs <= freshForMs);
}

/** Measurements that are older than the rule allows are never used silently: they are left out, and that is told. */
function isUsable(set: MeasuredSet, rule: LocatingRule, notes: string[]): boolean {
  if (isFresh(set, rule)) return true;
  notes.push(
    `${rule}: left out: ${set.hasExpired ? 'the measurements have expired' : `measured ${Math.round(set.ageMs / MINUTE_MS)} minutes ago`}`,
  );
  return false;
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

/**
 * Does the address mean something only inside somebody's network? 192.168.1.7 is in this office and in a million homes.
 */
function isPrivate(address: string): boolean {
  const version: IpVersion | 0 = readIpWords(address, words);
  return version !== 0 && isPrivateIp(version, words);
}

/** A device whose clock is ahead by more measured now, as far as we can tell. */
const CLOCK_DRIFT_MS = 5 * MINUTE_MS;

/** How old measurements are; without a time they are of the moment of the request (RFC 7105 §4.1.1). */
function ageOf({ time }: Measurements, nowMs: number, notes: string[]): number {
  if (time === undefined) return 0;
  const ageMs = nowMs - time.getTime();
  if (ageMs < -CLOCK_DRIFT_MS) notes.push('the measurements are of the future: the clock of the device is wrong');
  return Math.max(0, ageMs);
}

const NOTHING_MEASURED: readonly MeasuredSet[] = [];

function measuredSets(measurements: Measurements | undefined, nowMs: number, notes: string[]): readonly MeasuredSet[] {
  if (measurements === undefined) return NOTHING_MEASURED;
  const setOf = (one: Measurements): MeasuredSet => ({
    lldp: one.lldp,
    wifi: one.wifi,
    dhcp: one.dhcp,
    ageMs: ageOf(one, nowMs, notes),
    hasExpired: one.expires !== undefined && one.expires.getTime() <= nowMs,
  });
  const newest = setOf(measurements);
  return measurements.others === undefined ? [newest] : [newest, ...measurements.others.map(setOf)];
}

/** Which addresses count, and which site they are seen from. */
function inquire(deps: LocateDeviceDeps, question: DeviceQuestion, notes: string[]): Inquiry {
  const { organizationId, devices, sourceAddress, namesUnreadable = false } = question;
  const measured = measuredSets(question.measurements, question.nowMs, notes);
  const map = deps.wireMaps().get(organizationId);
  const named: string[] = [];
  let asksForAnother = devices.length > 0 || namesUnreadable;
  for (const device of devices) {
    if (device.kind === 'ip') named.push(device.address);
    if (device.kind === 'ip' || device.kind === 'mac') asksForAnother = false;
  }
  for (const { lldp, wifi, dhcp } of measured) {
    if (lldp.length > 0 || wifi.length > 0 || dhcp.length > 0) asksForAnother = false;
  }
  // Nobody named: the asker means itself (RFC 5985 §5.1). Only a URI named: a proxy asks for a device, and the address it
  // asks from says nothing about that device (RFC 6155 §1.1).
  if (devices.length === 0 && !namesUnreadable) named.push(sourceAddress);
  const privates: string[] = [];
  const publics: string[] = [];
  for (const address of named) (isPrivate(address) ? privates : publics).push(address);
  // A private address that somebody names is in a million networks: it says nothing of where the request is seen from.
  const seenFrom = asksForAnother ? publics : [sourceAddress, ...publics];

  let own: { range: string; locationId: string | null } | undefined;
  for (const address of seenFrom) {
    const range = map?.findOwnRange(address);
    // A range that tells the site is worth more than one that does not.
    if (range !== undefined && (own === undefined || (own.locationId === null && range.locationId !== null))) {
      own = range;
    }
  }

  // At home 192.168.1.7 would match the office: a private address counts only where the public one is the organization's.
  if (own === undefined && privates.length > 0) {
    notes.push(`${privates.join(', ')} left out: ${sourceAddress} is not among the organization's addresses`);
    privates.length = 0;
  }
  return {
    deps,
    question,
    map,
    devices,
    measured,
    addresses: privates.length === 0 ? publics : [...privates, ...publics],
    seenFrom,
    siteLocationId: own?.locationId ?? null,
    sitePublicRange: own?.range ?? '',
    known: deps.devices().get(organizationId),
    masked: [],
    unplacedDevice: undefined,
    notes,
  };
}

/** A thousand access points in one request make a long answer, not an endless one. */
const MAX_CANDIDATES = 100;
const MAX_CONTRADICTIONS = 10;

type Winner = Extract<LocatedDevice, { found: true }>;

/** What lost, and whether it says another location than the winner; then the winner is the one trusted more. */
function toCandidate(
  places: KnownPlaces,
  organizationId: string,
  winner: Winner,
  rule: LocatingRule,
  { element, target }: Match,
): LocationCandidate {
  const here = winner.places.locationId;
  const there = placeOfTarget(places, organizationId, target)?.places.locationId ?? null;
  return { rule, element, target, contradicts: here !== null && there !== null && here !== there };
}

function describeContradiction(winner: Winner, { rule, element }: LocationCandidate): string {
  const trusts = [rule, winner.rule].map((one) => resolutionOf(one).trust);
  const why = rule === winner.rule ? 'that one comes first' : `trust ${trusts.join(' against ')}`;
  return `${rule}: ${element} is at another location than ${winner.rule} says, and loses: ${why}`;
}

/** Where a device is, by which rule, and what the other rules would have said. From memory; never throws. */
export function createLocateDevice(deps: LocateDeviceDeps): (question: DeviceQuestion) => LocatedDevice {
  return (question) => {
    const { organizationId, nowMs } = question;
    const winnerOnly = question.winnerOnly === true;
    const notes: string[] = [];
    const inquiry = inquire(deps, question, notes);
    const candidates: LocationCandidate[] = [];
    let contradictions = 0;
    let located: Winner | undefined;

    function take({ rule, method, confidencePercent }: Resolution, match: Match): boolean {
      if (located !== undefined) {
        if (winnerOnly || candidates.length === MAX_CANDIDATES) return true;
        const candidate = toCandidate(deps.places, organizationId, located, rule, match);
        candidates.push(candidate);
        if (candidate.contradicts && contradictions < MAX_CONTRADICTIONS) {
          contradictions += 1;
          notes.push(describeContradiction(located, candidate));
        }
        return false;
      }
      const { element, target, identity, ageMs = 0, elementKey } = match;
      const place = placeOfTarget(deps.places, organizationId, target);
      if (place === undefined) {
        notes.push(`${rule}: ${element} names a place that no longer exists`);
        return false;
      }
      located = {
        found: true,
        value: { ...place.value, method, timestamp: new Date(nowMs - ageMs), confidencePercent },
        target,
        places: place.places,
        rule,
        element,
        ageMs,
        ...(elementKey !== undefined && { elementKey }),
        countedAddresses: inquiry.addresses,
        ...(identity && { identity }),
        candidates,
        notes,
      };
      return winnerOnly;
    }

    for (const resolution of RULES) {
      if (located !== undefined && winnerOnly) break;
      resolution.find(inquiry, (match) => take(resolution, match));
    }
    if (located !== undefined) return located;
    const needsAddress = inquiry.unplacedDevice !== undefined;
    return {
      found: false,
      reason: needsAddress
        ? 'the device has registered no address for the network it is in: its address must be asked'
        : 'nothing in the request is known to this organization',
      needsAddress,
      countedAddresses: inquiry.addresses,
      notes,
    };
  };
}
