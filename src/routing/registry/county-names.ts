import type { CountyMatch } from './registry-entry.ts';

/** A built-in boundary as county names are looked for: its name with designation (`Harris County`, `City of Fairfax`). */
export type NamedArea = { sourceId: string; name: string; region: string; country: 'US' | 'CA' };

export type MatchedCounties = { sourceIds: string[]; match: CountyMatch };

export type CountyNames = {
  /** `county` as a registry writes it, `state` a code of two letters. */
  find(state: string, county: string): MatchedCounties;
};

const DESIGNATION =
  /\b(?:county|parish|borough|census (?:area|bureau)|municipality|municipio|district|island)\b|^(?:city and county|city|town) of\b|\b(?:city and borough|city|town)$/g;
const CITY_FIRST = /^(?:city and county|city) of\b/;
const CITY_LAST = /\bcity$/;

/**
 * Names that no county bears any more, or that stand for several. From the Census Bureau's lists of changes to counties; the
 * five boroughs of New York City are counties of their own.
 */
const FORMER: Readonly<Record<string, readonly string[]>> = {
  'AK wadehampton': ['us-county-02158', 'us-county-02270'],
  'AK valdezcordova': ['us-county-02261', 'us-county-02063', 'us-county-02066'],
  'AK princeofwalesouterketchikan': ['us-county-02198', 'us-county-02130'],
  'AK skagwayyakutatangoon': ['us-county-02230', 'us-county-02282', 'us-county-02105'],
  'AK skagwayhoonahangoon': ['us-county-02230', 'us-county-02105'],
  'AK wrangellpetersburg': ['us-county-02275', 'us-county-02195'],
  'DC distofcolumbia': ['us-county-11001'],
  'FL dade': ['us-county-12086'],
  'NY newyork': ['us-county-36005', 'us-county-36047', 'us-county-36061', 'us-county-36081', 'us-county-36085'],
  'SD shannon': ['us-county-46102', 'us-county-46113'],
  'VA cliftonforge': ['us-county-51005'],
  'VA southboston': ['us-county-51083'],
  'VA bedford': ['us-county-51019'],
};

/** Territories that registries name as if they were one county. */
const WHOLE = new Set([
  'AS americansamoa',
  'GU guam',
  'MP northernmarianaislands',
  'VI virginislands',
  'VI usvirginislands',
]);

function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/[^a-z0-9]+/g, ' ')
    .replace(/\bsaint\b/g, 'st')
    .replace(/\bsainte\b/g, 'ste')
    .trim();
}

/** Without what says of what kind the county is, and without spaces: `Du Page` is `DuPage`. */
function bare(text: string): string {
  return plain(text).replace(DESIGNATION, '').replaceAll(' ', '');
}

/** `James City County` is `jamescity`, which is not `City of James`. */
function withoutCounty(text: string): string {
  return plain(text)
    .replace(/ (?:county|borough)$/, '')
    .replaceAll(' ', '');
}

function isOneEditApart(a: string, b: string): boolean {
  if (a[0] !== b[0] || Math.abs(a.length - b.length) > 1 || a === b) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a];
  const rest = shorter.length === longer.length ? shorter.slice(start + 1) : shorter.slice(start);
  return longer.slice(start + 1) === rest;
}

/** Tells which built-in boundaries a registry's county column names. */
export function createCountyNames(areas: readonly NamedArea[]): CountyNames {
  const known = new Set(areas.map(({ sourceId }) => sourceId));
  const byState = new Map<string, NamedArea[]>();
  const byName = new Map<string, NamedArea[]>();
  const byWholeName = new Map<string, NamedArea[]>();
  for (const area of areas) {
    push(byState, area.region, area);
    push(byName, `${area.region} ${bare(area.name)}`, area);
    push(byWholeName, `${area.region} ${withoutCounty(area.name)}`, area);
  }

  /** Counties and independent cities of one name: the word `City` tells them apart, its absence does not. */
  function choose(text: string, found: readonly NamedArea[], match: CountyMatch): MatchedCounties {
    const saysCity = CITY_LAST.test(plain(text)) || CITY_FIRST.test(plain(text));
    const cities = found.filter(({ name }) => CITY_FIRST.test(plain(name)) || CITY_LAST.test(plain(name)));
    const chosen = saysCity && cities.length > 0 ? cities : found;
    return { sourceIds: idsOf(chosen), match: chosen.length > 1 ? 'ambiguous' : match };
  }

  function findOne(state: string, text: string): MatchedCounties | undefined {
    const name = bare(text);
    const key = `${state} ${name}`;
    const former = FORMER[key]?.filter((sourceId) => known.has(sourceId)) ?? [];
    if (former.length > 0) return { sourceIds: former.sort(), match: 'former-name' };
    // What is left of `Island` or `City` alone says nothing.
    const exact = (name === '' ? undefined : byName.get(key)) ?? byWholeName.get(`${state} ${withoutCounty(text)}`);
    if (exact) return choose(text, exact, 'name');
    if (name === '') return undefined;
    if (WHOLE.has(key)) return { sourceIds: idsOf(byState.get(state) ?? []), match: 'whole-state' };
    const near = [...new Set((byState.get(state) ?? []).map((area) => bare(area.name)))].filter((other) =>
      isOneEditApart(name, other),
    );
    const [only] = near;
    // Two counties that are both one letter away say nothing.
    if (near.length === 1 && only !== undefined) return choose(text, byName.get(`${state} ${only}`) ?? [], 'spelling');
    // `Montgomery County 911 Dispatch`
    const upToCounty = /^.+?\bcounty\b/i.exec(text)?.[0];
    return upToCounty !== undefined && upToCounty !== text ? findOne(state, upToCounty) : undefined;
  }

  return {
    find(state, county) {
      const text = county.trim();
      const inState = byState.get(state) ?? [];
      // A province, or the District of Columbia.
      if (inState.length === 1) return { sourceIds: idsOf(inState), match: 'whole-state' };
      const whole = findOne(state, text);
      if (whole) return whole;
      const parts = text.split(/[,;/&]|\band\b/i).map((part) => part.trim());
      if (parts.length > 1) {
        const found = parts.flatMap((part) => findOne(state, part)?.sourceIds ?? []);
        if (found.length > 0) return { sourceIds: [...new Set(found)].sort(), match: 'several' };
      }
      return { sourceIds: [], match: 'none' };
    },
  };
}

function idsOf(areas: readonly NamedArea[]): string[] {
  return areas.map(({ sourceId }) => sourceId).sort();
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
