import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { regionTiles } from '../scripts/region-tiles.ts';
import { readDefaultBoundaries } from '../src/routing/default-data.ts';
import { regionOutlines } from '../src/routing/region-outlines.ts';

const file = readDefaultBoundaries();
const archives = regionTiles(file);

/** The tiles of an archive, as the console reads them. */
function tilesOf(name: string): Map<string, VectorTile> {
  const bytes = archives.get(name);
  assert.ok(bytes, name);
  const numbers = (at: number): number => bytes.readUInt32LE(at * 4);
  const tiles = new Map<string, VectorTile>();
  let from = (1 + 4 * numbers(0)) * 4;
  for (let tile = 0; tile < numbers(0); tile += 1) {
    const [z = 0, x = 0, y = 0, length = 0] = [1, 2, 3, 4].map((part) => numbers(4 * tile + part));
    tiles.set(`${z}/${x}/${y}`, new VectorTile(new PbfReader(bytes.subarray(from, from + length))));
    from += length;
  }
  assert.equal(from, bytes.length);
  return tiles;
}

const all = new Map([...archives.keys()].flatMap((name) => [...tilesOf(name)]));

/** Whether there is land in the deepest tile that holds a place. */
function isLand([longitude, latitude]: readonly [number, number]): boolean {
  const north = Math.asinh(Math.tan((latitude * Math.PI) / 180));
  const [east, south] = [((longitude + 180) / 360) * 256, ((1 - north / Math.PI) / 2) * 256];
  const layer = all.get(`8/${Math.floor(east)}/${Math.floor(south)}`)?.layers['land'];
  if (layer === undefined) return false;
  const [x, y] = [(east % 1) * layer.extent, (south % 1) * layer.extent];
  let isInside = false;
  for (let number = 0; number < layer.length; number += 1) {
    for (const ring of layer.feature(number).loadGeometry()) {
      for (const [at, { x: x0, y: y0 }] of ring.entries()) {
        const { x: x1, y: y1 } = ring[(at + 1) % ring.length] ?? { x: x0, y: y0 };
        if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) isInside = !isInside;
      }
    }
  }
  return isInside;
}

test('a map of the country needs one small archive, and what is deeper is in that of its ancestor', () => {
  const overview = [...tilesOf('overview').keys()];
  assert.ok(overview.every((key) => Number(key[0]) <= 3) && overview.includes('3/1/2'), overview.join(' '));
  assert.ok((archives.get('overview')?.length ?? 0) < 700_000);
  assert.ok(tilesOf('4-3-6').has('8/58/105'));
  for (const name of archives.keys()) assert.match(name, /^(?:overview|4-\d+-\d+)$/);
});

test('land is where regions are, and no lake or sea is', () => {
  const places = {
    'a county in the middle of others': [-98.5, 39.8],
    'Texas, Travis County': [-97.74, 30.27],
    'an island (Oahu)': [-158.0, 21.47],
    Alaska: [-150, 65],
    'a province': [-106.6, 52.1],
    'Puerto Rico': [-66.4, 18.2],
  } as const;
  for (const [name, place] of Object.entries(places)) assert.ok(isLand(place), name);
  for (const place of [
    [-87, 43.5],
    [-90, 25],
    [-60, 35],
  ] as const)
    assert.ok(!isLand(place), place.join());
});

test('every region that is drawn has its name once', () => {
  const expected = regionOutlines(file).features.map(({ properties }) => properties.name);
  const named = [...all].flatMap(([key, tile]) => {
    const layer = key.startsWith('8/') ? tile.layers['names'] : undefined;
    const [, x = 0, y = 0] = key.split('/').map(Number);
    return Array.from({ length: layer?.length ?? 0 }, (_, number) => {
      const feature = layer?.feature(number);
      const [at] = feature?.toGeoJSON(x, y, 8).geometry.type === 'Point' ? (feature.loadGeometry()[0] ?? []) : [];
      // Tiles hold what stands a little beyond their edge, too.
      const isOwn = at !== undefined && [at.x, at.y].every((value) => value >= 0 && value < (layer?.extent ?? 0));
      return isOwn ? [String(feature?.properties['name'])] : [];
    }).flat();
  });
  assert.deepEqual(named.toSorted(), expected.toSorted());
});

test('no tile above has names: there would be too many', () => {
  for (const [key, tile] of all) if (Number(key[0]) < 6) assert.equal(tile.layers['names'], undefined, key);
});

test('what two regions share is drawn once', () => {
  // Travis and Williamson County meet in the middle of this tile.
  const lines = all.get('8/58/105')?.layers['borders'];
  assert.ok(lines);
  const seen = new Map<string, number>();
  for (let number = 0; number < lines.length; number += 1) {
    for (const line of lines.feature(number).loadGeometry()) {
      for (const [at, { x, y }] of line.entries()) {
        const next = line[at + 1];
        if (next === undefined) continue;
        const side = [`${x},${y}`, `${next.x},${next.y}`].sort().join(' ');
        seen.set(side, (seen.get(side) ?? 0) + 1);
      }
    }
  }
  assert.ok(seen.size > 50, String(seen.size));
  assert.deepEqual(
    [...seen].filter(([, times]) => times > 1),
    [],
  );
});
