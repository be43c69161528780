import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAddressLayers } from './address-layers.ts';
import { DEGREE_UNITS, NO_COORDINATE } from './layer-block.ts';
import { createMapFeatureFinder } from './map-features.ts';
import { readFixture } from './testing/fixture-layers.ts';

const { layers } = await readFixture();
const finder = createMapFeatureFinder(() => layers);

test('streets and houses around a place are found, with their names', async () => {
  const { houses, sources, streets } = await finder.within([32.77, -96.81, 32.79, -96.79]);
  const names = new Set(streets.map(({ name }) => name));
  assert.ok(names.has('MAIN STREET'), [...names].join(', '));
  assert.ok(houses.some(({ number }) => number === '1500'));
  assert.equal(sources.length, 1);
  assert.deepEqual(await finder.within([10, 10, 10.01, 10.01]), { streets: [], houses: [], sources: [] });
  const none = createMapFeatureFinder(() => createAddressLayers([]));
  assert.deepEqual((await none.within([32.77, -96.81, 32.79, -96.79])).sources, []);
});

test('houses of any box are those that a look at all of them finds', async () => {
  await finder.prepare();
  const all = layers.blocks.flatMap((block) =>
    Array.from(block.pointLatitude, (latitude, point) => ({
      latitude: latitude | 0,
      longitude: (block.pointLongitude[point] ?? 0) | 0,
    })).filter(({ latitude }) => latitude !== NO_COORDINATE),
  );
  assert.ok(all.length > 10);
  const units = (degrees: number): number => Math.round(degrees * DEGREE_UNITS);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...all),
      fc.double({ min: -0.01, max: 0.01, noNaN: true }),
      fc.double({ min: -0.01, max: 0.01, noNaN: true }),
      fc.double({ min: 1e-6, max: 0.02, noNaN: true }),
      async (point, north, east, size) => {
        const south = point.latitude / DEGREE_UNITS + north;
        const west = point.longitude / DEGREE_UNITS + east;
        const { houses } = await finder.within([south, west, south + size, west + size]);
        const expected = all.filter(
          ({ latitude, longitude }) =>
            latitude / DEGREE_UNITS >= south &&
            latitude / DEGREE_UNITS <= south + size &&
            longitude / DEGREE_UNITS >= west &&
            longitude / DEGREE_UNITS <= west + size,
        );
        const places = (list: readonly { latitude: number; longitude: number }[]) =>
          list.map(({ latitude, longitude }) => `${latitude} ${longitude}`).sort();
        assert.deepEqual(
          places(houses.map(({ latitude, longitude }) => ({ latitude: units(latitude), longitude: units(longitude) }))),
          places(expected),
        );
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});
