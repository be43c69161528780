import { type CivicAddress, type CivicElement, isCivicElement } from '../domain/civic-address.ts';
import { ADDRESS_TOO_LONG, fitsIntoMail } from '../domain/email-address.ts';
import type { FieldFaults } from '../domain/field-faults.ts';
import { readE164 } from '../domain/phone-number.ts';
import { isPosition, type Position, type Shape } from '../domain/shape.ts';

// Control characters would reach mail headers, XML and log lines.
const CONTROL_CHARACTER = /\p{Cc}/u;
const MULTILINE_CONTROL = /(?![\r\n\t])\p{Cc}/u;

/** A name as it is compared and searched: NFC, lower case, single spaces. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** A text of 1 to `maxLength` characters without control characters; empty after a fault. */
export function requiredText(value: unknown, path: string, maxLength: number, faults: FieldFaults): string {
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '') faults.add(path, 'is required');
  else if (text.length > maxLength) faults.add(path, `is longer than ${maxLength} characters`);
  else if (CONTROL_CHARACTER.test(text)) faults.add(path, 'holds a control character');
  return text;
}

/** Free text of at most `maxLength` characters, line breaks allowed; null when there is none. */
export function optionalNotes(value: string | null | undefined, path: string, maxLength: number, faults: FieldFaults) {
  const text = value?.trim() ?? '';
  if (text.length > maxLength) faults.add(path, `is longer than ${maxLength} characters`);
  if (MULTILINE_CONTROL.test(text)) faults.add(path, 'holds a control character');
  return text === '' ? null : text;
}

export function requiredTimeZone(value: unknown, path: string, faults: FieldFaults): string {
  const text = requiredText(value, path, 64, faults);
  if (text === '') return text;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone === '' ? '' : text;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    faults.add(path, 'is not an IANA time zone such as America/Chicago');
    return text;
  }
}

const LANGUAGE = /^[a-z]{2,3}(?:[_-][a-z0-9]{2,8}){0,3}$/i;

/** A language as the contract's callers write it: `en_us`, `en_US`, `fr-CA`. */
export function requiredLanguage(value: unknown, path: string, faults: FieldFaults): string {
  const text = requiredText(value, path, 35, faults);
  if (text !== '' && !LANGUAGE.test(text)) faults.add(path, 'is not a language such as en_us');
  return text;
}

const MAX_EMAIL_LENGTH = 254;
const EMAIL = /^[^\s@,;<>"()\\]+@[^\s@,;<>"()\\]+\.[^\s@,;<>"()\\]+$/;

export function requiredEmail(value: unknown, path: string, faults: FieldFaults): string {
  const text = requiredText(value, path, MAX_EMAIL_LENGTH, faults);
  // Before it is trimmed: whoever sends the end of a line with an address means more than an address.
  const hasControl = typeof value === 'string' && CONTROL_CHARACTER.test(value);
  if (text !== '' && (hasControl || !EMAIL.test(text))) faults.add(path, 'is not an e-mail address');
  else if (text.length <= MAX_EMAIL_LENGTH && !fitsIntoMail(text)) faults.add(path, ADDRESS_TOO_LONG);
  return text;
}

export const MAX_EMAILS = 100;

export function emailList(values: readonly string[], path: string, faults: FieldFaults): string[] {
  if (values.length > MAX_EMAILS) faults.add(path, `has more than ${MAX_EMAILS} entries`);
  const emails = values.slice(0, MAX_EMAILS).map((value, place) => requiredEmail(value, `${path}.${place}`, faults));
  return [...new Set(emails)];
}

export const MAX_ELINS = 50;

/** Emergency location identification numbers in E.164, each once. */
export function elinList(values: readonly string[], path: string, faults: FieldFaults): string[] {
  if (values.length > MAX_ELINS) faults.add(path, `has more than ${MAX_ELINS} entries`);
  const numbers = values.slice(0, MAX_ELINS).map((value, place) => {
    const number = typeof value === 'string' ? readE164(value) : null;
    if (number === null) faults.add(`${path}.${place}`, 'is not a telephone number such as +12145550123');
    return number ?? '';
  });
  return [...new Set(numbers)];
}

/** Latitude and longitude given both or not at all; numbers or, as the contract's answers have them, strings. */
export function optionalPosition(
  latitude: number | string | null | undefined,
  longitude: number | string | null | undefined,
  faults: FieldFaults,
): Position | null {
  const given = (value: unknown) => value !== null && value !== undefined && value !== '';
  if (!given(latitude) && !given(longitude)) return null;
  if (!given(latitude)) faults.add('latitude', 'is required with longitude');
  if (!given(longitude)) faults.add('longitude', 'is required with latitude');
  const position = { latitude: Number(latitude), longitude: Number(longitude) };
  if (given(latitude) && !(Math.abs(position.latitude) <= 90)) faults.add('latitude', 'is not between -90 and 90');
  if (given(longitude) && !(Math.abs(position.longitude) <= 180))
    faults.add('longitude', 'is not between -180 and 180');
  return position;
}

const MAX_ELEMENT_LENGTH = 256;

/** Civic elements out of `allowed`; empty values are left out. */
export function civicElements(
  value: CivicAddress,
  allowed: ReadonlySet<CivicElement>,
  path: string,
  faults: FieldFaults,
): CivicAddress {
  const read: { [element in CivicElement]?: string } = {};
  for (const [name, text] of Object.entries(value)) {
    if (!isCivicElement(name) || !allowed.has(name)) {
      const why = isCivicElement(name) ? 'belongs to another part of the address' : 'is no civic element';
      faults.add(`${path}.${name.slice(0, 64)}`, `${why}: expected one of ${[...allowed].join(', ')}`);
      continue;
    }
    if (typeof text !== 'string') {
      faults.add(`${path}.${name}`, 'is not a text');
      continue;
    }
    const trimmed = text.trim();
    if (trimmed.length > MAX_ELEMENT_LENGTH)
      faults.add(`${path}.${name}`, `is longer than ${MAX_ELEMENT_LENGTH} characters`);
    if (CONTROL_CHARACTER.test(trimmed)) faults.add(`${path}.${name}`, 'holds a control character');
    if (trimmed !== '') read[name] = trimmed;
  }
  return read;
}

const MAX_VERTICES = 1_000;
const MAX_RADIUS_METERS = 100_000;
const MAX_ALTITUDE_METERS = 20_000;

/** Reports a shape whose positions, lengths or angles cannot be (RFC 5491 §5). */
export function checkShape(shape: Shape, path: string, faults: FieldFaults): void {
  const positions =
    shape.type === 'point' ? [shape.position] : shape.type === 'polygon' ? shape.exterior : [shape.center];
  if (!positions.every((position) => isPosition(position))) faults.add(path, 'has a position outside the earth');
  const length = (meters: number, name: string): void => {
    if (!(meters > 0 && meters <= MAX_RADIUS_METERS))
      faults.add(`${path}.${name}`, `is not between 0 and ${MAX_RADIUS_METERS}`);
  };
  switch (shape.type) {
    case 'point':
      if (shape.altitudeMeters !== undefined && !(Math.abs(shape.altitudeMeters) <= MAX_ALTITUDE_METERS)) {
        faults.add(`${path}.altitudeMeters`, `is not between -${MAX_ALTITUDE_METERS} and ${MAX_ALTITUDE_METERS}`);
      }
      break;
    case 'polygon':
      if (shape.exterior.length < 3) faults.add(`${path}.exterior`, 'has fewer than 3 corners');
      if (shape.exterior.length > MAX_VERTICES) faults.add(`${path}.exterior`, `has more than ${MAX_VERTICES} corners`);
      break;
    case 'circle':
      length(shape.radiusMeters, 'radiusMeters');
      break;
    case 'ellipse':
      length(shape.semiMajorMeters, 'semiMajorMeters');
      length(shape.semiMinorMeters, 'semiMinorMeters');
      if (!Number.isFinite(shape.orientationDegrees)) faults.add(`${path}.orientationDegrees`, 'is not a number');
      break;
    case 'arc-band':
      length(shape.outerRadiusMeters, 'outerRadiusMeters');
      if (!(shape.innerRadiusMeters >= 0 && shape.innerRadiusMeters < shape.outerRadiusMeters)) {
        faults.add(`${path}.innerRadiusMeters`, 'is not between 0 and the outer radius');
      }
      if (!Number.isFinite(shape.startAngleDegrees)) faults.add(`${path}.startAngleDegrees`, 'is not a number');
      if (!(shape.openingAngleDegrees > 0 && shape.openingAngleDegrees <= 360)) {
        faults.add(`${path}.openingAngleDegrees`, 'is not between 0 and 360');
      }
      break;
    default:
      faults.add(`${path}.type`, 'is not point, circle, ellipse, arc-band or polygon');
  }
}
