import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CivicAddress } from '../domain/civic-address.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type {
  BoundaryPolygon,
  FindService,
  FindServiceResponse,
  LostMapping,
  UsableLostLocation,
} from '../wire/lost/lost.ts';
import { createMappingCache } from './mapping-cache.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const LIMITS = { entries: 3, bytes: 16_000, lifetimeMs: 24 * HOUR_MS };

const QUERY: FindService = {
  type: 'findService',
  locations: [],
  service: 'urn:service:sos',
  recursive: true,
  validateLocation: false,
  serviceBoundary: 'reference',
  path: [],
};

function at(latitude: number, longitude: number): UsableLostLocation {
  return {
    id: `${latitude}`,
    value: { profile: 'geodetic-2d', shape: { type: 'point', position: { latitude, longitude } } },
  };
}

function civic(address: CivicAddress): UsableLostLocation {
  return { id: 'c', value: { profile: 'civic', civic: address } };
}

function response(mapping: Partial<LostMapping> = {}): FindServiceResponse {
  return {
    type: 'findServiceResponse',
    mappings: [
      {
        source: 'p.example',
        sourceId: '1',
        lastUpdated: new Date(START_MS),
        expires: new Date(START_MS + HOUR_MS),
        displayNames: [],
        service: 'urn:service:sos',
        uris: ['sip:a@b.example'],
        ...mapping,
      },
    ],
    path: ['us.example', 'p.example'],
  };
}

function ring(west: number, east: number, south = 40, north = 50): BoundaryPolygon['exterior'] {
  return [
    { latitude: south, longitude: west },
    { latitude: south, longitude: east },
    { latitude: north, longitude: east },
    { latitude: north, longitude: west },
  ];
}

function create() {
  const clock = createManualClock(START_MS);
  const cache = createMappingCache(clock, LIMITS);
  return { clock, cache, has: (location: UsableLostLocation, query = QUERY) => cache.find(query, location)?.fresh };
}

describe('answers of a parent', () => {
  test('are kept as long as they allow, and known as expired after that', () => {
    const { cache, clock, has } = create();
    cache.keep(QUERY, at(1, 1), response(), 100);
    assert.equal(has(at(1, 1)), true);
    clock.advance(HOUR_MS);
    assert.equal(has(at(1, 1)), false);
    cache.keep(QUERY, at(2, 2), response({ expires: 'NO-CACHE' }), 100);
    assert.equal(has(at(2, 2)), undefined);
    cache.keep(QUERY, at(3, 3), response({ expires: 'NO-EXPIRATION' }), 100);
    clock.advance(23 * HOUR_MS);
    assert.equal(has(at(3, 3)), true);
    clock.advance(2 * HOUR_MS);
    assert.equal(has(at(3, 3)), false);
  });

  test('are bounded in number and size; what was used last stays', () => {
    const { cache, has } = create();
    for (const n of [1, 2, 3]) cache.keep(QUERY, at(n, n), response(), 100);
    assert.equal(has(at(1, 1)), true);
    cache.keep(QUERY, at(4, 4), response(), 100);
    assert.deepEqual(
      [1, 2, 3, 4].map((n) => has(at(n, n))),
      [true, undefined, true, true],
    );
    cache.keep(QUERY, at(5, 5), response(), 1_001);
    assert.equal(has(at(5, 5)), undefined);
    const small = createMappingCache(createManualClock(START_MS), { ...LIMITS, entries: 100 });
    for (let n = 10; n < 50; n += 1) small.keep(QUERY, at(n, n), response(), 850);
    assert.equal(Array.from({ length: 50 }, (_, n) => small.find(QUERY, at(n, n))).filter(Boolean).length, 16);
  });

  test('count with the location that they were asked for', () => {
    const { cache } = create();
    const exterior = Array.from({ length: 30 }, (_, n) => ({ latitude: n, longitude: n }));
    const wide: UsableLostLocation = {
      id: 'w',
      value: { profile: 'geodetic-2d', shape: { type: 'polygon', exterior } },
    };
    cache.keep(QUERY, wide, response(), 100);
    assert.equal(cache.find(QUERY, wide), undefined);
  });

  test('stand in for nothing else: another service, another wish, another location used', () => {
    const { cache, has } = create();
    cache.keep(QUERY, at(1, 1), response(), 100);
    assert.equal(has(at(1, 1), { ...QUERY, service: 'urn:service:sos.fire' }), undefined);
    assert.equal(has(at(1, 1), { ...QUERY, serviceBoundary: 'value' }), undefined);
    assert.equal(has(at(1, 1), { ...QUERY, validateLocation: true }), undefined);
    assert.equal(has(at(1, 1), { ...QUERY, service: 'URN:service:SOS' }), true);
    cache.keep(QUERY, at(2, 2), { ...response(), locationUsed: 'another' }, 100);
    assert.equal(has(at(2, 2)), undefined);
  });

  test('with a region are good for the region, its holes excepted, while they are valid', () => {
    const { cache, clock, has } = create();
    const polygons = [{ exterior: ring(0, 10), interiors: [ring(4, 6, 44, 46)] }];
    cache.keep(QUERY, at(41, 1), response({ serviceBoundaries: [{ profile: 'geodetic-2d', polygons }] }), 100);
    assert.equal(has(at(49, 9)), true);
    assert.equal(cache.find(QUERY, at(49, 9))?.answer.locationUsed, '49');
    assert.equal(has(at(45, 5)), undefined);
    assert.equal(has(at(39, 9)), undefined);
    assert.equal(has(at(49, 9), { ...QUERY, validateLocation: true }), undefined);
    clock.advance(HOUR_MS);
    assert.equal(has(at(49, 9)), undefined);
    assert.equal(has(at(41, 1)), false);
  });

  test('with a civic region are good for addresses that have all of its elements', () => {
    const { cache, has } = create();
    const region = { country: 'AT', A1: 'Lower Austria' };
    cache.keep(
      QUERY,
      civic({ ...region, A3: 'Wolfsthal' }),
      response({ serviceBoundaries: [{ profile: 'civic', civic: region }] }),
      100,
    );
    assert.equal(has(civic({ country: 'AT', A1: 'lower austria', A3: 'Baden' })), true);
    assert.equal(has(civic({ country: 'AT', A1: 'Vienna' })), undefined);
    assert.equal(has(civic({ country: 'AT' })), undefined);
  });

  test('with a region over the antimeridian, or a warning, are good for the location only', () => {
    const { cache, has } = create();
    const wide = [{ exterior: ring(-179, 179), interiors: [] }];
    cache.keep(
      QUERY,
      at(45, 179.5),
      response({ serviceBoundaries: [{ profile: 'geodetic-2d', polygons: wide }] }),
      100,
    );
    assert.equal(has(at(45, 0)), undefined);
    const polygons = [{ exterior: ring(0, 10), interiors: [] }];
    const warned = {
      ...response({ serviceBoundaries: [{ profile: 'geodetic-2d', polygons }] }),
      warnings: [{ source: 'p.example', exceptions: [{ type: 'defaultMappingReturned' as const, message: 'guess' }] }],
    };
    cache.keep(QUERY, at(45, 1), warned, 100);
    assert.equal(has(at(45, 2)), undefined);
    assert.equal(has(at(45, 1)), true);
  });
});
