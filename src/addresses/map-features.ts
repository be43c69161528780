import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AddressLayers, streetParts } from './address-layers.ts';
import { DEGREE_UNITS, type LayerBlock, NO_COORDINATE } from './layer-block.ts';

/** What address layers hold of a small area, for maps. */
export type MapFeatures = {
  /** Lines of `longitude, latitude, …` in degrees; `name` may be empty. */
  streets: { name: string; line: Float64Array }[];
  houses: { number: string; longitude: number; latitude: number }[];
  /** Whose data it is. */
  sources: string[];
};

/** South, west, north, east in degrees. */
type Box = readonly [south: number, west: number, north: number, east: number];

export type MapFeatureFinder = {
  /** Sorts the layers in force by place, in small steps; `within` does so too where it was not done. */
  prepare(): Promise<void>;
  within(box: Box): Promise<MapFeatures>;
};

/** Cells of about 500 m: a map of a building and its surroundings asks for a few dozen. */
const CELLS_PER_DEGREE = 200;
const MAX_CELLS = 400;
const MAX_STREETS = 600;
const MAX_HOUSES = 1_500;
const SORTED_AT_ONCE = 20_000;

/** Entries by the bucket of their cell: those of bucket b are `entries[starts[b]]` … `entries[starts[b + 1]]`. */
type Buckets = { mask: number; starts: Uint32Array; entries: Uint32Array };
type BlockPlaces = { points: Buckets; ranges: Buckets };

function bucketOf(cellLatitude: number, cellLongitude: number, mask: number): number {
  const mixed = Math.imul(cellLatitude, 0x9e_37_79_b1) ^ Math.imul(cellLongitude, 0x85_eb_ca_6b);
  return (mixed ^ (mixed >>> 15)) & mask;
}

const cellOf = (units: number): number => Math.floor((units / DEGREE_UNITS) * CELLS_PER_DEGREE);

/** Where an entry lies, in units; undefined: nowhere. */
type PlaceOf = (entry: number) => readonly [latitude: number, longitude: number] | undefined;

async function sortByPlace(count: number, placeOf: PlaceOf): Promise<Buckets> {
  let size = 256;
  while (size < count / 8) size *= 2;
  const mask = size - 1;
  const starts = new Uint32Array(size + 1);
  const buckets = new Int32Array(count);
  for (let entry = 0; entry < count; entry += 1) {
    if (entry % SORTED_AT_ONCE === 0) await nextTurn();
    const place = placeOf(entry);
    const bucket = place === undefined ? -1 : bucketOf(cellOf(place[0]), cellOf(place[1]), mask);
    buckets[entry] = bucket;
    if (bucket >= 0) starts[bucket + 1] = (starts[bucket + 1] as number) + 1;
  }
  for (let bucket = 0; bucket < size; bucket += 1)
    starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number);
  const entries = new Uint32Array(starts[size] as number);
  const next = starts.slice(0, size);
  for (let entry = 0; entry < count; entry += 1) {
    if (entry % SORTED_AT_ONCE === 0) await nextTurn();
    const bucket = buckets[entry] as number;
    if (bucket < 0) continue;
    const at = next[bucket] as number;
    entries[at] = entry;
    next[bucket] = at + 1;
  }
  return { mask, starts, entries };
}

function pointPlace(block: LayerBlock, point: number): readonly [number, number] | undefined {
  const latitude = (block.pointLatitude[point] as number) | 0;
  return latitude === NO_COORDINATE ? undefined : [latitude, (block.pointLongitude[point] as number) | 0];
}

function rangePlace(block: LayerBlock, range: number): readonly [number, number] | undefined {
  const line = block.rangeLine[range] as number;
  const start = block.lineStart[line] as number;
  if (start >= (block.lineStart[line + 1] ?? start)) return undefined;
  return [(block.vertexLatitude[start] as number) | 0, (block.vertexLongitude[start] as number) | 0];
}

/** The street to which an entry of a column sorted by street belongs. */
function streetAt(starts: Uint32Array, entry: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] as number) <= entry) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Entries in the cells of a box and of those beside it: a line that begins there may come in. */
function* entriesIn({ mask, starts, entries }: Buckets, [south, west, north, east]: Box): Generator<number> {
  const seen = new Set<number>();
  const cell = (degrees: number): number => Math.floor(degrees * CELLS_PER_DEGREE);
  let cells = 0;
  for (let row = cell(south) - 1; row <= cell(north) + 1; row += 1) {
    for (let column = cell(west) - 1; column <= cell(east) + 1; column += 1) {
      cells += 1;
      if (cells > MAX_CELLS) return;
      const bucket = bucketOf(row, column, mask);
      if (seen.has(bucket)) continue;
      seen.add(bucket);
      const end = starts[bucket + 1] as number;
      for (let at = starts[bucket] as number; at < end; at += 1) yield entries[at] as number;
    }
  }
}

function addStreets(block: LayerBlock, ranges: Buckets, box: Box, features: MapFeatures): void {
  const [south, west, north, east] = box;
  const drawn = new Set<number>();
  for (const range of entriesIn(ranges, box)) {
    if (features.streets.length === MAX_STREETS) return;
    const lineNumber = block.rangeLine[range] as number;
    // Both sides of a segment name one line.
    if (drawn.has(lineNumber)) continue;
    drawn.add(lineNumber);
    const start = block.lineStart[lineNumber] as number;
    const count = (block.lineStart[lineNumber + 1] as number) - start;
    const line = new Float64Array(count * 2);
    let [isSouth, isWest, isNorth, isEast] = [true, true, true, true];
    for (let vertex = 0; vertex < count; vertex += 1) {
      const longitude = ((block.vertexLongitude[start + vertex] as number) | 0) / DEGREE_UNITS;
      const latitude = ((block.vertexLatitude[start + vertex] as number) | 0) / DEGREE_UNITS;
      line[vertex * 2] = longitude;
      line[vertex * 2 + 1] = latitude;
      isSouth &&= latitude < south;
      isWest &&= longitude < west;
      isNorth &&= latitude > north;
      isEast &&= longitude > east;
    }
    if (count < 2 || isSouth || isWest || isNorth || isEast) continue;
    const { PRM, PRD, STP, RD, STS, POD, POM } = streetParts({
      block,
      street: streetAt(block.streetRangeStart, range),
    });
    features.streets.push({ name: [PRM, PRD, STP, RD, STS, POD, POM].filter((part) => part !== '').join(' '), line });
  }
}

function addHouses(block: LayerBlock, points: Buckets, box: Box, features: MapFeatures): void {
  const [south, west, north, east] = box;
  for (const point of entriesIn(points, box)) {
    if (features.houses.length === MAX_HOUSES) return;
    const latitude = ((block.pointLatitude[point] as number) | 0) / DEGREE_UNITS;
    const longitude = ((block.pointLongitude[point] as number) | 0) / DEGREE_UNITS;
    if (latitude < south || latitude > north || longitude < west || longitude > east) continue;
    features.houses.push({ number: String(block.pointNumber[point] ?? ''), longitude, latitude });
  }
}

export function createMapFeatureFinder(layers: () => AddressLayers): MapFeatureFinder {
  const sorted = new WeakMap<LayerBlock, Promise<BlockPlaces>>();

  async function sort(block: LayerBlock): Promise<BlockPlaces> {
    return {
      points: await sortByPlace(block.pointNumber.length, (point) => pointPlace(block, point)),
      ranges: await sortByPlace(block.rangeLine.length, (range) => rangePlace(block, range)),
    };
  }

  function placesOf(block: LayerBlock): Promise<BlockPlaces> {
    const known = sorted.get(block);
    if (known) return known;
    const sorting = sort(block).catch((error: unknown) => {
      sorted.delete(block);
      throw error;
    });
    sorted.set(block, sorting);
    return sorting;
  }

  return {
    async prepare() {
      for (const block of layers().blocks) await placesOf(block);
    },
    async within(box) {
      const features: MapFeatures = { streets: [], houses: [], sources: [] };
      for (const block of layers().blocks) {
        const { points, ranges } = await placesOf(block);
        const before = features.streets.length + features.houses.length;
        addStreets(block, ranges, box, features);
        addHouses(block, points, box, features);
        if (features.streets.length + features.houses.length > before) features.sources.push(block.source);
      }
      return features;
    },
  };
}
