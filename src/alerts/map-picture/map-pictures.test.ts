import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { artefactPath } from '../../../test/support/artefacts.ts';
import { createMapFeatureFinder } from '../../addresses/map-features.ts';
import { readFixture } from '../../addresses/testing/fixture-layers.ts';
import { mapOutlines } from '../../routing/map-outlines.ts';
import { testSnapshot } from '../../routing/test-snapshot.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMetrics } from '../../support/metrics.ts';
import { createMapPictures, type MapPicture, type MapSources } from './map-pictures.ts';
import type { MapScene } from './map-scene.ts';
import { createMapThread } from './map-thread.ts';

const { layers } = await readFixture();
const snapshot = testSnapshot();
const silentLogger = createLogger('silent');
const metrics = { counter: () => createMetrics({ processMetrics: false }).counter('maps', 'maps', ['outcome']) };
const ORGANIZATION = 'organization-1';

const SOURCES: MapSources = {
  outlines: (place, box) => mapOutlines(snapshot, place, box),
  features: (box) => features.within(box),
  prepare: () => features.prepare(),
  sites: (organizationId) =>
    organizationId === ORGANIZATION ? [{ name: 'Plano Office', latitude: 33.0, longitude: -96.7 }] : [],
};
const features = createMapFeatureFinder(() => layers);

async function pixelsOf({ png }: MapPicture) {
  const image = await loadImage(Buffer.from(png));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const density = image.width / 552;
  const at = (x: number, y: number): string =>
    [...context.getImageData(Math.round(x * density), Math.round(y * density), 1, 1).data.subarray(0, 3)].join(' ');
  return { width: image.width, height: image.height, at };
}

const PIN = '194 19 31';

const PLACES = {
  'street-level': { latitude: 32.78, longitude: -96.8, uncertaintyMeters: 40 },
  'county-level': { latitude: 31.5, longitude: -97.2, uncertaintyMeters: null },
  'wide-circle': { latitude: 32.9, longitude: -96.75, uncertaintyMeters: 25_000 },
  province: { latitude: 45.5, longitude: -73.57, uncertaintyMeters: 100 },
  'far-north': { latitude: 82.5, longitude: -62.3, uncertaintyMeters: null },
  'date-line': { latitude: 52.9, longitude: 179.99, uncertaintyMeters: 5_000 },
  'at-sea': { latitude: 30, longitude: -50, uncertaintyMeters: 10 },
};

test('every place has a picture that is small enough to be mailed', async () => {
  const clock = createManualClock();
  const pictures = createMapPictures({ sources: SOURCES, clock, logger: silentLogger, metrics });
  try {
    await pictures.prepare();
    for (const [name, request] of Object.entries(PLACES)) {
      const picture = await pictures.picture(request, ORGANIZATION);
      assert.ok(picture, name);
      writeFileSync(artefactPath(`maps/${name}.png`), picture.png);
      assert.ok(picture.png.byteLength <= 60_000, `${name}: ${picture.png.byteLength} bytes`);
      const { at, height, width } = await pixelsOf(picture);
      assert.ok(width >= 552 && Math.abs(height / width - 300 / 552) < 0.01);
      // The head of the pin stands above the middle, its tip in it.
      assert.equal(at(276 - 8, 150 - 23), PIN, name);
      assert.equal(at(276, 150 - 23), '255 255 255', name);
      assert.match(picture.attribution, /^Boundaries: /);
    }
    const street = await pictures.picture(PLACES['street-level'], ORGANIZATION);
    assert.match(street?.attribution ?? '', / · ./);
    assert.equal(await pictures.picture({ latitude: Number.NaN, longitude: 0, uncertaintyMeters: null }, null), null);
    assert.equal(await pictures.picture({ latitude: 89, longitude: 0, uncertaintyMeters: null }, null), null);
  } finally {
    await pictures.stop();
  }
});

test('a circle is as wide as the place is uncertain', async () => {
  const clock = createManualClock();
  const scenes: MapScene[] = [];
  const thread = createMapThread({ logger: silentLogger });
  const kept = {
    ...thread,
    draw(scene: MapScene) {
      scenes.push(scene);
      return thread.draw(scene);
    },
  };
  const pictures = createMapPictures({ sources: SOURCES, clock, logger: silentLogger, metrics, thread: kept });
  try {
    const picture = await pictures.picture(PLACES['wide-circle'], null);
    const scene = scenes[0];
    assert.ok(picture && scene);
    const radius = 25_000 / scene.metersPerPixel;
    assert.ok(radius > 40 && radius < 150, `${radius} pixels`);
    const { at } = await pixelsOf(picture);
    assert.notEqual(at(276, 150 + radius - 4), at(276, 150 + radius + 6));
  } finally {
    await pictures.stop();
  }
});

test('pictures of one place are drawn once; late and failed ones are none, and are tried again', async () => {
  const clock = createManualClock();
  const answers: ((png: Uint8Array | undefined) => void)[] = [];
  const thread = {
    draw: () => new Promise<Uint8Array | undefined>((resolve) => answers.push(resolve)),
    stop: () => Promise.resolve(),
  };
  const pictures = createMapPictures({ sources: SOURCES, clock, logger: silentLogger, metrics, thread });
  const request = PLACES['county-level'];
  const asked = (count: number) =>
    new Promise<void>((resolve) => {
      const look = (): void => (answers.length >= count ? resolve() : void setImmediate(look));
      look();
    });

  const both = [pictures.picture(request, null), pictures.picture(request, null)];
  await asked(1);
  clock.advance(500);
  assert.deepEqual(await Promise.all(both), [null, null]);
  answers[0]?.(new Uint8Array([1]));
  assert.deepEqual((await pictures.picture(request, null))?.png, new Uint8Array([1]));
  assert.equal(answers.length, 1);

  clock.advance(60_001);
  const again = pictures.picture(request, null);
  await asked(2);
  answers[1]?.(undefined);
  assert.equal(await again, null);
  const once = pictures.picture(request, null);
  await asked(3);
  answers[2]?.(new Uint8Array([2]));
  assert.deepEqual((await once)?.png, new Uint8Array([2]));

  const failing: MapSources = { ...SOURCES, features: () => Promise.reject(new Error('torn layer')) };
  const without = createMapPictures({ sources: failing, clock, logger: silentLogger, metrics, thread });
  assert.equal(await without.picture(request, null), null);
});

const scene = (): MapScene => ({
  widthPixels: 100,
  heightPixels: 60,
  density: 1,
  latitude: 0,
  longitude: 0,
  metersPerPixel: 1,
  uncertaintyMeters: null,
  outlines: [],
  streets: [],
  houses: [],
  sites: [],
  inset: null,
  maxBytes: 60_000,
});

const scriptOf = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

test('a thread that dies or hangs gives no picture and holds up nobody', async () => {
  const dying = createMapThread({
    logger: silentLogger,
    script: scriptOf(
      `import { parentPort } from 'node:worker_threads'; parentPort.once('message', () => process.exit(3));`,
    ),
  });
  assert.deepEqual(await Promise.all([dying.draw(scene()), dying.draw(scene())]), [undefined, undefined]);
  assert.equal(await dying.draw(scene()), undefined);
  await dying.stop();

  const hanging = createMapThread({
    logger: silentLogger,
    hangsAfterMs: 50,
    script: scriptOf(
      `import { parentPort } from 'node:worker_threads'; parentPort.once('message', () => { for (;;); });`,
    ),
  });
  const waiting = Array.from({ length: 40 }, () => hanging.draw(scene()));
  assert.ok((await Promise.all(waiting)).every((png) => png === undefined));
  await hanging.stop();
  assert.equal(await hanging.draw(scene()), undefined);

  const thread = createMapThread({ logger: silentLogger });
  const broken = { ...scene(), streets: [null] } as unknown as MapScene;
  assert.equal(await thread.draw(broken), undefined);
  assert.ok(await thread.draw(scene()));
  await thread.stop();
});
