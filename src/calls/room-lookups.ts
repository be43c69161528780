import type { Compliance } from '../compliance/compliance.ts';
import type { Shape } from '../domain/shape.ts';
import type { LocatingRule, Location } from '../location/location.ts';
import type { Members } from '../members/members.ts';
import type { Places } from '../places/places.ts';
import type { Routing } from '../routing/routing.ts';
import { type DeviceIdentity, readHardwareAddress } from '../wire/held/held.ts';
import type { CallLookups, KnownSite, OwnLocation, RelayCentre } from './call-lookups.ts';
import type { ElinBindings } from './callbacks/elin-bindings.ts';
import type { TrunkIndex } from './trunk-index.ts';

/** The rooms that a call asks, all from memory. */
export type CallRooms = {
  places: Pick<
    Places,
    'location' | 'locationsOf' | 'building' | 'responseLocation' | 'buildingById' | 'responseLocationOfElin'
  >;
  members: Pick<
    Members,
    'findByNumber' | 'findInOrganization' | 'findEmergencyPlace' | 'elinExpiryMinutes' | 'mainNumber'
  >;
  compliance: Pick<Compliance, 'standing'>;
  routing: Pick<Routing, 'destinationsFor'>;
  location: Pick<Location, 'resolveLocationUri' | 'isOwnLocationUri' | 'issueLocationUri' | 'locateDevice'>;
};

/** The rules of FIND as the trace, the alert and 933 say them. */
const RULE_WORDS: Readonly<Record<LocatingRule, string>> = {
  'device-override': 'place set for the device',
  'switch-port': 'switch port',
  'switch-chassis': 'switch',
  bssid: 'Wi-Fi access point',
  'bssid-mask': 'Wi-Fi access points by mask',
  mac: 'device address',
  'ip-range': 'network address',
  'device-address': 'address that the device registered for its network',
  number: 'telephone number',
  'site-default': 'site default',
};

/** A MAC address in any spelling, else our id of the device. */
function deviceIdentity(text: string): DeviceIdentity {
  const address = readHardwareAddress(text);
  return address === undefined ? { kind: 'uri', value: text } : { kind: 'mac', address };
}

/** Where FIND says that somebody is. */
export type FoundPlace = Pick<OwnLocation, 'target' | 'value'> & {
  places: Pick<OwnLocation, 'locationId' | 'buildingId' | 'erlId'>;
  /** null: not known any more. */
  rule: LocatingRule | null;
};

/** A place of ours as a call shows it that conveys a location URI of ours for it. */
export function describeOwnPlace(
  places: Pick<Places, 'location' | 'responseLocation'>,
  { organizationId, places: at, rule, target, value }: FoundPlace & { organizationId: string },
): OwnLocation {
  const name =
    (at.erlId !== null && places.responseLocation(organizationId, at.erlId)?.name) ||
    (at.locationId !== null && places.location(organizationId, at.locationId)?.name) ||
    (target.kind === 'device-address' ? 'a self-registered address' : target.kind);
  return {
    target,
    value,
    ...at,
    rule: `location URI of ours for ${name}${rule === null ? '' : `, found by ${RULE_WORDS[rule]}`}`,
    ...(rule !== null && { foundBy: rule }),
    // Registered by the device itself, wherever it was (decision 11).
    isNomadic: target.kind === 'device-address',
  };
}

/** The lookups of the decision, answered by the other rooms. */
export function createRoomLookups(
  rooms: CallRooms,
  trunks: () => TrunkIndex,
  relays: Readonly<Record<'US' | 'CA', RelayCentre>>,
  doubtOf: CallLookups['doubtOf'],
  elins: Pick<ElinBindings, 'choose'>,
): CallLookups {
  const { places, members, compliance, routing, location } = rooms;

  function site(organizationId: string, locationId: string, number?: string): KnownSite | undefined {
    const place = places.location(organizationId, locationId);
    if (!place) return undefined;
    const { id, name, preferredLanguage } = place;
    const emergency = members.findEmergencyPlace(organizationId, locationId, number);
    if (emergency) {
      const { address, position, target, rule } = emergency;
      const known = { id, name, preferredLanguage, address, addressRule: rule, target, buildingId: null };
      return position ? { ...known, position } : known;
    }
    // The building has the street address that responders drive to.
    const building = places.building(organizationId, locationId);
    const { address, position } = building ?? place;
    return {
      id,
      name,
      address,
      addressRule: `address of ${name}, the location of the caller’s number`,
      ...(position && { position }),
      preferredLanguage,
      target: building ? { kind: 'building', id: building.id } : { kind: 'location', id },
      buildingId: building?.id ?? null,
    };
  }

  return {
    trunkOf: (peer) => trunks().find(peer),
    findByNumber: (number) => members.findByNumber(number),
    findInOrganization: (organizationId, number) => members.findInOrganization(organizationId, number),
    site,
    onlySite(organizationId) {
      const [only, another] = places.locationsOf(organizationId);
      return only && !another ? site(organizationId, only.id) : undefined;
    },
    standing: (organizationId, locationId) => compliance.standing(organizationId, locationId),
    locateDevice({ organizationId, device, number }, nowMs) {
      const devices: DeviceIdentity[] = [];
      if (device !== null) devices.push(deviceIdentity(device));
      if (number?.startsWith('+')) devices.push({ kind: 'uri', value: `tel:${number}` });
      if (devices.length === 0) return undefined;
      // No source address: that of a call is its SBC's, which may stand anywhere.
      const located = location.locateDevice({ organizationId, devices, sourceAddress: '', nowMs, winnerOnly: true });
      // What stands behind the number alone, `site` tells.
      if (!located.found || located.rule === 'number' || located.rule === 'site-default') return undefined;
      const { value, target, places: at, rule, element } = located;
      return {
        value,
        target,
        ...at,
        rule: `${RULE_WORDS[rule]}: ${element}`,
        foundBy: rule,
        isNomadic: target.kind === 'device-address',
      };
    },
    findElin(number) {
      const erl = places.responseLocationOfElin(number);
      if (!erl) return undefined;
      const { organizationId, id, name, civic, locationId, buildingId } = erl;
      const position = places.buildingById(organizationId, buildingId)?.position;
      const shape: Shape | undefined = erl.shape ?? (position && { type: 'point', position });
      return {
        organizationId,
        name,
        value: shape ? { civic, shape, method: 'Wiremap' } : { civic, method: 'Wiremap' },
        target: { kind: 'erl', id },
        locationId,
        buildingId,
        erlId: id,
        rule: `the caller number ${number} is the ELIN of ${name}`,
        isNomadic: false,
      };
    },
    isOwnReference: (uri) => location.isOwnLocationUri(uri),
    resolveReference(uri, nowMs) {
      const resolved = location.resolveLocationUri(uri, nowMs);
      if (!resolved.found) return resolved;
      return { found: true, organizationId: resolved.organizationId, ...describeOwnPlace(places, resolved) };
    },
    destinationsFor: (value, service) => routing.destinationsFor(value, service),
    elinFor({ organizationId, responseLocationId, ...caller }, nowMs) {
      const place = places.responseLocation(organizationId, responseLocationId);
      const choice = place && elins.choose(place.elins, { organizationId, ...caller }, nowMs);
      if (!choice) return undefined;
      const { number, how, displaced, boundAtMs } = choice;
      const expiryMinutes = members.elinExpiryMinutes(organizationId, place.locationId);
      return { number, how, displaced: displaced?.caller ?? null, expiryMinutes, boundAtMs };
    },
    doubtOf,
    relays,
  };
}
