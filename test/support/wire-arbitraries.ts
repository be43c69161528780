import fc from 'fast-check';
import { CIVIC_ELEMENTS, type CivicAddress, type CivicElement } from '../../src/domain/civic-address.ts';
import type { Position, Shape } from '../../src/domain/shape.ts';
import type {
  DeviceIdentity,
  DhcpMeasurement,
  HeldError,
  LldpMeasurement,
  LocationRequest,
  LocationResponse,
  WifiMeasurement,
} from '../../src/wire/held/held.ts';
import { HELD_ERROR_CODES } from '../../src/wire/held/held.ts';
import type {
  BoundaryPolygon,
  LocationValidation,
  LostAnswer,
  LostException,
  LostExceptions,
  LostMapping,
  LostPath,
  LostQuery,
  ServiceBoundary,
} from '../../src/wire/lost/lost.ts';
import { LOST_ERROR_TYPES, LOST_WARNING_TYPES } from '../../src/wire/lost/lost.ts';
import type { PidfDocument, PidfLocation } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { collapseSpace } from '../../src/wire/xml/xml.ts';

/** Random values of the wire types, in the canonical form in which a decoder gives them back. */

/** Plain objects, for strict comparison with what decoders make. */
function record<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

function oneOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

const xmlCharacter = fc.oneof(
  { weight: 8, arbitrary: oneOf('abcXYZ 019-.,;:&<>"\'½éñ中😀]]>') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
);

const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** A non-empty `xs:token` with all kinds of awkward characters. */
export const token = fc
  .array(xmlCharacter, { minLength: 1, maxLength: 24 })
  .map((characters) => collapseSpace(characters.join('')))
  .filter((text) => text !== '' && text === text.trim() && !UNWRITABLE.test(text));

const word = fc.string({ unit: oneOf('abcdefABCDEF0123456789-_'), minLength: 1, maxLength: 20 });
const xmlId = word.map((text) => `i${text}`);
const language = fc.constantFrom('en', 'fr', 'en-US', 'fr-CA');
const serverName = fc.constantFrom('waymark.default', 'resolver.example', 'a-b.example.com', 'x.y');
const service = fc.constantFrom('urn:service:sos', 'urn:service:sos.police', 'urn:service:sos.fire');
const uri = fc.constantFrom('sip:psap@example.com', 'sips:a@192.0.2.1:5061;x=1', 'https://x.example/?a=1&b=2');
const hexOctets = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength, maxLength }).map((octets) => Buffer.from(octets).toString('hex'));
const hardwareAddress = hexOctets(6, 6).map((hex) => (hex.match(/../g) ?? []).join(':'));
const ipv4 = fc.ipV4();

const seconds = fc.integer({ min: 0, max: 4_102_444_800 }).map((value) => new Date(value * 1000));
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((value) => new Date(value));

const decimal = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 1e7, max: max * 1e7 }).map((value) => value / 1e7);

export const position: fc.Arbitrary<Position> = record({
  latitude: decimal(-90, 90),
  longitude: decimal(-180, 180),
});

/** At least three corners, the last not the first. */
const ring = fc
  .array(position, { minLength: 3, maxLength: 8 })
  .filter((corners) => JSON.stringify(corners[0]) !== JSON.stringify(corners.at(-1)));

const meters = decimal(0, 100_000);
const degrees = decimal(0, 360);

export const shape: fc.Arbitrary<Shape> = fc.oneof(
  record({ type: fc.constant('point' as const), position }),
  record({ type: fc.constant('circle' as const), center: position, radiusMeters: meters }),
  record({
    type: fc.constant('ellipse' as const),
    center: position,
    semiMajorMeters: meters,
    semiMinorMeters: meters,
    orientationDegrees: degrees,
  }),
  record({
    type: fc.constant('arc-band' as const),
    center: position,
    innerRadiusMeters: meters,
    outerRadiusMeters: meters,
    startAngleDegrees: degrees,
    openingAngleDegrees: degrees,
  }),
  record({ type: fc.constant('polygon' as const), exterior: ring }),
);

/** As PIDF-LO has them: a point may have an altitude. */
const shapeInSpace: fc.Arbitrary<Shape> = fc.oneof(
  shape,
  record({ type: fc.constant('point' as const), position, altitudeMeters: decimal(-500, 9_000) }),
);

export const civicAddress: fc.Arbitrary<CivicAddress> = fc
  .uniqueArray(fc.constantFrom(...CIVIC_ELEMENTS), { minLength: 1, maxLength: 10 })
  .chain((elements) =>
    fc
      .tuple(...elements.map((element) => (element === 'country' ? fc.constantFrom('US', 'CA', 'PR') : token)))
      .map((values): CivicAddress => {
        const civic: { [element in CivicElement]?: string } = {};
        elements.forEach((element, index) => {
          const value = values[index];
          if (value !== undefined) civic[element] = value;
        });
        return civic;
      }),
  );

/** Without the keys whose value is undefined, as decoders leave them out. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const pidfLocation: fc.Arbitrary<PidfLocation> = record({
  element: fc.constantFrom('tuple' as const, 'device' as const, 'person' as const),
  deviceId: fc.constantFrom('mac:1234567890ab', 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'),
  civic: optional(civicAddress),
  shape: optional(shapeInSpace),
  otherShapes: optional(fc.array(shapeInSpace, { minLength: 1, maxLength: 2 })),
  otherCivics: optional(fc.array(civicAddress, { minLength: 1, maxLength: 2 })),
  civicFirst: fc.boolean(),
  civicLanguage: optional(language),
  method: optional(fc.constantFrom('Wiremap', 'Manual', '802.11', 'GPS')),
  timestamp: optional(instant),
  confidencePercent: optional(fc.integer({ min: 1, max: 99 })),
  retransmissionAllowed: optional(fc.boolean()),
  retentionExpiry: optional(instant),
  source: optional(fc.subarray(['lis' as const, 'device' as const, 'other' as const], { minLength: 1 })),
  confidenceUnknown: optional(fc.constant(true as const)),
})
  .filter(({ civic, shape }) => civic !== undefined || shape !== undefined)
  .map((draft): PidfLocation => {
    const both = draft.civic !== undefined && draft.shape !== undefined;
    const uncertain = draft.shape !== undefined && draft.shape.type !== 'point';
    return compact({
      ...draft,
      deviceId: draft.element === 'device' ? draft.deviceId : undefined,
      civicFirst: both && draft.civicFirst ? true : undefined,
      civicLanguage: draft.civic === undefined ? undefined : draft.civicLanguage,
      otherShapes: draft.shape === undefined ? undefined : draft.otherShapes,
      otherCivics: draft.civic === undefined ? undefined : draft.otherCivics,
      confidencePercent: uncertain ? draft.confidencePercent : undefined,
      confidenceUnknown: uncertain && draft.confidencePercent === undefined ? draft.confidenceUnknown : undefined,
    } as PidfLocation);
  });

/** Ids are unique and tuples come first, as they are written. */
export const pidfDocument: fc.Arbitrary<PidfDocument> = record({
  entity: word.map((name) => `pres:${name}@example.com`),
  locations: fc.array(pidfLocation, { maxLength: 4 }),
}).map(({ entity, locations }) => {
  const tuples = locations.filter(({ element }) => element === 'tuple');
  const others = locations.filter(({ element }) => element !== 'tuple');
  return { entity, locations: [...tuples, ...others].map((location, index) => ({ ...location, id: `l${index}` })) };
});

const deviceIdentity: fc.Arbitrary<DeviceIdentity> = fc.oneof(
  ipv4.map((address): DeviceIdentity => ({ kind: 'ip', version: 4, address })),
  fc
    .constantFrom('2001:db8::1', 'fe80::1', '::1', '2001:db8:0:1:1:1:1:1')
    .map((address): DeviceIdentity => ({ kind: 'ip', version: 6, address })),
  hardwareAddress.map((address): DeviceIdentity => ({ kind: 'mac', address })),
  record({
    kind: fc.constantFrom('udpport' as const, 'tcpport' as const, 'sctpport' as const, 'dccpport' as const),
    port: fc.nat({ max: 65_535 }),
  }),
  uri.map((value): DeviceIdentity => ({ kind: 'uri', value })),
  token.map((value): DeviceIdentity => ({ kind: 'fqdn', value })),
  fc
    .constantFrom('user@example.net', 'user', 'fü@example.net', 'f\\5c\\90@example.net')
    .map((value): DeviceIdentity => ({ kind: 'nai', value })),
  hexOctets(1, 20).map((value): DeviceIdentity => ({ kind: 'duid', value })),
  record({
    kind: fc.constant('imei' as const),
    value: fc.string({ unit: oneOf('0123456789'), minLength: 1, maxLength: 15 }),
  }),
  record({
    kind: fc.constant('min' as const),
    value: fc.string({ unit: oneOf('0123456789'), minLength: 10, maxLength: 10 }),
  }),
  record({
    kind: fc.constantFrom('msisdn' as const, 'imsi' as const, 'mdn' as const),
    value: fc.string({ unit: oneOf('0123456789'), minLength: 6, maxLength: 15 }),
  }),
);

/** Canonical `value`s follow from `raw`, so only such pairs are made as a decoder makes. */
const lldpMeasurement: fc.Arbitrary<LldpMeasurement> = record({
  chassis: hardwareAddress.map((value) => ({ subtype: 4, value, raw: value.replaceAll(':', '') })),
  port: fc.constantFrom('Gi1/0/3', '48', 'Ethernet 1').map((value) => ({
    subtype: 5,
    value,
    raw: Buffer.from(value).toString('hex'),
  })),
});

const wifiMeasurement: fc.Arbitrary<WifiMeasurement> = record({
  bssid: hardwareAddress,
  serving: fc.boolean(),
  ssid: optional(fc.constantFrom('office', 'a & b', '<guest>')),
  channel: optional(fc.nat({ max: 200 })),
  signalDbm: optional(fc.integer({ min: -120, max: 0 }).map((value) => value / 2 || 0)),
}).map((draft) => compact(draft) as WifiMeasurement);

const dhcpMeasurement: fc.Arbitrary<DhcpMeasurement> = record({
  giaddr: ipv4,
  circuit: optional(hexOctets(1, 8)),
  remote: optional(hexOctets(1, 8)),
  subscriber: optional(hexOctets(1, 8)),
}).map((draft) => compact(draft) as DhcpMeasurement);

export const locationRequest: fc.Arbitrary<LocationRequest> = record({
  locationTypes: fc.oneof(
    fc.constant('any' as const),
    fc.uniqueArray(fc.constantFrom('civic' as const, 'geodetic' as const, 'locationURI' as const), { minLength: 1 }),
  ),
  exact: fc.boolean(),
  responseTime: optional(
    fc.oneof(
      fc.nat({ max: 60_000 }),
      fc.constant('emergencyRouting' as const),
      fc.constant('emergencyDispatch' as const),
    ),
  ),
  devices: fc.array(deviceIdentity, { maxLength: 4 }),
  lldp: fc.array(lldpMeasurement, { maxLength: 2 }),
  wifi: fc.array(wifiMeasurement, { maxLength: 3 }),
  dhcp: fc.array(dhcpMeasurement, { maxLength: 2 }),
  time: optional(instant),
  earlier: fc.array(wifiMeasurement, { minLength: 1, maxLength: 2 }),
}).map(({ locationTypes, exact, responseTime, devices, lldp, wifi, dhcp, time, earlier }): LocationRequest => {
  const measured = lldp.length + wifi.length + dhcp.length > 0;
  const before = time === undefined || time.getTime() < 1_000 ? undefined : new Date(time.getTime() - 1_000);
  return compact({
    locationTypes,
    exact: exact && locationTypes !== 'any',
    responseTime,
    devices,
    measurements: compact({
      lldp,
      wifi,
      dhcp,
      time: measured ? time : undefined,
      others: measured && before !== undefined ? [{ lldp: [], wifi: earlier, dhcp: [], time: before }] : undefined,
    }),
  } as LocationRequest);
});

export const locationResponse: fc.Arbitrary<LocationResponse> = record({
  locationUriSet: optional(record({ uris: fc.array(uri, { minLength: 1, maxLength: 3 }), expires: instant })),
  presence: optional(pidfDocument),
}).map((draft) => compact(draft) as LocationResponse);

export const heldError: fc.Arbitrary<HeldError> = record({
  code: fc.constantFrom(...HELD_ERROR_CODES),
  message: token,
  language,
  requiredIdentifiers: optional(fc.uniqueArray(fc.constantFrom('ip', 'mac', 'uri'), { minLength: 1 })),
}).map((draft) => compact(draft) as HeldError);

const path: fc.Arbitrary<LostPath> = fc
  .tuple(serverName, fc.array(serverName, { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest]);

const lostLocations = fc.array(
  record({
    id: word,
    value: fc.oneof(
      shape.map((value) => ({ profile: 'geodetic-2d' as const, shape: value })),
      civicAddress.map((civic) => ({ profile: 'civic' as const, civic })),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const callIncident = optional(record({ callId: token, incidentTrackingId: token }));

export const lostQuery: fc.Arbitrary<LostQuery> = fc.oneof(
  record({
    type: fc.constant('findService' as const),
    locations: lostLocations,
    service,
    recursive: fc.boolean(),
    validateLocation: fc.boolean(),
    serviceBoundary: fc.constantFrom('reference' as const, 'value' as const),
    path: fc.array(serverName, { maxLength: 3 }),
    callIncident,
  }).map((draft) => compact(draft) as LostQuery),
  record({ type: fc.constant('getServiceBoundary' as const), key: token }),
  record({
    type: fc.constant('listServices' as const),
    service: optional(service),
    path: fc.array(serverName, { maxLength: 3 }),
  }).map((draft) => compact(draft) as LostQuery),
  record({
    type: fc.constant('listServicesByLocation' as const),
    locations: lostLocations,
    service: optional(service),
    recursive: fc.boolean(),
    path: fc.array(serverName, { maxLength: 3 }),
    callIncident,
    serviceListBoundary: optional(fc.constantFrom('reference' as const, 'value' as const)),
  }).map((draft) => compact(draft) as LostQuery),
);

const boundaryPolygon: fc.Arbitrary<BoundaryPolygon> = record({
  exterior: ring,
  interiors: fc.array(ring, { maxLength: 2 }),
});

const serviceBoundary: fc.Arbitrary<ServiceBoundary> = fc.oneof(
  record({
    profile: fc.constant('geodetic-2d' as const),
    polygons: fc.array(boundaryPolygon, { minLength: 1, maxLength: 3 }),
  }),
  record({ profile: fc.constant('civic' as const), civic: civicAddress }),
);

const mapping: fc.Arbitrary<LostMapping> = record({
  source: serverName,
  sourceId: token,
  lastUpdated: seconds,
  expires: fc.oneof(seconds, fc.constant('NO-CACHE' as const), fc.constant('NO-EXPIRATION' as const)),
  displayNames: fc.array(record({ text: token, language }), { minLength: 1, maxLength: 2 }),
  service,
  serviceBoundaries: optional(fc.array(serviceBoundary, { minLength: 1, maxLength: 2 })),
  serviceBoundaryReference: optional(record({ source: serverName, key: token })),
  uris: fc.array(uri, { maxLength: 3 }),
  serviceNumber: optional(fc.constantFrom('911', '*911#', '112')),
}).map(
  (draft) =>
    compact({
      ...draft,
      serviceBoundaryReference: draft.serviceBoundaries === undefined ? draft.serviceBoundaryReference : undefined,
    }) as LostMapping,
);

const lostException: fc.Arbitrary<LostException> = record({
  type: fc.constantFrom(...LOST_ERROR_TYPES, ...LOST_WARNING_TYPES),
  message: token,
  language,
  profiles: fc.array(fc.constantFrom('prism', 'x-polar'), { minLength: 1, maxLength: 2 }),
}).map(({ profiles, ...draft }) =>
  draft.type === 'locationProfileUnrecognized' ? { ...draft, unsupportedProfiles: profiles } : draft,
);

const lostExceptions: fc.Arbitrary<LostExceptions> = record({
  source: serverName,
  exceptions: fc.uniqueArray(lostException, { minLength: 1, maxLength: 4, selector: ({ type }) => type }),
});

const civicElements = fc.uniqueArray(fc.constantFrom(...CIVIC_ELEMENTS), { maxLength: 5 });

const locationValidation = record({
  valid: civicElements,
  invalid: civicElements,
  unchecked: civicElements,
  complete: optional(civicAddress),
  similar: optional(fc.array(civicAddress, { minLength: 1, maxLength: 2 })),
}).map((draft) => compact(draft) as LocationValidation);

const warnings = optional(fc.array(lostExceptions, { minLength: 1, maxLength: 2 }));

export const lostAnswer: fc.Arbitrary<LostAnswer> = fc.oneof(
  record({
    type: fc.constant('findServiceResponse' as const),
    mappings: fc.array(mapping, { minLength: 1, maxLength: 2 }),
    locationValidation: optional(locationValidation),
    warnings,
    path,
    locationUsed: optional(xmlId),
  }).map((draft) => compact(draft) as LostAnswer),
  record({
    type: fc.constant('getServiceBoundaryResponse' as const),
    serviceBoundaries: fc.array(serviceBoundary, { minLength: 1, maxLength: 2 }),
    warnings,
    path,
  }).map((draft) => compact(draft) as LostAnswer),
  record({
    type: fc.constant('listServicesResponse' as const),
    services: fc.array(service, { maxLength: 3 }),
    warnings,
    path,
  }).map((draft) => compact(draft) as LostAnswer),
  record({
    type: fc.constant('listServicesByLocationResponse' as const),
    services: fc.array(service, { maxLength: 3 }),
    warnings,
    path,
    locationUsed: optional(xmlId),
    serviceListBoundaries: optional(
      fc.array(
        fc.tuple(serviceBoundary, seconds).map(([boundary, expires]) => ({ ...boundary, expires })),
        { minLength: 1, maxLength: 2 },
      ),
    ),
  }).map((draft) => compact(draft) as LostAnswer),
  lostExceptions.map((exceptions): LostAnswer => ({ type: 'errors', ...exceptions })),
  record({
    type: fc.constant('redirect' as const),
    target: serverName,
    source: serverName,
    message: token,
    language,
  }),
);
