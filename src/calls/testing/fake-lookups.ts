import type { CallStanding } from '../../domain/call-record.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import type { RouteDestination } from '../../routing/routing.ts';
import type { CallLookups, KnownCaller } from '../call-lookups.ts';
import type { CallIdentity, EmergencyCall } from '../emergency-call.ts';
import { TRUNK_DEFAULTS } from '../trunk.ts';

/** A small world for tests: one organization with a site in Dallas and one in Toronto, another one in Chicago. */
export const ORGANIZATION_ID = '11111111-1111-4111-8111-111111111111';
export const OTHER_ORGANIZATION_ID = '22222222-2222-4222-8222-222222222222';
export const LOCATION_ID = '33333333-3333-4333-8333-333333333333';
export const TORONTO_ID = '44444444-4444-4444-8444-444444444444';

export const STANDING: CallStanding = {
  accountEnabled: true,
  organizationCompleted: 'ROUTING_ENABLED',
  locationCompleted: 'ROUTING_ENABLED',
  optedOut: false,
  exempt: false,
  testCallsEnabled: true,
  routingEnabled: true,
  missing: [],
};

const CALLERS: readonly KnownCaller[] = [
  {
    organizationId: ORGANIZATION_ID,
    memberId: 'member-1',
    kind: 'PEOPLE',
    displayName: 'Front Desk',
    number: '+12145550100',
    extension: '4711',
    locationId: LOCATION_ID,
    callback: { number: '+12145550100', quality: 'RECOMMENDED', rule: 'DIRECT_LINE' },
    hasOwnNumber: true,
    mayUseElin: false,
  },
  {
    organizationId: ORGANIZATION_ID,
    memberId: 'member-2',
    kind: 'PLACE',
    displayName: 'Toronto Lobby',
    number: '+14165550100',
    locationId: TORONTO_ID,
    callback: { number: '+14165550100', quality: 'RECOMMENDED', rule: 'DIRECT_LINE' },
    hasOwnNumber: true,
    mayUseElin: false,
  },
  {
    organizationId: OTHER_ORGANIZATION_ID,
    memberId: 'member-3',
    kind: 'PEOPLE',
    displayName: 'Chicago',
    number: '+13125550199',
    locationId: '55555555-5555-4555-8555-555555555555',
    callback: { number: '+13125550199', quality: 'RECOMMENDED', rule: 'DIRECT_LINE' },
    hasOwnNumber: true,
    mayUseElin: false,
  },
];

export function locationValue(state: string, city: string, country = 'US'): LocationValue {
  return { civic: { country, A1: state, A3: city, RD: 'Main', STS: 'St', HNO: '12', FLR: '3', ROOM: '312' } };
}

export function fakeLookups(overrides: Partial<CallLookups> = {}): CallLookups {
  return {
    trunkOf: ({ address }) =>
      address === '192.0.2.10'
        ? {
            kind: 'one',
            trunk: {
              ...TRUNK_DEFAULTS,
              id: 'trunk-1',
              organizationId: ORGANIZATION_ID,
              name: 'Dallas SBC',
              addresses: ['192.0.2.10'],
              port: null,
              tlsNames: [],
            },
          }
        : { kind: 'none' },
    findByNumber: (number) => CALLERS.find((caller) => caller.number === number),
    findInOrganization: (organizationId, number) =>
      CALLERS.find(
        (caller) =>
          caller.organizationId === organizationId && (caller.number === number || caller.extension === number),
      ),
    site(_organizationId, locationId) {
      if (locationId === LOCATION_ID) {
        const civic = locationValue('TX', 'Dallas').civic ?? {};
        return {
          id: LOCATION_ID,
          name: 'Dallas',
          address: civic,
          addressRule: 'address of Dallas, the location of the caller’s number',
          preferredLanguage: 'en_US',
          target: { kind: 'location', id: LOCATION_ID },
          buildingId: null,
        };
      }
      if (locationId !== TORONTO_ID) return undefined;
      const civic = locationValue('ON', 'Toronto', 'CA').civic ?? {};
      return {
        id: TORONTO_ID,
        name: 'Toronto',
        address: civic,
        addressRule: 'address of Toronto, the location of the caller’s number',
        preferredLanguage: 'fr_CA',
        target: { kind: 'building', id: 'building-2' },
        buildingId: 'building-2',
      };
    },
    standing: () => STANDING,
    locateDevice: () => undefined,
    findElin: () => undefined,
    onlySite: () => undefined,
    isOwnReference: (uri) => uri.startsWith('https://waymark.example.net/'),
    resolveReference: (uri) =>
      uri.endsWith('/erl')
        ? {
            found: true,
            organizationId: ORGANIZATION_ID,
            value: locationValue('TX', 'Dallas'),
            target: { kind: 'erl', id: 'erl-1' },
            locationId: LOCATION_ID,
            buildingId: 'building-1',
            erlId: 'erl-1',
            rule: 'switch port',
            isNomadic: false,
          }
        : { found: false, reason: 'expired' },
    doubtOf: () => null,
    elinFor: () => undefined,
    destinationsFor: (location, service) => fakeRoute(location, service),
    relays: {
      US: { uri: 'sip:relay-us@127.0.0.1:5070', name: 'Relay centre' },
      CA: { uri: 'sip:relay-ca@127.0.0.1:5070', name: 'Canadian relay centre' },
    },
    ...overrides,
  };
}

export function fakeRoute(location: LocationValue, service: string, uri?: string): RouteDestination | null {
  if (!location.civic) return null;
  const { country, A1, A3 } = location.civic;
  const sourceId = `psap-${A1}-${A3}`;
  const psap = uri ?? `sip:${A1}@127.0.0.1:5070`;
  return {
    mapping: {
      sourceId,
      source: 'test',
      displayName: `PSAP of ${A3}`,
      uri: psap,
      serviceNumber: '911',
      lastUpdated: '2026-01-01T00:00:00Z',
    },
    boundary: { layer: 'test', version: '1', importId: null, updated: '2026-01-01T00:00:00.000Z' },
    quality: 'civic-county',
    rule: `${country} ${A1} ${A3} names it`,
    distanceToEdgeMeters: null,
    runnersUp: [],
    warnings: [],
    service,
    uri: psap,
    alternateUris: [],
    ringTimeoutMs: 4_000,
    ringLimitMs: null,
    queueLimitMs: null,
    plainSipUser: false,
    leadsToRelay: false,
  };
}

export function identity(number: string | null, displayName: string | null = null): CallIdentity {
  return { header: 'P-Asserted-Identity', uri: `sip:${number ?? 'anonymous'}@example.net`, number, displayName };
}

export function emergencyCall(overrides: Partial<EmergencyCall> = {}): EmergencyCall {
  return {
    service: { kind: '911', service: 'urn:service:sos', dialed: '911', isPrefixed: false, isUrn: false },
    requestUri: 'sip:911@example.net',
    peer: { address: '127.0.0.1', port: 5060 },
    identities: [],
    conveyed: [],
    ...overrides,
  };
}
