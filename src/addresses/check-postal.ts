import { findRegion, type Region } from '../domain/regions.ts';
import { type AddressDraft, quoted } from './address-draft.ts';
import { cityVariants, foldCity } from './fold-city.ts';
import { kilometersBetween, type PostalBook, type PostalEntry, type RegionBook } from './postal-book.ts';
import { provinceOfPostalCode, readPostalCode } from './postal-code.ts';
import { spellingDistance } from './spelling-distance.ts';

const NEAR_KILOMETERS = 40;
/** In one county, for some counties are wider than a state. */
const SAME_COUNTY_KILOMETERS = 150;
/** A rural forward sortation area (second sign 0) can be the size of a country. */
const RURAL_KILOMETERS = 500;
/** Where postal codes have no point of their own. */
const SMALL_TERRITORIES: ReadonlySet<string> = new Set(['AS', 'GU', 'MP', 'VI']);

/** The postal code in its usual form; a leading zero that a spreadsheet dropped comes back where the state has such a code. */
export function checkPostalCode(draft: AddressDraft, region: Region, book: PostalBook): void {
  const { postalCode, city } = draft.fields;
  const noun = region.country === 'US' ? 'ZIP code' : 'Canadian postal code';
  if (postalCode === '') {
    const codes = codesOfCity(book.region(region.code), city);
    const [only] = codes;
    if (region.country === 'US' && only !== undefined && codes.length === 1) {
      draft.correct('postalCode', only, 'content', `it is the only ZIP code of ${city}, ${region.code}`);
      return;
    }
    draft.fault('postal-code-missing', 'postalCode', `the ${noun} is needed`);
    return;
  }
  const read = readPostalCode(region.country, postalCode);
  if (!read || read.code.length < 5) {
    const restored = `0${read?.code ?? ''}`;
    if (restored.length === 5 && book.region(region.code)?.find(restored)) {
      draft.correct(
        'postalCode',
        restored,
        'content',
        `the leading zero was missing: ${restored} lies in ${region.name}`,
      );
      return;
    }
    draft.fault('postal-code-invalid', 'postalCode', `${quoted(postalCode)} is no ${noun}`);
    return;
  }
  draft.correct(
    'postalCode',
    read.code,
    read.guessed ? 'content' : 'form',
    read.guessed ? 'a letter stood for the digit that looks like it, or the other way' : `${noun}s are written so`,
  );
}

/** Whether postal code, city, state and county belong together, by the tables. */
export function checkPostal(draft: AddressDraft, stated: Region, book: PostalBook): { county?: string } {
  const key = keyOf(stated.country, draft.fields.postalCode);
  let region = stated;
  let tables = book.region(region.code);
  let entry = tables?.find(key);
  if (!entry) {
    const found = findElsewhere(book, stated, key);
    if (!found) {
      faultUnknownCode(draft, stated, key, book);
      return {};
    }
    if (!settleState(draft, stated, found, book)) return {};
    ({ region, entry } = found);
    tables = book.region(region.code);
  }
  if (!tables) return {};
  draft.find(`${key} lies in ${region.name} and is used for ${entry.names.join(', ')}`);
  if (!settleCity(draft, region, tables, entry)) return {};
  return settleCounty(draft, region, tables, entry);
}

function keyOf(country: 'US' | 'CA', postalCode: string): string {
  return country === 'US' ? postalCode.slice(0, 5) : postalCode.slice(0, 3);
}

function codesOfCity(tables: RegionBook | undefined, city: string): string[] {
  const codes = tables?.named(foldCity(city)).map(({ code }) => code) ?? [];
  return codes.filter((code) => code !== '-');
}

type Found = { region: Region; entry: PostalEntry };

function findElsewhere(book: PostalBook, { country }: Region, key: string): Found | undefined {
  const codes = country === 'US' ? book.statesOfSection(key.slice(0, 3)) : provinceOfPostalCode(key);
  for (const code of codes) {
    const region = findRegion(code, country);
    const entry = book.region(code)?.find(key);
    if (region && entry) return { region, entry };
  }
  return undefined;
}

function faultUnknownCode(draft: AddressDraft, stated: Region, key: string, book: PostalBook): void {
  const others = stated.country === 'US' ? book.statesOfSection(key.slice(0, 3)) : provinceOfPostalCode(key);
  if (others.length > 0 && !others.includes(stated.code)) {
    const names = others.map((code) => findRegion(code, stated.country)?.name ?? code).join(' or ');
    draft.fault('state-postal-mismatch', 'postalCode', `${key} is a postal code of ${names}, not of ${stated.name}`);
    return;
  }
  draft.fault('postal-code-unknown', 'postalCode', `no postal code ${key} is known in ${stated.name}`);
  for (const code of codesOfCity(book.region(stated.code), draft.fields.city).slice(0, 3)) {
    draft.suggest({ postalCode: code }, `${code} is used for ${draft.fields.city}`);
  }
}

/** State and postal code disagree: the city decides, unless there is one of that name in the stated state as well. */
function settleState(draft: AddressDraft, stated: Region, found: Found, book: PostalBook): boolean {
  const { city, postalCode } = draft.fields;
  const there = foundNear(book.region(found.region.code), found.entry, city, found.region);
  const here = book.region(stated.code)?.named(foldCity(city)) ?? [];
  if (there === 'near' && here.length === 0) {
    draft.correct(
      'state',
      found.region.code,
      'content',
      `${postalCode} and ${city} both lie in ${found.region.name}, and no ${city} is known in ${stated.name}`,
    );
    return true;
  }
  draft.fault(
    'state-postal-mismatch',
    'postalCode',
    `${postalCode} lies in ${found.region.name}, not in ${stated.name}`,
  );
  if (there === 'near') draft.suggest({ state: found.region.code }, `${postalCode} lies in ${found.region.name}`);
  for (const code of codesOfCity(book.region(stated.code), city).slice(0, 2)) {
    draft.suggest({ postalCode: code }, `${code} is used for ${city} in ${stated.name}`);
  }
  return false;
}

type Nearness = 'near' | 'far' | 'unknown';

/** Whether a city of that name lies where the postal code is. */
function foundNear(tables: RegionBook | undefined, entry: PostalEntry, city: string, region: Region): Nearness {
  const folded = foldCity(city);
  if (folded === '') return 'unknown';
  const names = [folded, ...cityVariants(folded)];
  if (entry.names.some((name) => names.includes(foldCity(name)))) return 'near';
  if (region.country === 'CA' && names.some((name) => isNamedIn(entry, name))) return 'near';
  let nearness: Nearness = 'unknown';
  for (const name of names) {
    for (const place of tables?.named(name) ?? []) {
      if (isNear(entry, place, region)) return 'near';
      nearness = 'far';
    }
  }
  return nearness;
}

/** Canada's areas carry descriptions: `Downtown Toronto (Richmond, Adelaide, King)`. */
function isNamedIn(entry: PostalEntry, folded: string): boolean {
  return entry.names.some((name) => ` ${foldCity(name)} `.includes(` ${folded} `));
}

function isNear(entry: PostalEntry, place: PostalEntry, { code, country }: Region): boolean {
  const kilometers = kilometersBetween(entry, place);
  if (kilometers === undefined) {
    return SMALL_TERRITORIES.has(code) || country === 'CA' || (entry.county !== '' && entry.county === place.county);
  }
  if (kilometers <= NEAR_KILOMETERS) return true;
  if (country === 'CA') return entry.code[1] === '0' && kilometers <= RURAL_KILOMETERS;
  return entry.county !== '' && entry.county === place.county && kilometers <= SAME_COUNTY_KILOMETERS;
}

function settleCity(draft: AddressDraft, region: Region, tables: RegionBook, entry: PostalEntry): boolean {
  const { city } = draft.fields;
  const nearness = foundNear(tables, entry, city, region);
  if (nearness === 'near') {
    draft.find(`${city} lies there`);
    return true;
  }
  const usual = usualName(entry, region);
  if (nearness === 'far') {
    draft.fault('city-postal-mismatch', 'city', `${city}, ${region.code} is known, but not near ${entry.code}`);
    if (usual !== undefined) draft.suggest({ city: usual }, `${entry.code} is used for ${usual}`);
    for (const code of codesOfCity(tables, city).slice(0, 3)) {
      draft.suggest({ postalCode: code }, `${code} is used for ${city}`);
    }
    return false;
  }
  const close = closestName(tables, entry, city);
  if (close !== undefined) {
    draft.correct(
      'city',
      close,
      'content',
      `no ${city} is known in ${region.name}; ${close} is the only place near ${entry.code} spelt like it`,
    );
    return true;
  }
  draft.fault(
    'city-unknown',
    'city',
    `no ${quoted(city)} is known in ${region.name}; ${entry.code} is used for ${entry.names.join(', ')}`,
  );
  if (usual !== undefined) draft.suggest({ city: usual }, `${entry.code} is used for ${usual}`);
  return false;
}

/** Descriptions of Canadian areas are no city names. */
function usualName(entry: PostalEntry, { country }: Region): string | undefined {
  return country === 'US' ? entry.names[0] : undefined;
}

/** The one name near the postal code that is spelt most like `city`, in the spelling of the tables. */
function closestName(tables: RegionBook, entry: PostalEntry, city: string): string | undefined {
  const folded = foldCity(city);
  if (folded.length < 4) return undefined;
  const limit = folded.length < 8 ? 1 : 2;
  const pick = (names: readonly string[]): string | undefined => {
    let best = limit + 1;
    let found: string[] = [];
    for (const name of new Set(names)) {
      const distance = spellingDistance(folded, name, Math.min(limit, best));
      if (distance > limit || distance > best) continue;
      if (distance < best) found = [];
      best = distance;
      found.push(name);
    }
    return found.length === 1 ? found[0] : undefined;
  };
  const own = pick(entry.names.map(foldCity));
  const name = own ?? pick(tables.namesNear(entry, NEAR_KILOMETERS));
  if (name === undefined) return undefined;
  for (const place of [entry, ...tables.named(name)]) {
    const spelt = place.names.find((known) => foldCity(known) === name);
    if (spelt !== undefined) return spelt;
  }
  return undefined;
}

/** The county, where it is certain: all of the city near the postal code lies in the postal code's county. */
function settleCounty(
  draft: AddressDraft,
  region: Region,
  tables: RegionBook,
  entry: PostalEntry,
): { county?: string } {
  const { city } = draft.fields;
  const name = tables.countyName(entry.county);
  if (name === undefined) return {};
  const places = [entry, ...tables.named(foldCity(city)).filter((place) => isNear(entry, place, region))];
  if (places.some(({ county }) => county !== entry.county)) {
    draft.find(`${entry.code} is mostly in ${name}, ${city} not only: the county stays open`);
    return {};
  }
  draft.find(`${entry.code} and ${city} lie in ${name}`);
  return { county: name };
}
