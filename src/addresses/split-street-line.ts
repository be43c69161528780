import type { CivicElement } from '../domain/civic-address.ts';
import {
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

// 12 · 12½ · 12 ½ · 12 1/2 · 12B · 12-B · 94-1234 · 37-21½ · N6W23001
const HOUSE_NUMBER = new RegExp(
  `^(?<prefix>(?:[NSEW]\\d+[NSEW](?=\\d)|\\d+-(?=\\d)))?(?<number>\\d+)(?:\\s?(?<fraction>${FRACTION})|-?(?<letter>\\p{L}))?(?=[\\s,]|$)`,
  'iu',
);

/**
 * Splits a street line as people write it into civic elements (RFC 5139 §3.1, RFC 6848 §5.1).
 *
 * House numbers keep their suffix (`12½` -> HNO 12, HNS ½; `12B` -> HNO 12, HNS B) and their prefix (`94-1234` -> HNP 94-,
 * HNO 1234). What is not recognized stays in RD: nothing is thrown away, nothing is spelled anew.
 */
export function splitStreetLine(line: string, region: StreetLineRegion): Parts {
  const text = line.normalize('NFC').replace(/\s+/gu, ' ').trim();
  const parts: Parts = {};
  let segments = splitSegments(text);
  if (isSpanish(region)) segments = takeAreas(segments, parts);
  segments = segments.filter((segment, place) => place === 0 || !takeWholeIndoor(segment, parts));

  const [first = '', ...rest] = segments;
  let street = takeTrailingIndoor(first, parts);
  street = takeHouseNumber(street, region, parts);
  // `1234, rue Peel`: the number is a segment of its own.
  if (street === '' && rest[0] !== undefined) street = takeTrailingIndoor(rest.shift() ?? '', parts);
  if (isSpanish(region)) street = takeNumberAtEnd(street, parts);
  splitName(street, region, parts);
  if (rest.length > 0) parts.LOC = rest.join(', ');
  return parts;
}

/** Splits a second address line: designators into their elements, everything else into LOC. */
export function splitSecondLine(line: string): Parts {
  const parts: Parts = {};
  const segments = splitSegments(line.normalize('NFC').replace(/\s+/gu, ' ').trim());
  const left = segments.filter((segment) => !takeWholeIndoor(segment, parts));
  if (left.length > 0) parts.LOC = left.join(', ');
  return parts;
}

function splitSegments(text: string): string[] {
  return text
    .split(',')
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '');
}

function isSpanish(region: StreetLineRegion): boolean {
  return region.country === 'US' && region.A1 === 'PR';
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
  /^(?<floor>\d+(?:st|nd|rd|th|e|er|ème|º|°)?|ground|main|top) (?:floor|flr|fl|étage|etage|piso)$/iu;

/** A segment that is nothing but places inside the building: `Suite 200`, `#4`, `3rd Floor`, `Bldg A Fl 3`. */
function takeWholeIndoor(segment: string, parts: Parts): boolean {
  const found: Parts = {};
  if (takeTrailingIndoor(segment, found) !== '') return false;
  const names = Object.keys(found) as CivicElement[];
  if (names.some((name) => parts[name] !== undefined)) return false;
  Object.assign(parts, found);
  return true;
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
  if (last.startsWith('#') && parts.UNIT === undefined) {
    parts.UNIT = value;
    return 1;
  }
  return 0;
}

function takeHouseNumber(street: string, region: StreetLineRegion, parts: Parts): string {
  const match = HOUSE_NUMBER.exec(street);
  if (match?.groups === undefined) return street;
  const { prefix, number, fraction, letter } = match.groups;
  // Canada Post writes the unit before the number: `10-123 Main St` is unit 10 of number 123.
  if (prefix !== undefined && region.country === 'CA' && parts.UNIT === undefined && /^\d+-$/.test(prefix)) {
    parts.UNIT = prefix.slice(0, -1);
  } else if (prefix !== undefined) {
    parts.HNP = prefix;
  }
  if (number !== undefined) parts.HNO = number;
  const suffix = fraction ?? letter;
  if (suffix !== undefined) parts.HNS = suffix;
  return street.slice(match[0].length).replace(/^[\s,]+/, '');
}

const KILOMETER = /(?:^|\s)(?<post>km\.?\s?\d+(?:[.,]\d+)?)$/iu;

/** Puerto Rico: `Calle Luna 123`, `Carr 2 Km 15.5`. A number right behind the type is the road's name. */
function takeNumberAtEnd(street: string, parts: Parts): string {
  const post = KILOMETER.exec(street)?.groups?.['post'];
  if (post !== undefined) {
    parts.MP = post;
    return street.slice(0, street.length - post.length).trim();
  }
  const words = street.split(' ');
  if (parts.HNO !== undefined || words.length < 3 || !SPANISH_TYPES_BEFORE_NAME.has(foldWord(words[0] ?? ''))) {
    return street;
  }
  const match = /^#?(?<number>\d+)-?(?<letter>\p{L})?$/u.exec(words.at(-1) ?? '');
  if (match?.groups === undefined) return street;
  const { number, letter } = match.groups;
  if (number !== undefined) parts.HNO = number;
  if (letter !== undefined) parts.HNS = letter;
  return words.slice(0, -1).join(' ');
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
    const last = foldWord(words.at(-1) ?? '');
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
  const speaksFrench = region.A1 === 'QC' || region.A1 === 'NB';
  return speaksFrench && FRENCH_OR_ENGLISH_TYPES.has(first) && !TYPES_AFTER_NAME.has(foldWord(words.at(-1) ?? ''));
}
