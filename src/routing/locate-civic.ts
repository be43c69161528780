import type { CivicAddress } from '../domain/civic-address.ts';
import { CA_REGIONS, findRegion, foldName, type Region } from '../domain/regions.ts';
import type { DefaultBoundaries } from './default-boundaries.ts';
import type { DefaultPlacesFile } from './default-data.ts';
import type { RouteQuality } from './route.ts';

/** The default boundaries an address may lie in, best first, and what decided. */
export type CivicMatch = {
  /** Boundary numbers; the first one is the answer. */
  boundaries: readonly number[];
  quality: Extract<RouteQuality, `civic-${string}`>;
  rule: string;
  warnings: readonly string[];
  /** Elements that were recognised and used (RFC 5222 §8.4.2 `valid`). */
  used: readonly ('country' | 'A1' | 'A2' | 'A3' | 'PC')[];
  /** Elements that name nothing known, or something elsewhere (`invalid`). */
  wrong: readonly ('country' | 'A1' | 'A2' | 'A3' | 'PC')[];
};

export type CivicLocator = (address: CivicAddress) => CivicMatch | null;

/** At most this many runners-up: more are noise. */
const MAX_CANDIDATES = 5;

/** Territories that have an ISO 3166-1 country code of their own. */
const TERRITORY_COUNTRIES: ReadonlySet<string> = new Set(['AS', 'GU', 'MP', 'PR', 'VI']);

/** First letter of a Canadian postal code to its province; X is shared and told apart by its second and third characters. */
const CANADIAN_POSTAL_LETTERS: Readonly<Record<string, string>> = {
  A: 'NL',
  B: 'NS',
  C: 'PE',
  E: 'NB',
  G: 'QC',
  H: 'QC',
  J: 'QC',
  K: 'ON',
  L: 'ON',
  M: 'ON',
  N: 'ON',
  P: 'ON',
  R: 'MB',
  S: 'SK',
  T: 'AB',
  V: 'BC',
  Y: 'YT',
};

const COUNTY_WORDS =
  /^(?:city and county of|city and borough of|city of|county of|parish of|municipality of|municipio de) | (?:county|parish|borough|census area|municipality|municipio|district|island|city and borough|city)$/g;

/** Leaves out what says only what kind of county it is: `Harris County` and `HARRIS` are the same. */
function foldCounty(text: string): string {
  const folded = foldName(text);
  const bare = folded.replace(COUNTY_WORDS, '').trim();
  return bare === '' ? folded : bare;
}

/**
 * Finds the county or province of a civic address in the default data by country, A1, A2, A3 and PC. A county name (A2)
 * decides; else the postal code, narrowed by the city; else the city; else the state. Nothing is picked silently: what
 * else was possible stays in `boundaries`, what contradicts is in `warnings`.
 */
export function createCivicLocator(defaults: DefaultBoundaries, places: DefaultPlacesFile): CivicLocator {
  const countiesOf = new Map<string, Map<string, number[]>>();
  const fullNamesOf = new Map<string, Map<string, number>>();
  const stateCounties = new Map<string, number[]>();
  for (const [number, boundary] of defaults.boundaries.entries()) {
    if (boundary.country !== 'US') continue;
    const names = countiesOf.get(boundary.region) ?? new Map<string, number[]>();
    countiesOf.set(boundary.region, names);
    const short = foldCounty(boundary.name);
    names.set(short, [...(names.get(short) ?? []), number]);
    const fullNames = fullNamesOf.get(boundary.region) ?? new Map<string, number>();
    fullNamesOf.set(boundary.region, fullNames.set(foldName(boundary.name), number));
    const city = /^City of (.+)$/.exec(boundary.name)?.[1];
    if (city !== undefined) fullNames.set(foldName(`${city} city`), number);
    stateCounties.set(boundary.region, [...(stateCounties.get(boundary.region) ?? []), number]);
  }
  const numbersOf = (fipsList: readonly string[]): number[] =>
    fipsList.flatMap((fips) => defaults.bySourceId.get(`us-county-${fips}`) ?? []);
  const split = (text: string | undefined): string[] => (text ? text.split(' ') : []);

  function ofCounty(region: Region, name: string): number[] {
    const full = fullNamesOf.get(region.code)?.get(foldName(name));
    // Maryland, Missouri and Virginia have cities and counties of one name: the designation, when written, decides.
    if (full !== undefined) return [full];
    return countiesOf.get(region.code)?.get(foldCounty(name)) ?? [];
  }

  function ofCity(region: Region, name: string): number[] {
    const cities = places.cities[region.code];
    const found = cities && Object.hasOwn(cities, foldName(name)) ? cities[foldName(name)] : undefined;
    return numbersOf(split(found).map((county) => region.fips + county));
  }

  function ofPostalCode(code: string): number[] {
    const zip = /^\s*(\d{5})(?:-?\d{4})?\s*$/.exec(code)?.[1];
    return zip === undefined || !Object.hasOwn(places.postal, zip) ? [] : numbersOf(split(places.postal[zip]));
  }

  function regionOf(address: CivicAddress, country: string | undefined): Region | undefined {
    if (country !== undefined && TERRITORY_COUNTRIES.has(country)) return findRegion(country, 'US');
    if (!address.A1) return undefined;
    if (country === 'US' || country === 'CA') return findRegion(address.A1, country);
    return country === undefined ? findRegion(address.A1) : undefined;
  }

  function locateCanadian(address: CivicAddress, named: Region | undefined): CivicMatch | null {
    const postal = canadianPostalRegion(address.PC ?? '');
    const region = named ?? postal;
    const number = region && defaults.bySourceId.get(`ca-province-${region.code.toLowerCase()}`);
    if (!region || number === undefined) return null;
    const disagree = named !== undefined && postal !== undefined && postal.code !== named.code;
    const used: CivicMatch['used'] = named
      ? postal && !disagree
        ? ['country', 'A1', 'PC']
        : ['country', 'A1']
      : ['PC'];
    const other = disagree ? defaults.bySourceId.get(`ca-province-${postal.code.toLowerCase()}`) : undefined;
    return {
      boundaries: other === undefined ? [number] : [number, other],
      quality: named ? 'civic-province' : 'civic-postal',
      rule: named ? `the address names ${region.name}` : `postal code ${address.PC ?? ''} lies in ${region.name}`,
      warnings: disagree ? [`postal code ${address.PC ?? ''} belongs to ${postal.name}, not ${region.name}`] : [],
      used,
      wrong: wrongElements(address, used, disagree ? ['PC'] : address.A1 && !named ? ['A1'] : []),
    };
  }

  function locateAmerican(address: CivicAddress, named: Region | undefined): CivicMatch | null {
    const warnings: string[] = [];
    const wrong: CivicMatch['wrong'][number][] = [];
    const used: CivicMatch['used'][number][] = address.country ? ['country'] : [];
    let postal = address.PC ? ofPostalCode(address.PC) : [];
    const postalBoundary = postal[0] === undefined ? undefined : defaults.boundaries[postal[0]];
    const region = named ?? (postalBoundary && findRegion(postalBoundary.region, 'US'));
    if (address.A1) (named ? used : wrong).push('A1');
    if (!region) return null;
    const inRegion = postal.filter((number) => defaults.boundaries[number]?.region === region.code);
    if (postal.length > 0 && inRegion.length === 0) {
      warnings.push(
        `postal code ${address.PC ?? ''} lies in ${postalBoundary?.region ?? 'another state'}, not ${region.code}`,
      );
    }
    const elsewherePostal = postal.slice(0, 1);
    postal = inRegion;
    if (address.PC) (postal.length > 0 ? used : wrong).push('PC');
    const county = address.A2 ? ofCounty(region, address.A2) : [];
    if (address.A2) (county.length > 0 ? used : wrong).push('A2');
    if (address.A2 && county.length === 0) warnings.push(`no county of ${region.name} is called ${address.A2}`);
    const city = address.A3 ? ofCity(region, address.A3) : [];
    if (address.A3 && city.length > 0) used.push('A3');

    const answer = (boundaries: readonly number[], quality: CivicMatch['quality'], rule: string): CivicMatch => ({
      boundaries: boundaries.slice(0, MAX_CANDIDATES),
      quality,
      rule,
      warnings,
      used,
      wrong,
    });

    const first = county[0];
    if (first !== undefined) {
      for (const [what, list] of [
        [`postal code ${address.PC ?? ''}`, postal],
        [`city ${address.A3 ?? ''}`, city],
      ] as const) {
        if (list.length > 0 && !list.some((number) => county.includes(number))) {
          warnings.push(`${what} is not known to lie in ${defaults.boundaries[first]?.name ?? ''}`);
        }
      }
      const chosen = county.length > 1 ? narrowed(county, postal.length > 0 ? postal : city) : county;
      return answer(chosen, 'civic-county', `the address names ${defaults.boundaries[chosen[0] ?? first]?.name ?? ''}`);
    }
    const all = stateCounties.get(region.code) ?? [];
    if (all.length === 1) return answer(all, 'civic-county', `${region.name} has one county only`);
    if (postal.length > 0) {
      const common = city.filter((number) => postal.includes(number));
      if (city.length > 0 && common.length === 0) {
        warnings.push(`city ${address.A3 ?? ''} and postal code ${address.PC ?? ''} are not known to meet`);
      }
      const rest = [...postal, ...city];
      return answer([...new Set([...common, ...rest])], 'civic-postal', `postal code ${address.PC ?? ''} decides`);
    }
    if (city.length > 0) return answer(city, 'civic-city', `${address.A3 ?? ''} in ${region.name} decides`);
    if (address.A3) wrong.push('A3');
    warnings.push(`only ${region.name} is known of this address; the county is a guess`);
    const guesses = numbersOf(split(places.mostPostalCodes[region.code]));
    // The postal code of another state may be the part that is right: it stays a candidate.
    const elsewhere = postalBoundary && postalBoundary.region !== region.code ? elsewherePostal : [];
    return answer(
      [...guesses.slice(0, MAX_CANDIDATES - elsewhere.length), ...elsewhere],
      'civic-state',
      `only ${region.name} is known`,
    );
  }

  return (address) => {
    const country = address.country?.trim().toUpperCase() || undefined;
    const region = regionOf(address, country);
    if (country === 'CA' || region?.country === 'CA') return locateCanadian(address, region);
    if (country === 'US' || region?.country === 'US') return locateAmerican(address, region);
    if (country !== undefined) return null;
    return locateAmerican(address, undefined) ?? locateCanadian(address, undefined);
  };
}

/** `preferred` members of `list` first, the rest after them. */
function narrowed(list: readonly number[], preferred: readonly number[]): number[] {
  return [
    ...preferred.filter((number) => list.includes(number)),
    ...list.filter((number) => !preferred.includes(number)),
  ];
}

function wrongElements(
  address: CivicAddress,
  used: CivicMatch['used'],
  found: CivicMatch['wrong'],
): CivicMatch['wrong'] {
  return found.filter((element) => address[element] !== undefined && !used.includes(element));
}

function canadianPostalRegion(code: string): Region | undefined {
  const fsa = /^\s*([A-Z])(\d[A-Z])/i.exec(code);
  const letter = fsa?.[1]?.toUpperCase();
  if (letter === undefined) return undefined;
  const zone = fsa?.[2]?.toUpperCase() ?? '';
  const province = letter === 'X' ? (['0A', '0B', '0C'].includes(zone) ? 'NU' : 'NT') : CANADIAN_POSTAL_LETTERS[letter];
  return CA_REGIONS.find((region) => region.code === province);
}
