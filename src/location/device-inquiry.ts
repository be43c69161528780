import type { DeviceIdentity, Measurements } from '../wire/held/held.ts';
import { type IpVersion, isPrivateIp, readIpWords } from './ip-words.ts';
import type { DevicesByOrganization, KnownDevices, RegisteredAddress } from './known-devices.ts';
import type { DeviceQuestion, LocationTarget } from './located-device.ts';
import type { KnownPlaces } from './place-of-target.ts';
import { type LocatingRule, resolutionOf } from './resolution-table.ts';
import type { FoundElement, WireMapIndex } from './wire-map-index.ts';
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

/** A question with what the rules share worked out once. */
export type Inquiry = {
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
export type MeasuredSet = Pick<Measurements, 'lldp' | 'wifi' | 'dhcp'> & {
  /** How long ago. */
  ageMs: number;
  hasExpired: boolean;
};

const MINUTE_MS = 60_000;

export function isFresh({ ageMs, hasExpired }: MeasuredSet, rule: LocatingRule): boolean {
  const { freshForMs } = resolutionOf(rule);
  return !hasExpired && (freshForMs === null || ageMs <= freshForMs);
}

/** Measurements that are older than the rule allows are never used silently: they are left out, and that is told. */
export function isUsable(set: MeasuredSet, rule: LocatingRule, notes: string[]): boolean {
  if (isFresh(set, rule)) return true;
  notes.push(
    `${rule}: left out: ${set.hasExpired ? 'the measurements have expired' : `measured ${Math.round(set.ageMs / MINUTE_MS)} minutes ago`}`,
  );
  return false;
}

const words = new Uint32Array(4);

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
export function inquire(deps: LocateDeviceDeps, question: DeviceQuestion, notes: string[]): Inquiry {
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
