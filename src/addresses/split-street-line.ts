import type { CivicElement } from '../domain/civic-address.ts';
import {
  BARE_DESIGNATORS,
  COMMON_TYPES,
  DIRECTIONS,
  FRENCH_DIRECTIONS,
  FRENCH_OR_ENGLISH_TYPES,
  FRENCH_TYPES_BEFORE_NAME,
  foldWord,
  INDOOR_DESIGNATORS,
  SHORT_DIRECTIONS,
  SPANISH_AREAS,
  SPANISH_TYPES_BEFORE_NAME,
  TYPES_AFTER_NAME,
} from './street-words.ts';

/** Where the line is from: decides which language's habits are looked for. */
export type StreetLineRegion = { country: string; A1?: string | undefined };

type Parts = { [element in CivicElement]?: string };

const FRACTION = '¼|½|¾|⅓|⅔|⅛|⅜|⅝|⅞|\\d\\/\\d';

// 12 · 12½ · 12 ½ · 12 1/2 · 12B · 12-B
const NUMBER = `(?<number>\\d+)(?:\\s?(?<fraction>${FRACTION})|-?(?<letter>\\p{L}))?(?=[\\s,]|$)`;

/** What may stand before the number, by the habits of the region. */
const HOUSE_NUMBERS = {
  // 94-1234 · N6W23001 · N95 W17000 · 26W123 · W3456, but in `E470 Pkwy` the letter is the road's.
  US: houseNumber('[NSEW]\\d+\\s?[NSEW](?=\\d)|\\d+[NSEW](?=\\d)|\\d+\\s?-\\s?(?=\\d)|[NSEW](?=\\d+\\s+\\S+\\s+\\S)'),
  // A12 and A-12 before `Calle 5`, where `PR-2 Km 3` is a road.
  PR: houseNumber(
    '\\d+\\s?-\\s?(?=\\d)|\\p{L}{1,2}-?(?=\\d+-?\\p{L}?\\s+(?:calle|cll|ave|avda|avenida|paseo|camino|via|vereda|callejon)\\b)',
  ),
  // Canada Post writes the unit before the number: `10-123 Main St` is unit 10 of number 123.
  CA: houseNumber('#?(?=\\p{L}{0,3}\\d|\\p{L}\\s?-)\\p{L}{0,3}\\d*\\p{L}?\\s?-\\s?(?=\\d)'),
};

function houseNumber(prefix: string): RegExp {
  return new RegExp(`^(?<prefix>${prefix})?${NUMBER}`, 'iu');
}

/**
 * Splits a street line as people write it into civic elements (RFC 5139 §3.1, RFC 6848 §5.1).
 *
 * House numbers keep their suffix (`12½` -> HNO 12, HNS ½; `12B` -> HNO 12, HNS B) and their prefix (`94-1234` -> HNP 94-,
 * HNO 1234; `W3456` -> HNP W, HNO 3456). What stands before the house and its street, such as a suite or a building, is taken
 * as such. What is not recognized stays in RD: nothing is thrown away, nothing is spelled anew.
 */
export function splitStreetLine(line: string, region: StreetLineRegion): Parts {
  const text = tidyLine(line);
  const parts: Parts = {};
  let segments = splitSegments(isSpanish(region) ? setAreasOff(text) : text);
  if (isSpanish(region)) segments = takeAreas(segments, parts);
  // `Suite 200, 100 Main St`: one of them has to stay for the street.
  while (segments.length > 1 && takeWholeIndoor(segments[0] ?? '', parts)) segments.shift();
  segments = segments.filter((segment, place) => place === 0 || !takeWholeIndoor(segment, parts));
  const before = takeBuilding(segments, region, parts);

  const [first = '', ...rest] = segments;
  let street = first;
  if (isSpanish(region)) street = takeNumberAtEnd(street, parts);
  street = takeTrailingIndoor(street, parts);
  street = takeUnitBefore(street, region, parts);
  street = takeHouseNumber(street, region, parts);
  // `1234, rue Peel`: the number is a segment of its own.
  if (street === '' && rest[0] !== undefined) street = takeTrailingIndoor(rest.shift() ?? '', parts);
  if (isSpanish(region)) street = takeNumberAtEnd(street, parts);
  splitName(street, region, parts);
  const left = [...before, ...rest];
  if (left.length > 0) parts.LOC = left.join(', ');
  return parts;
}

/** Splits a second address line: designators into their elements, everything else into LOC. */
export function splitSecondLine(line: string): Parts {
  return addSecondLine({}, line);
}

/** Splits a street line and the line below it: what the second says otherwise than the first is kept in LOC. */
export function splitStreetLines(street: string, second: string, region: StreetLineRegion): Parts {
  return addSecondLine(splitStreetLine(street, region), second);
}

function addSecondLine(parts: Parts, line: string): Parts {
  const segments = splitSegments(tidyLine(line));
  const left = segments.filter((segment) => !takeWholeIndoor(segment, parts) && !isSaid(segment, parts));
  if (left.length > 0) parts.LOC = [parts.LOC, ...left].filter(Boolean).join(', ');
  return parts;
}

/** Blanks as one space; a dash between digits as a hyphen; `# 4`, as USPS Publication 28 §213.2 writes it, as `#4`. */
function tidyLine(line: string): string {
  return line
    .normalize('NFC')
    .replace(/(?<=\d)(\s?)[‐‑–—](?=\s?\d)/gu, '$1-')
    .replace(/\s+/gu, ' ')
    .replace(/#\s(?=[\p{L}\d])/gu, '#')
    .trim();
}

function splitSegments(text: string): string[] {
  return text
    .split(',')
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '');
}

/** `Empire State Building, 350 5th Ave`: what stands before the first segment with a house number and a street. */
function takeBuilding(segments: string[], region: StreetLineRegion, parts: Parts): string[] {
  const at = segments.findIndex((segment) => hasHouseNumber(segment, region));
  const street: Parts = {};
  if (at > 0) splitName(takeHouseNumber(takeTrailingIndoor(segments[at] ?? '', {}), region, {}), region, street);
  // `Walmart, 5 miles west of town` names no street.
  if (street.RD === undefined || (street.STS ?? street.STP) === undefined) return [];
  return segments.splice(0, at).map((segment) => takeTrailingIndoor(segment, parts));
}

function hasHouseNumber(segment: string, region: StreetLineRegion): boolean {
  const found: Parts = {};
  if (isSpanish(region)) takeNumberAtEnd(segment, found);
  takeHouseNumber(segment, region, found);
  return found.HNO !== undefined || found.MP !== undefined;
}

function isSpanish(region: StreetLineRegion): boolean {
  return region.country === 'US' && region.A1 === 'PR';
}

const AREA_BEHIND = /(?<=\s)(?=(?:urb|urbanizaci[oó]n)\.?\s\p{L})/iu;
const AREA_BEFORE =
  /^(?<area>(?:urb|urbanizaci[oó]n)\.?\s\p{L}.*?),?\s(?=(?:(?:\p{L}{1,2}-?|\d+-)?\d+-?\p{L}?\s)?(?:calle|cll|avenida|avda|ave)\.?\s)/iu;

/** `A12 Calle 5 Urb Villa Carolina`, `Urb Villa Carolina A12 Calle 5`: written without a comma. */
function setAreasOff(text: string): string {
  return text
    .split(',')
    .map((segment) => segment.trim().replace(AREA_BEFORE, '$<area>, ').replace(AREA_BEHIND, ', '))
    .join(', ');
}

/** `Urb Las Gladiolas, 150 Calle A` -> A4; only where the street remains. */
function takeAreas(segments: string[], parts: Parts): string[] {
  if (segments.length < 2) return segments;
  return segments.filter((segment) => {
    const isArea = parts.A4 === undefined && SPANISH_AREAS.has(foldWord(segment.split(' ')[0] ?? ''));
    if (isArea) parts.A4 = segment;
    return !isArea;
  });
}

const ORDINAL_FLOOR =
  /^(?<floor>\d+(?:st|nd|rd|th|e|er|ème|º|°)?|ground|main|top) (?:floor|flr|fl|étage|etage|piso)\.?$/iu;

/** A segment that is nothing but places inside the building: `Suite 200`, `#4`, `3rd Floor`, `Bldg A Fl 3`. */
function takeWholeIndoor(segment: string, parts: Parts): boolean {
  const found: Parts = {};
  if (takeTrailingIndoor(segment, found) !== '') return false;
  const names = Object.keys(found) as CivicElement[];
  if (names.some((name) => parts[name] !== undefined)) return false;
  Object.assign(parts, found);
  return true;
}

/** `Apt 4` below `100 Main St #4`. */
function isSaid(segment: string, parts: Parts): boolean {
  const found: Parts = {};
  if (takeTrailingIndoor(segment, found) !== '') return false;
  return Object.entries(found).every(([element, value]) => parts[element as CivicElement] === value);
}

/** Takes `… Apt 4`, `… #4`, `… 3rd Floor` off the end, as often as there are. */
function takeTrailingIndoor(segment: string, parts: Parts): string {
  let rest = segment;
  for (;;) {
    const words = rest.split(' ');
    const taken = takeLastIndoor(words, parts);
    if (taken === 0) return rest;
    rest = words.slice(0, words.length - taken).join(' ');
  }
}

/** `#204 10024 102 Ave NW`, as Canada writes it; in `#204 17 Ave SW` and in `#120 5 Mile Rd` nothing says which of them is the house. */
function takeUnitBefore(street: string, region: StreetLineRegion, parts: Parts): string {
  const [first = ''] = street.split(' ', 1);
  if (region.country !== 'CA' || parts.UNIT !== undefined || !/^#[\p{L}\d-]+$/u.test(first)) return street;
  const rest = street.slice(first.length + 1);
  const found: Parts = {};
  const name = takeHouseNumber(rest, region, found);
  if (found.HNO === undefined || isTypeAlone(name)) return street;
  parts.UNIT = first.slice(1);
  return rest;
}

/** What may stand apart behind the number of a unit: `3 A`, `3 Rear`, but in `# 3 NW` and `# 3 E` it is the street's direction. */
function isPartOfUnit(word: string): boolean {
  const folded = foldWord(word);
  return (/^[a-z]$/.test(folded) && !FRENCH_DIRECTIONS.has(folded)) || BARE_DESIGNATORS.has(folded);
}

/** How many words at the end name one place inside the building. */
function takeLastIndoor(words: readonly string[], parts: Parts): number {
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  const floor = ORDINAL_FLOOR.exec(`${before} ${last}`)?.groups?.['floor'];
  if (floor !== undefined && parts.FLR === undefined) {
    parts.FLR = floor.replace(/(?<=\d)\P{N}+$/u, '');
    return 2;
  }
  const value = last.replace(/^#/, '');
  if (value === '') return 0;
  const element = INDOOR_DESIGNATORS.get(foldWord(before));
  // A designator's value is short and holds a digit or is one letter: `Suite 200`, `Bldg A`, but not `Ste Anne`.
  if (element !== undefined && parts[element] === undefined && /^(?:\p{L}|[\p{L}\d-]*\d[\p{L}\d-]*)$/u.test(value)) {
    parts[element] = value;
    return 2;
  }
  // `Floor Ground`, as it is written where the floor is a field of its own.
  if (element === 'FLR' && parts.FLR === undefined && /^(?:ground|main|top)$/i.test(value)) {
    parts.FLR = value;
    return 2;
  }
  // `Unit Rear`, `Unit PH 2`: the designator is the value of another.
  if (element !== undefined && parts[element] === undefined && BARE_DESIGNATORS.has(foldWord(value))) {
    parts[element] = value;
    return 2;
  }
  if (before.toLowerCase() === 'ph' && parts.UNIT === undefined && /^\d+\p{L}?$/u.test(value)) {
    parts.UNIT = `${before} ${last}`;
    return INDOOR_DESIGNATORS.get(foldWord(words.at(-3) ?? '')) === 'UNIT' ? 3 : 2;
  }
  // `100 Main St Rear`, but `100 Water Front` is a street.
  const bare = BARE_DESIGNATORS.get(foldWord(last));
  const name = foldWord(words.at(-3) ?? '');
  const isBehindStreet = COMMON_TYPES.has(foldWord(before)) && !/^\d*$/.test(name) && !DIRECTIONS.has(name);
  if (bare !== undefined && parts[bare] === undefined && (words.length === 1 || isBehindStreet)) {
    parts[bare] = last;
    return 1;
  }
  if (last.startsWith('#') && parts.UNIT === undefined) {
    parts.UNIT = value;
    return 1;
  }
  // `1489 Folsom St #3 A`, `Unit 3 A`
  const isDesignated = INDOOR_DESIGNATORS.get(name) === 'UNIT' && /\d/.test(before);
  const isMarked = before.startsWith('#') && COMMON_TYPES.has(name);
  if (
    (isDesignated || isMarked) &&
    parts.UNIT === undefined &&
    /^#?[\p{L}\d-]{1,6}$/u.test(before) &&
    isPartOfUnit(last)
  ) {
    parts.UNIT = `${before.replace(/^#/, '')} ${last}`;
    return isDesignated ? 3 : 2;
  }
  return 0;
}

function takeHouseNumber(street: string, region: StreetLineRegion, parts: Parts): string {
  const match = HOUSE_NUMBERS[isSpanish(region) ? 'PR' : region.country === 'CA' ? 'CA' : 'US'].exec(street);
  if (match?.groups === undefined) return street;
  const { prefix, number, fraction, letter } = match.groups;
  const rest = street.slice(match[0].length).replace(/^(?:[\s,]|-\s)+/, '');
  const own = /^(?<number>\d+)(?<letter>\p{L})?\s?-\s?$/u.exec(prefix ?? '')?.groups;
  if (own !== undefined && isTypeAlone(rest)) {
    // `1234 - 17 Ave SW`, as Calgary writes it.
    if (own['number'] !== undefined) parts.HNO = own['number'];
    if (own['letter'] !== undefined) parts.HNS = own['letter'];
    return street.slice(prefix?.length);
  }
  if (prefix !== undefined && region.country === 'CA') {
    if (parts.UNIT !== undefined) return street;
    parts.UNIT = prefix.replaceAll(/[#\s]|-\s?$/g, '');
  } else if (prefix !== undefined) {
    parts.HNP = prefix.replaceAll(/\s?-\s?/g, '-');
  }
  if (number !== undefined) parts.HNO = number;
  // `1234 A rue Peel`; in `100 A Street` the letter is the name.
  const [apart = '', type = ''] = rest.split(' ');
  const isApart = region.country === 'CA' && /^\p{L}$/u.test(apart) && FRENCH_TYPES_BEFORE_NAME.has(foldWord(type));
  const suffix = fraction ?? letter ?? (isApart ? apart : undefined);
  if (suffix !== undefined) parts.HNS = suffix;
  return suffix === apart && isApart ? rest.slice(apart.length).trimStart() : rest;
}

/** `Ave`, `St NW`: a type whose name stands before it. */
function isTypeAlone(text: string): boolean {
  const [type = '', ...others] = text.split(' ');
  return TYPES_AFTER_NAME.has(foldWord(type)) && others.every((word) => DIRECTIONS.has(foldWord(word)));
}

const KILOMETER = /(?:^|\s)(?<post>km\.?\s?\d+(?:[.,]\d+)?)$/iu;

const BLOCK_AND_HOUSE =
  /^(?<street>\S+ \S.*?),? (?:bloque|bloq|blq|blk)\.? (?<block>[\p{L}\d]{1,3}),?(?: (?:n[uú]m|no)\.?)? ?#?(?<number>\d+)-?(?<letter>\p{L})?$/iu;
const HOUSE_AT_END = /^#?(?<prefix>\p{L}{1,2}-?|\d+-)?(?<number>\d+)-?(?<letter>\p{L})?$/u;

/** Puerto Rico: `Calle Luna 123`, `Calle 5 Bloque 7 #12`, `Carr 2 Km 15.5`. A number right behind the type is the road's name. */
function takeNumberAtEnd(street: string, parts: Parts): string {
  const post = KILOMETER.exec(street)?.groups?.['post'];
  if (post !== undefined && parts.MP === undefined) {
    parts.MP = post;
    return street.slice(0, street.length - post.length).trim();
  }
  const words = street.split(' ');
  if (parts.HNO !== undefined || words.length < 3 || !SPANISH_TYPES_BEFORE_NAME.has(foldWord(words[0] ?? ''))) {
    return street;
  }
  const inBlock = BLOCK_AND_HOUSE.exec(street)?.groups;
  const last = inBlock ?? HOUSE_AT_END.exec(words.at(-1) ?? '')?.groups;
  const before = words.at(-2) ?? '';
  // `Calle Luna 123 #4`, `Ave Ashford 1 Oficina 3`: the last number is that of a room.
  const isInside = INDOOR_DESIGNATORS.has(foldWord(before)) || (words.length > 3 && HOUSE_AT_END.test(before));
  if (last === undefined || (inBlock === undefined && isInside)) return street;
  const { block, letter, number, prefix = block === undefined ? undefined : `${block}-` } = last;
  if (prefix !== undefined) parts.HNP = prefix;
  if (number !== undefined) parts.HNO = number;
  if (letter !== undefined) parts.HNS = letter;
  return inBlock?.['street'] ?? words.slice(0, -1).join(' ');
}

/** Direction and type words around the name; the name itself is never left empty. */
function splitName(street: string, region: StreetLineRegion, parts: Parts): void {
  const words = street === '' ? [] : street.split(' ');
  const french = region.country === 'CA';
  const typeBefore = hasTypeBeforeName(words, region);
  if (typeBefore) {
    const [type = '', ...name] = words.splice(0, words.length);
    parts.STP = type;
    words.push(...name);
    const directions = french ? FRENCH_DIRECTIONS : DIRECTIONS;
    if (words.length > 1 && directions.has(foldWord(words.at(-1) ?? ''))) parts.POD = words.pop() ?? '';
  } else {
    // `3e Rang Est`, `1re Avenue Ouest`: no estate, and no word of the name.
    if (words.length > 2 && isFrench(region) && FRENCH_DIRECTIONS.has(foldWord(words.at(-1) ?? ''))) {
      parts.POD = words.pop() ?? '';
    }
    const last = parts.POD === undefined ? foldWord(words.at(-1) ?? '') : '';
    const beforeLast = foldWord(words.at(-2) ?? '');
    // `Main St NW`, `Highway 12 N`; but in `Avenue N` or `16th Street South` without a name the word is the name.
    if (words.length > 2 && DIRECTIONS.has(last) && (TYPES_AFTER_NAME.has(beforeLast) || SHORT_DIRECTIONS.has(last))) {
      parts.POD = words.pop() ?? '';
    }
    if (words.length > 1 && TYPES_AFTER_NAME.has(foldWord(words.at(-1) ?? ''))) parts.STS = words.pop() ?? '';
    if (words.length > 1 && DIRECTIONS.has(foldWord(words[0] ?? ''))) parts.PRD = words.shift() ?? '';
  }
  if (words.length > 0) parts.RD = words.join(' ');
}

function hasTypeBeforeName(words: readonly string[], region: StreetLineRegion): boolean {
  if (words.length < 2) return false;
  const first = foldWord(words[0] ?? '');
  if (isSpanish(region)) return SPANISH_TYPES_BEFORE_NAME.has(first);
  if (region.country !== 'CA') return false;
  if (FRENCH_TYPES_BEFORE_NAME.has(first)) return true;
  // `Avenue Road` is a street of Toronto, `avenue du Parc` one of Montréal.
  return isFrench(region) && FRENCH_OR_ENGLISH_TYPES.has(first) && !TYPES_AFTER_NAME.has(foldWord(words.at(-1) ?? ''));
}

function isFrench({ A1, country }: StreetLineRegion): boolean {
  return country === 'CA' && (A1 === 'QC' || A1 === 'NB');
}
