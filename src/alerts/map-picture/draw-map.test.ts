import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import fc from 'fast-check';
import { drawMap } from './draw-map.ts';
import { encodePng } from './encode-png.ts';
import type { MapScene } from './map-scene.ts';
import { scaleLengths } from './scale-lengths.ts';
import { strokeText } from './stroke-glyphs.ts';

async function decode(png: Uint8Array): Promise<Uint8Array> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

test('a picture of up to 256 colours comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 0xff_ff_ff }), { minLength: 1, maxLength: 256 }),
      fc.infiniteStream(fc.nat()),
      async (width, height, colors, choices) => {
        const rgba = new Uint8Array(width * height * 4);
        for (let pixel = 0; pixel < width * height; pixel += 1) {
          const color = colors[(choices.next().value as number) % colors.length] ?? 0;
          rgba.set([color & 255, (color >> 8) & 255, (color >> 16) & 255, 255], pixel * 4);
        }
        assert.deepEqual(await decode(encodePng(rgba, width, height)), rgba);
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});

test('of more colours, the rare ones become the nearest of those seen most', async () => {
  const width = 512;
  const rgba = new Uint8Array(width * 4 * 3);
  for (let pixel = 0; pixel < width; pixel += 1) {
    // 256 greys twice, and 512 reds once.
    const grey = pixel & 255;
    rgba.set([grey, grey, grey, 255], pixel * 4);
    rgba.set([grey, grey, grey, 255], (width + pixel) * 4);
    rgba.set([grey, grey, grey > 0 ? grey - 1 : 1, 255], (2 * width + pixel) * 4);
  }
  const back = await decode(encodePng(rgba, width, 3));
  for (const [at, value] of back.entries()) assert.ok(Math.abs(value - (rgba[at] ?? 0)) <= 1);
});

test('of few colours, those that are meant are kept however little of them is seen', async () => {
  const width = 100;
  const rgba = new Uint8Array(width * 4);
  for (let pixel = 0; pixel < width; pixel += 1) {
    const grey = pixel % 10;
    rgba.set(pixel === 42 ? [0x1f, 0x5c, 0x99, 255] : [grey, grey, grey, 255], pixel * 4);
  }
  const back = await decode(encodePng(rgba, width, 1, { colors: 3, meant: ['#1f5c99', '#00ff00'] }));
  assert.deepEqual([...back.subarray(42 * 4, 43 * 4)], [0x1f, 0x5c, 0x99, 255]);
  const seen = new Set(Array.from({ length: width }, (_, pixel) => back.subarray(pixel * 4, pixel * 4 + 3).join()));
  assert.equal(seen.size, 3);
});

test('lengths of scales are round, not longer than the limit, and can be written', () => {
  fc.assert(
    fc.property(fc.double({ min: 2, max: 2_000_000, noNaN: true }), (limit) => {
      for (const { meters, text } of Object.values(scaleLengths(limit))) {
        assert.ok(meters <= limit * 1.000_001 && meters > limit / 6.7, `${text} of ${limit}`);
        assert.match(text, /^[125]0* (?:m|km|ft|mi)$/);
        for (const letter of text.replace(' ', '')) assert.ok(strokeText(letter, 8).lines.length > 0, letter);
      }
    }),
  );
});

const SCENE: MapScene = {
  widthPixels: 200,
  heightPixels: 120,
  density: 2,
  latitude: 32.78,
  longitude: -96.8,
  metersPerPixel: 1,
  uncertaintyMeters: 30,
  outlines: [],
  streets: [{ name: 'Elm St', line: Float64Array.of(-96.801, 32.7798, -96.799, 32.7799) }],
  houses: [],
  sites: [{ name: 'Annex', latitude: 32.7803, longitude: -96.8005 }],
  inset: null,
  maxBytes: 60_000,
};

test('without fonts a map has its marks, scale and north, and no letters of fonts', async () => {
  const [plain, lettered] = await Promise.all([decode(drawMap(SCENE, null)), decode(drawMap(SCENE))]);
  const dark = (pixels: Uint8Array, x: number, y: number): boolean => (pixels[(y * 400 + x) * 4] ?? 255) < 90;
  const count = (pixels: Uint8Array, [left, top, right, bottom]: readonly number[]): number => {
    let found = 0;
    for (let y = top ?? 0; y < (bottom ?? 0); y += 1)
      for (let x = left ?? 0; x < (right ?? 0); x += 1) if (dark(pixels, x, y)) found += 1;
    return found;
  };
  const scale = [20, 170, 150, 230];
  const north = [330, 20, 380, 90];
  for (const pixels of [plain, lettered]) for (const mark of [scale, north]) assert.ok(count(pixels, mark) > 30);
  assert.equal(plain.length, lettered.length);
});

test('a map that would be too large is drawn with fewer pixels', () => {
  const noisy = Array.from({ length: 400 }, (_, number) => ({
    name: '',
    line: Float64Array.from(
      { length: 20 },
      (_, at) => (at % 2 === 0 ? -96.8 : 32.78) + Math.sin(number * 7 + at * 3) * 0.001,
    ),
  }));
  const drawn = (maxBytes: number): Uint8Array => drawMap({ ...SCENE, streets: noisy, maxBytes });
  const large = drawn(1_000_000);
  const smaller = drawn(large.byteLength - 1);
  const smallest = drawn(smaller.byteLength - 1);
  const widths = [large, smaller, smallest].map((png) => Buffer.from(png).readUInt32BE(16) / SCENE.widthPixels);
  assert.deepEqual(widths, [2, 1.5, 1]);
  assert.ok(smaller.byteLength < large.byteLength && smallest.byteLength < smaller.byteLength / 1.5);
});
