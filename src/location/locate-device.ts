import type { DeviceIdentity, Measurements } from '../wire/held/held.ts';
import { type IpVersion, isPrivateIp, readIpWords } from './ip-words.ts';
import type {
  DeviceQuestion,
  LocatedDevice,
  LocatingRule,
  LocationCandidate,
  LocationTarget,
} from './located-device.ts';
import { type KnownPlaces, placeOfTarget } from './place-of-target.ts';
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
};

type Match = { element: string; target: LocationTarget; identity?: DeviceIdentity };

/** A question with what the rules share worked out once. */
type Inquiry = {
  organizationId: string;
  map: WireMapIndex | undefined;
  devices: readonly DeviceIdentity[];
  measurements: Measurements;
  /** Addresses that may be looked up in the wire map: private ones first, for they are the finer. */
  addresses: readonly string[];
  /** The site behind the public address that the device is seen from. */
  siteLocationId: string | null;
  sitePublicRange: string;
  findMemberTarget: FindMemberTarget;
};

type Rule = { rule: LocatingRule; find: (inquiry: Inquiry, found: (match: Match) => void) => void };

/**
 * The order of FIND, readable from top to bottom: the first rule that names a place wins, the others are kept as candidates.
 * The wire tells more than the air, the air more than an address, all of them more than what was agreed about a number.
 */
const RULES: readonly Rule[] = [
  { rule: 'switch-port', find: bySwitchPort },
  { rule: 'switch-chassis', find: bySwitchChassis },
  { rule: 'bssid', find: byBssid },
  { rule: 'mac', find: byMac },
  { rule: 'ip-range', find: byAddress },
  { rule: 'number', find: byNumber },
  { rule: 'site-default', find: bySite },
];

const NO_MEASUREMENTS: Measurements = { lldp: [], wifi: [], dhcp: [] };

function erl(element: FoundElement, words: string): Match {
  return { element: words, target: { kind: 'erl', id: element.responseLocationId } };
}

function bySwitchPort({ map, measurements }: Inquiry, found: (match: Match) => void): void {
  for (const { chassis, port } of measurements.lldp) {
    if (port === undefined) continue;
    const chassisName = normalizeSwitchName(chassis.value);
    const portName = normalizeSwitchName(port.value);
    const element = map?.find('switch-port', switchPortKey(chassisName, portName));
    if (element !== undefined) found(erl(element, `switch ${chassisName} port ${portName}`));
  }
}

function bySwitchChassis({ map, measurements }: Inquiry, found: (match: Match) => void): void {
  for (const { chassis } of measurements.lldp) {
    const element = map?.find('switch-chassis', normalizeSwitchName(chassis.value));
    if (element !== undefined) found(erl(element, `switch ${element.key}`));
  }
}

function byBssid({ map, measurements }: Inquiry, found: (match: Match) => void): void {
  if (measurements.wifi.length === 0) return;
  // The access point the device is attached to, then the loudest.
  const heard = [...measurements.wifi].sort(
    (a, b) => Number(b.serving) - Number(a.serving) || (b.signalDbm ?? -200) - (a.signalDbm ?? -200),
  );
  for (const { bssid } of heard) {
    const element = map?.find('bssid', bssid);
    if (element !== undefined) found(erl(element, `access point ${element.key}`));
  }
}

function byMac({ map, devices }: Inquiry, found: (match: Match) => void): void {
  for (const device of devices) {
    const element = device.kind === 'mac' ? map?.find('mac', device.address) : undefined;
    if (element !== undefined) found({ ...erl(element, `device ${element.key}`), identity: device });
  }
}

const words = new Uint32Array(4);

function byAddress({ map, addresses, devices }: Inquiry, found: (match: Match) => void): void {
  for (const address of addresses) {
    const version = readIpWords(address, words);
    if (version === 0 || map === undefined) continue;
    const element = map.findByAddress(version, words);
    if (element === undefined) continue;
    const identity = devices.find((device) => device.kind === 'ip' && device.address === address);
    found({ ...erl(element, `${address} in ${element.key}`), ...(identity && { identity }) });
    const wider = map.findWiderByAddress(version, words);
    if (wider !== undefined) found(erl(wider, `${address} in ${wider.key}`));
  }
}

const SIP_USER = /^sips?:([^@;?]+)@/i;
const TEL = /^tel:([^;?]+)/i;

/** The number or name in a `sip:`, `sips:` or `tel:` URI; undefined in any other. */
export function numberOfUri(uri: string): string | undefined {
  if (uri.length > 512) return undefined;
  const user = (SIP_USER.exec(uri) ?? TEL.exec(uri))?.[1];
  if (user === undefined) return undefined;
  try {
    // Visual separators mean nothing (RFC 3966 §5.1.1).
    return decodeURIComponent(user)
      .replace(/:.*$/, '')
      .replace(/(?<=[\d+])[-.() ]+(?=\d)/g, '');
  } catch {
    // A broken percent escape names nobody.
    return undefined;
  }
}

function numberOfDevice(device: DeviceIdentity): string | undefined {
  if (device.kind === 'uri') return numberOfUri(device.value);
  return device.kind === 'msisdn' || device.kind === 'mdn' ? `+${device.value}` : undefined;
}

function byNumber({ organizationId, devices, findMemberTarget }: Inquiry, found: (match: Match) => void): void {
  for (const device of devices) {
    const number = numberOfDevice(device);
    if (number === undefined) continue;
    const target = findMemberTarget(organizationId, number);
    if (target !== undefined) found({ element: `number ${number}`, target, identity: device });
  }
}

function bySite({ siteLocationId, sitePublicRange }: Inquiry, found: (match: Match) => void): void {
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

/** Which addresses count, and which site they are seen from. */
function inquire(deps: LocateDeviceDeps, question: DeviceQuestion, notes: string[]): Inquiry {
  const { organizationId, devices, sourceAddress, measurements = NO_MEASUREMENTS } = question;
  const map = deps.wireMaps().get(organizationId);
  const named: string[] = [];
  let asksForAnother = devices.length > 0;
  for (const device of devices) {
    if (device.kind === 'ip') named.push(device.address);
    if (device.kind === 'ip' || device.kind === 'mac') asksForAnother = false;
  }
  if (measurements.lldp.length > 0 || measurements.wifi.length > 0) asksForAnother = false;
  // Nobody named: the asker means itself (RFC 5985 §5.1). Only a URI named: a proxy asks for a device, and the address it
  // asks from says nothing about that device (RFC 6155 §1.1).
  if (devices.length === 0) named.push(sourceAddress);
  const seenFrom = asksForAnother ? named : [sourceAddress, ...named];

  let own: { range: string; locationId: string | null } | undefined;
  for (const address of seenFrom) {
    const range = map?.findOwnRange(address);
    // A range that tells the site is worth more than one that does not.
    if (range !== undefined && (own === undefined || (own.locationId === null && range.locationId !== null))) {
      own = range;
    }
  }

  const privates: string[] = [];
  const publics: string[] = [];
  for (const address of named) (isPrivate(address) ? privates : publics).push(address);
  // At home 192.168.1.7 would match the office: a private address counts only where the public one is the organization's.
  if (own === undefined && privates.length > 0) {
    notes.push(
      `${privates.join(', ')} left out: ${asksForAnother ? 'no public address' : sourceAddress} is not among the organization's addresses`,
    );
    privates.length = 0;
  }
  return {
    organizationId,
    map,
    devices,
    measurements,
    addresses: [...privates, ...publics],
    siteLocationId: own?.locationId ?? null,
    sitePublicRange: own?.range ?? '',
    findMemberTarget: deps.findMemberTarget,
  };
}

/** Where a device is, by which rule, and what the other rules would have said. From memory; never throws. */
export function createLocateDevice(deps: LocateDeviceDeps): (question: DeviceQuestion) => LocatedDevice {
  return (question) => {
    const { organizationId } = question;
    const notes: string[] = [];
    const inquiry = inquire(deps, question, notes);
    const candidates: LocationCandidate[] = [];
    let located: Extract<LocatedDevice, { found: true }> | undefined;

    for (const { rule, find } of RULES) {
      if (located !== undefined && question.winnerOnly === true) break;
      find(inquiry, ({ element, target, identity }) => {
        if (located !== undefined) {
          candidates.push({ rule, element, target });
          return;
        }
        const place = placeOfTarget(deps.places, organizationId, target);
        if (place === undefined) {
          notes.push(`${rule}: ${element} names a place that no longer exists`);
          return;
        }
        located = {
          found: true,
          value: {
            ...place.value,
            // IANA Method Tokens: the wire map is `Wiremap`, what people entered about a number or site is `Manual`.
            method: rule === 'number' || rule === 'site-default' ? 'Manual' : 'Wiremap',
            timestamp: new Date(question.nowMs),
          },
          target,
          places: place.places,
          rule,
          element,
          ...(identity && { identity }),
          candidates,
          notes,
        };
      });
    }
    return located ?? { found: false, reason: 'nothing in the request is known to this organization', notes };
  };
}
