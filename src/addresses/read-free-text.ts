import { type CivicAddress, mergeCivicAddress } from '../domain/civic-address.ts';
import { findRegion, type Region } from '../domain/regions.ts';
import { type StreetLineRegion, splitStreetLine, splitStreetLines } from './split-street-line.ts';

const COUNTRY = /^(US|USA|U\.S\.A?\.|UNITED STATES(?: OF AMERICA)?|CA|CAN|CANADA)$/i;
const POSTAL_CODE = /(?:^|\s)(\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)$/i;
const MAX_PARTS = 10;

function readCountry(text: string): 'US' | 'CA' {
  return /^C/i.test(text) ? 'CA' : 'US';
}

/** `Houston TX` -> city `Houston`, region Texas: the longest ending that names a region. */
function splitCityAndRegion(text: string, country?: 'US' | 'CA'): { city: string; region: Region } | undefined {
  const words = text.split(/\s+/);
  for (let start = 0; start < words.length; start += 1) {
    const region = findRegion(words.slice(start).join(' '), country);
    if (region) return { city: words.slice(0, start).join(' '), region };
  }
  return undefined;
}

/**
 * Reads a one-line address of the US, its territories or Canada, parts separated by commas:
 * `100 Main St, Suite 3, Houston, TX 77002`. What cannot be told is left out; nothing is looked up.
 */
export function readFreeText(text: string): CivicAddress {
  const parts = text
    .split(/[,\n]/)
    .map((part) => part.trim().replaceAll(/\s+/g, ' '))
    .filter((part) => part !== '')
    .slice(0, MAX_PARTS);
  let country: 'US' | 'CA' | undefined;
  const last = parts.at(-1) ?? '';
  // `CA` alone after a city is California; it is a country only behind a region.
  if (COUNTRY.test(last) && !(last.toUpperCase() === 'CA' && parts.length < 4)) {
    country = readCountry(last);
    parts.pop();
  }
  let postalCode: string | undefined;
  let region: Region | undefined;
  let city: string | undefined;
  const tail = parts.pop() ?? '';
  const match = POSTAL_CODE.exec(tail);
  postalCode = match?.[1]?.toUpperCase();
  const rest = (match ? tail.slice(0, match.index) : tail).trim();
  const split = rest === '' ? undefined : splitCityAndRegion(rest, country);
  if (split) {
    region = split.region;
    city = split.city === '' ? undefined : split.city;
  } else if (rest !== '') {
    parts.push(rest);
  }
  if (!region && parts.length > 0) {
    region = findRegion(parts.at(-1) ?? '', country);
    if (region) parts.pop();
  }
  if (city === undefined && parts.length > 1) city = parts.pop();
  // `Houston, TX`: one part that begins with no number is the city.
  if (city === undefined && parts.length === 1 && !/^\d/.test(parts[0] ?? '')) city = parts.pop();
  const A1 = region?.code;
  const resolvedCountry = region?.country ?? country;
  // `1234, rue Peel`: the number is a part of its own.
  const isNumberAlone = parts.length > 1 && /^\d+(?:-?\p{L}|\s?½)?$/u.test(parts[0] ?? '');
  if (isNumberAlone) parts.splice(0, 2, `${parts[0] ?? ''} ${parts[1] ?? ''}`);
  const street = takeStreet(parts, { country: resolvedCountry ?? 'US', A1 });
  return mergeCivicAddress(
    {
      ...(resolvedCountry !== undefined && { country: resolvedCountry }),
      ...(A1 !== undefined && { A1 }),
      ...(city !== undefined && { A3: city }),
      ...(postalCode !== undefined && { PC: postalCode }),
    },
    splitStreetLines(street, parts.join(', '), { country: resolvedCountry ?? 'US', A1 }),
  );
}

/**
 * Takes the street out of the parts of an address. `Suite 200, 100 Main St` and `Empire State Building, 350 5th Ave` name something
 * before the house; the street is the whole of them then.
 */
function takeStreet(parts: string[], region: StreetLineRegion): string {
  const [first = '', second] = parts;
  const { HNO, MP } = splitStreetLine(first, region);
  if (second === undefined || HNO !== undefined || MP !== undefined) return parts.shift() ?? '';
  const both = splitStreetLine(`${first}, ${second}`, region);
  const isBefore = both.HNO !== undefined || both.MP !== undefined;
  return parts.splice(0, isBefore ? 2 : 1).join(', ');
}
