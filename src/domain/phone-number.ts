import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { ProblemError } from './problem.ts';

/** A whole number of the North American plan, which needs no closer look: its length is all that makes it possible. */
const NORTH_AMERICAN = /^\+1[2-9][0-9]{9}$/;

/** Reads a number as phones and people write it and gives E.164 with `+`; null when it is no valid number. */
export function readE164(text: string, defaultCountry: CountryCode = 'US'): string | null {
  if (text.length > 64) return null;
  if (NORTH_AMERICAN.test(text)) return text;
  const parsed = parsePhoneNumberFromString(text, defaultCountry);
  return parsed?.isPossible() ? parsed.number : null;
}

/** Like readE164, but a problem that names `path` instead of null. */
export function requireE164(text: string, path: string): string {
  const number = readE164(text);
  if (number === null) {
    throw new ProblemError('invalid', `${path} is not a phone number`, {
      fields: [{ path, message: 'expected E.164, e.g. +12145550123' }],
    });
  }
  return number;
}
