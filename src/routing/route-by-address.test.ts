/** An address without coordinates: by its county, or by the place that address data give it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CivicAddress } from '../domain/civic-address.ts';
import { createLogger } from '../support/logger.ts';
import { explainRoute } from './explain-route.ts';
import { type GeocodedAddress, preciseGeocoder } from './geocoder.ts';
import { type DrawnBoundary, testSnapshot } from './test-snapshot.ts';

const ADDRESS: CivicAddress = {
  country: 'US',
  A1: 'TX',
  A2: 'Harris',
  A3: 'Houston',
  RD: 'Main',
  STS: 'St',
  HNO: '1',
  PC: '77002',
};

function boundary(sourceId: string, west: number, east: number): DrawnBoundary {
  return {
    sourceId,
    layer: 'test',
    source: 'psap.example',
    serviceUrn: 'urn:service:sos',
    uri: `sip:${sourceId}@psap.example`,
    displayName: sourceId,
    serviceNumber: '911',
    coordinates: [
      [
        [
          [west, 29.4],
          [east, 29.4],
          [east, 30.2],
          [west, 30.2],
          [west, 29.4],
        ],
      ],
    ],
    version: '1',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

// Most of the county is in the one, the house in the other.
const imported = testSnapshot({ boundaries: [boundary('most', -96.2, -95.3), boundary('rest', -95.3, -94.8)] });
const placed = (precision: string, longitude = -95.2): GeocodedAddress => ({
  position: { latitude: 29.76, longitude },
  precision,
  uncertaintyMeters: 150,
});
const logger = createLogger('silent');
const routeWith = (found: GeocodedAddress | undefined, snapshot = imported) =>
  explainRoute(
    snapshot,
    { civic: ADDRESS },
    undefined,
    preciseGeocoder(() => found, logger),
  );

test('an address that is placed precisely goes to the imported boundary around it', () => {
  for (const precision of ['point', 'interpolated']) {
    const route = routeWith(placed(precision));
    assert.equal(route?.mapping.sourceId, 'rest', precision);
    assert.match(route?.rule ?? '', new RegExp(`as the address data place the address \\(${precision}\\)`));
  }
});

test('what is placed less precisely, nowhere, or outside every imported boundary goes by its county', () => {
  for (const found of [
    placed('street'),
    placed('postal'),
    placed('city'),
    undefined,
    placed('point', -80),
    placed('point', Number.NaN),
  ]) {
    assert.equal(routeWith(found)?.mapping.sourceId, 'most', JSON.stringify(found));
  }
});

test('on an edge the greater part of what the place can be wrong by decides', () => {
  assert.equal(routeWith(placed('interpolated', -95.3005))?.mapping.sourceId, 'most');
  assert.equal(routeWith(placed('interpolated', -95.2995))?.mapping.sourceId, 'rest');
});

test('where only built-in boundaries are, and where the lookup fails, the county decides as ever', () => {
  let asked = 0;
  const counting = () => {
    asked += 1;
    return placed('point', -80);
  };
  const route = explainRoute(testSnapshot(), { civic: ADDRESS }, undefined, counting);
  assert.deepEqual({ sourceId: route?.mapping.sourceId, asked }, { sourceId: 'us-county-48201', asked: 0 });
  const failing = preciseGeocoder(() => {
    throw new Error('broken');
  }, logger);
  assert.equal(explainRoute(imported, { civic: ADDRESS }, undefined, failing)?.mapping.sourceId, 'most');
});

test('coordinates that came with the address decide before those of the address data', () => {
  const shape = { type: 'point', position: { latitude: 29.76, longitude: -95.4 } } as const;
  const route = explainRoute(imported, { civic: ADDRESS, shape }, undefined, () => placed('point'));
  assert.equal(route?.mapping.sourceId, 'most');
});
