import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import { ProblemError } from './problem.ts';

/** Reads a number as phones and people write it and gives E.164 with `+`; null when it is no valid number. */
export function readE164(text: string, defaultCountry: CountryCode = 'US'): string | null {
  if (text.length > 64) return null;
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
