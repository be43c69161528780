import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultBoundaries } from './default-data.ts';
import { createRegionOutlines } from './prepare-region-outlines.ts';
import { regionOutlines } from './region-outlines.ts';

const { features } = regionOutlines(readDefaultBoundaries());

test('every region has rings that close, within a small box around the one that calls are routed by', () => {
  const { boundaries, bySourceId, index } = defaultBoundaries();
  assert.ok(features.length > 3_230 && features.length <= boundaries.length);
  for (const { properties, geometry } of features) {
    for (const ring of geometry.coordinates.flat()) {
      assert.ok(ring.length >= 4 && JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1)), properties.name);
    }
    const number = bySourceId.get(properties.id) ?? -1;
    assert.equal(boundaries[number]?.name, properties.name);
    const exact = index.geometry(number).flatMap(([outer = []]) => [...outer].filter((_, at) => at % 2 === 1));
    const drawn = geometry.coordinates.flatMap(([outer = []]) => outer.map(([, latitude]) => latitude));
    const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -90);
    // Islands that are too small to be drawn may have been the northernmost.
    assert.ok(most(drawn) - most(exact) < 0.01, properties.name);
  }
});

test('neighbours go on meeting: what they share has the same corners', () => {
  const corners = (id: string): Set<string> =>
    new Set(
      features
        .find(({ properties }) => properties.id === id)
        ?.geometry.coordinates.flat(2)
        .map(String),
    );
  const travis = corners('us-county-48453');
  const williamson = corners('us-county-48491');
  const shared = [...travis].filter((corner) => williamson.has(corner));
  assert.ok(travis.size >= 10 && shared.length >= 5, `${travis.size} corners, ${shared.length} shared`);
});

test('the thread gives the same, packed, and is asked once', async () => {
  const outlines = createRegionOutlines();
  const [first, again] = await Promise.all([outlines(), outlines()]);
  assert.equal(first, again);
  assert.deepEqual(JSON.parse(gunzipSync(first).toString('utf8')), {
    type: 'FeatureCollection',
    features: JSON.parse(JSON.stringify(features)),
  });
});
