/** What maps of the console are drawn on, cut into vector tiles when the console is built: no browser parses and cuts the country again. */
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import type { Feature, Geometry } from 'geojson';
import type { DefaultBoundariesFile } from '../src/routing/default-data.ts';
import {
  type Corner,
  joinRing,
  LEAST_CORNERS,
  regionOutlines,
  simplifiedArcs,
} from '../src/routing/region-outlines.ts';

/** Deeper ones are drawn from these: corners are hundreds of meters apart. */
const DEEPEST_ZOOM = 8;
/** Down to here one archive holds all tiles: what a map of the country needs. Deeper ones stand with their ancestor of the level below. */
const OVERVIEW_ZOOM = 3;
/** There are too many counties to name in tiles above. */
const NAMES_FROM_ZOOM = 6;
const EXTENT = 4_096;
/** In units of the tile, of which a pixel has eight. */
const TOLERANCE = 2;
const BUFFER = 64;
/** Lines across a region that are looked at for the place of its name. */
const SCANS = 16;

type Line = Corner[];
type Tile = { z: number; x: number; y: number; bytes: Uint8Array };

/** Archives of tiles by name: `overview`, and `4-x-y` for the tile `4/x/y` with all below it. */
export function regionTiles(file: DefaultBoundariesFile): Map<string, Buffer> {
  const archives = new Map<string, Tile[]>();
  for (const tile of cutTiles(file)) {
    const up = tile.z - OVERVIEW_ZOOM - 1;
    const name = up < 0 ? 'overview' : `${OVERVIEW_ZOOM + 1}-${tile.x >> up}-${tile.y >> up}`;
    const tiles = archives.get(name);
    if (tiles) tiles.push(tile);
    else archives.set(name, [tile]);
  }
  return new Map([...archives].map(([name, tiles]) => [name, packTiles(tiles)]));
}

/** The number of tiles; z, x, y, and the length of each as 32-bit numbers (little-endian); then the tiles. */
function packTiles(tiles: readonly Tile[]): Buffer {
  const index = new Uint32Array([tiles.length, ...tiles.flatMap(({ z, x, y, bytes }) => [z, x, y, bytes.length])]);
  return Buffer.concat([new Uint8Array(index.buffer), ...tiles.map(({ bytes }) => bytes)]);
}

function cutTiles(file: DefaultBoundariesFile): Tile[] {
  const { land, borders } = dissolve(file);
  const layers = {
    land: [feature({ type: 'MultiPolygon', coordinates: land.map((rings) => rings.map(copied)) })],
    borders: [feature({ type: 'MultiLineString', coordinates: borders.map(copied) })],
    names: regionOutlines(file).features.map(({ properties, geometry }) =>
      feature({ type: 'Point', coordinates: [...middleOf(geometry.coordinates)] }, { name: properties.name }),
    ),
  };
  const index = (features: Feature[], tolerance: number): GeoJSONVT =>
    new GeoJSONVT(
      { type: 'FeatureCollection', features },
      {
        maxZoom: DEEPEST_ZOOM,
        indexMaxZoom: DEEPEST_ZOOM,
        indexMaxPoints: 0,
        tolerance,
        extent: EXTENT,
        buffer: BUFFER,
      },
    );
  const indexes = Object.entries(layers).map(([layer, features]) => [layer, index(features, TOLERANCE)] as const);
  // An island that is too small to be drawn in one tile is drawn in those below.
  const whole = index(layers.land, 0);
  const open: [z: number, x: number, y: number][] = [[0, 0, 0]];
  const tiles: Tile[] = [];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [z, x, y] = at;
    if ((whole.getTile(z, x, y)?.features.length ?? 0) === 0) continue;
    if (z < DEEPEST_ZOOM)
      for (const child of [0, 1, 2, 3]) open.push([z + 1, 2 * x + (child & 1), 2 * y + (child >> 1)]);
    const cut = indexes.flatMap(([layer, one]) => {
      const tile = layer === 'names' && z < NAMES_FROM_ZOOM ? null : one.getTile(z, x, y);
      return tile && tile.features.length > 0 ? [[layer, tile] as const] : [];
    });
    if (cut.length === 0) continue;
    tiles.push({ z, x, y, bytes: fromGeojsonVt(Object.fromEntries(cut), { version: 2, extent: EXTENT }) });
  }
  return tiles;
}

const copied = (line: Line): number[][] => line.map((corner) => [...corner]);

function feature<G extends Geometry>(geometry: G, properties: Record<string, string> = {}): Feature<G> {
  return { type: 'Feature', properties, geometry };
}

/** All regions as one: what they cover, and each border once, which two regions share. */
function dissolve({ topologies, boundaries }: DefaultBoundariesFile): { land: Line[][]; borders: Line[] } {
  const land: Line[][] = [];
  const borders: Line[] = [];
  for (const [topology, source] of topologies.entries()) {
    const arcs = simplifiedArcs(source);
    const polygons = boundaries.filter((one) => one.topology === topology).flatMap((one) => one.polygons);
    const owners = new Map<number, { polygon: number; signed: number }[]>();
    for (const [polygon, rings] of polygons.entries()) {
      for (const signed of rings.flat()) {
        const arc = signed < 0 ? ~signed : signed;
        const known = owners.get(arc);
        if (known) known.push({ polygon, signed });
        else owners.set(arc, [{ polygon, signed }]);
      }
    }
    const island = islands(
      polygons.length,
      [...owners.values()].map((all) => all.map(({ polygon }) => polygon)),
    );
    const shores = new Map<number, number[]>();
    for (const [arc, [first, second]] of owners) {
      borders.push(arcs[arc] ?? []);
      if (first === undefined || second !== undefined) continue;
      const shore = shores.get(island(first.polygon));
      if (shore) shore.push(first.signed);
      else shores.set(island(first.polygon), [first.signed]);
    }
    for (const shore of shores.values()) {
      const rings = closeRings(shore, arcs).filter((ring) => ring.length >= LEAST_CORNERS);
      // The others of what hangs together are lakes in it.
      if (rings.length > 0) land.push(rings.toSorted((a, b) => areaOf(b) - areaOf(a)));
    }
  }
  return { land, borders: borders.filter((line) => line.length > 1 && new Set(line.map(String)).size > 1) };
}

/** Which of them hang together by what they share: a number for each, the same for all of one. */
function islands(count: number, shared: readonly (readonly number[])[]): (one: number) => number {
  const parent = Array.from({ length: count }, (_, one) => one);
  const find = (one: number): number => {
    let at = one;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? at] ?? at;
      at = parent[at] ?? at;
    }
    return at;
  };
  for (const [first = 0, ...others] of shared) for (const other of others) parent[find(other)] = find(first);
  return find;
}

/** Arcs of a shore, each continued by one that begins where it ends. */
function closeRings(shore: readonly number[], arcs: readonly Line[]): Line[] {
  const arcOf = (signed: number): Line => (signed < 0 ? arcs[~signed]?.toReversed() : arcs[signed]) ?? [];
  const beginning = new Map<string, number[]>();
  for (const signed of shore) {
    const at = String(arcOf(signed)[0]);
    const known = beginning.get(at);
    if (known) known.push(signed);
    else beginning.set(at, [signed]);
  }
  const left = new Set(shore);
  const rings: Line[] = [];
  for (const first of shore) {
    const ring: number[] = [];
    const start = String(arcOf(first)[0]);
    for (let next: number | undefined = left.has(first) ? first : undefined; next !== undefined; ) {
      left.delete(next);
      ring.push(next);
      const end = String(arcOf(next).at(-1));
      next = end === start ? undefined : beginning.get(end)?.find((one) => left.has(one));
    }
    if (ring.length > 0) rings.push(joinRing(ring, arcs));
  }
  return rings;
}

function areaOf(ring: Line): number {
  const twice = ring.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = ring[(at + 1) % ring.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice / 2);
}

/** Where the largest part of a region is widest, for its name. */
function middleOf(polygons: readonly (readonly Line[])[]): Corner {
  const rings = polygons.reduce((a, b) => (areaOf(b[0] ?? []) > areaOf(a[0] ?? []) ? b : a));
  const heights = rings[0]?.map(([, y]) => y) ?? [];
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  let best: { at: Corner; room: number } | undefined;
  for (let step = 1; step < SCANS; step += 1) {
    const share = step / SCANS;
    const y = low + (high - low) * share;
    const crossings = rings.flatMap((ring) => crossingsOf(ring, y)).toSorted((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const [from = 0, to = 0] = crossings.slice(i, i + 2);
      const room = Math.min(to - from, 2 * (high - low) * Math.min(share, 1 - share));
      if (best === undefined || room > best.room) best = { at: [(from + to) / 2, y], room };
    }
  }
  return best?.at ?? rings[0]?.[0] ?? [0, 0];
}

function crossingsOf(ring: Line, y: number): number[] {
  return ring.flatMap(([x0, y0], at) => {
    const [x1, y1] = ring[(at + 1) % ring.length] ?? [x0, y0];
    return y0 > y === y1 > y ? [] : [x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)];
  });
}
