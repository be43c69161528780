import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { foldCity } from './fold-city.ts';
import { POSTAL_GRID_PER_DEGREE, type PostalFile, type PostalRegion } from './postal-file.ts';

/** A postal code (ZIP, or forward sortation area in Canada) or, where `code` is `-`, a place of the gazetteer. */
export type PostalEntry = {
  readonly code: string;
  /** Three digits; empty where unknown. */
  readonly county: string;
  /** In degrees, to about 5 km; undefined where unknown. */
  readonly point: { readonly latitude: number; readonly longitude: number } | undefined;
  /** City names, the usual one first. */
  readonly names: readonly string[];
};

/** One state, territory or province. */
export type RegionBook = {
  /** The entry of a ZIP code (five digits) or forward sortation area. */
  find(code: string): PostalEntry | undefined;
  /** Every entry that a folded city name stands in. */
  named(foldedCity: string): readonly PostalEntry[];
  /** Folded names of all places within `kilometers` of an entry's point; none where the point is unknown. */
  namesNear(entry: PostalEntry, kilometers: number): readonly string[];
  countyName(county: string): string | undefined;
};

/** Which postal code, city and county belong together; from memory. */
export type PostalBook = {
  /** What it is and of which day, for whoever must know what an address was checked against. */
  readonly source: string;
  region(code: string): RegionBook | undefined;
  /** States in which ZIP codes with these first three digits occur. */
  statesOfSection(section: string): readonly string[];
};

const KILOMETERS_PER_DEGREE = 111.2;

/** Rough, for places within a few hundred kilometers; undefined where a point is unknown. */
export function kilometersBetween(a: PostalEntry, b: PostalEntry): number | undefined {
  if (a.point === undefined || b.point === undefined) return undefined;
  const north = a.point.latitude - b.point.latitude;
  const east = (a.point.longitude - b.point.longitude) * Math.cos((a.point.latitude * Math.PI) / 180);
  return Math.hypot(north, east) * KILOMETERS_PER_DEGREE;
}

function addUp(steps: string): (number | undefined)[] {
  let at = 0;
  return steps.split(' ').map((step) => {
    if (step === '') return undefined;
    at += Number(step);
    return at / POSTAL_GRID_PER_DEGREE;
  });
}

function openRegion(packed: PostalRegion): RegionBook {
  const counties = new Map(packed.counties.split('|').map((pair) => [pair.slice(0, 3), pair.slice(4)]));
  const countyOf = packed.countyOf.split(' ');
  const latitudes = addUp(packed.latitudes);
  const longitudes = addUp(packed.longitudes);
  const names = packed.names.split('|');
  const entries: PostalEntry[] = [];
  const byCode = new Map<string, PostalEntry>();
  const byName = new Map<string, PostalEntry[]>();
  for (const [index, code] of packed.codes.split(' ').entries()) {
    const latitude = latitudes[index];
    const longitude = longitudes[index];
    const entry: PostalEntry = {
      code,
      county: countyOf[index] ?? '',
      point: latitude === undefined || longitude === undefined ? undefined : { latitude, longitude },
      names: (names[index] ?? '').split('/'),
    };
    entries.push(entry);
    if (code !== '-') byCode.set(code, entry);
    for (const name of entry.names) {
      const folded = foldCity(name);
      const known = byName.get(folded);
      if (known) known.push(entry);
      else byName.set(folded, [entry]);
    }
  }
  return {
    find: (code) => byCode.get(code),
    named: (foldedCity) => byName.get(foldedCity) ?? [],
    namesNear(entry, kilometers) {
      const near: string[] = [];
      for (const [folded, places] of byName) {
        if (places.some((place) => (kilometersBetween(entry, place) ?? Number.POSITIVE_INFINITY) <= kilometers)) {
          near.push(folded);
        }
      }
      return near;
    },
    countyName: (county) => counties.get(county) || undefined,
  };
}

/** Opens the tables; a region is unpacked when it is first asked for, so that no call waits for all of them. */
export function openPostalBook(file: PostalFile): PostalBook {
  const opened = new Map<string, RegionBook>();
  return {
    source: `${file.format} of ${file.updated}`,
    region(code) {
      const known = opened.get(code);
      const packed = file.regions[code];
      if (known || !packed) return known;
      const region = openRegion(packed);
      opened.set(code, region);
      return region;
    },
    statesOfSection: (section) => file.sections[section]?.split(' ') ?? [],
  };
}

const FILE = new URL('data/postal.json.br', import.meta.url);

/** Reads the tables that ship with the product; they are decompressed outside the event loop. */
export async function readPostalBook(): Promise<PostalBook> {
  const packed = await readFile(FILE);
  const file = JSON.parse((await promisify(brotliDecompress)(packed)).toString('utf8')) as PostalFile;
  if (file.format !== 'waymark-postal/1') throw new Error(`postal.json.br has format ${String(file.format)}`);
  return openPostalBook(file);
}
