import { readE164 } from '../domain/phone-number.ts';
import { invalidField } from '../domain/problem.ts';

/** The number that a query names in E.164; undefined when it names none. */
export function numberQuery(text: string | undefined, path = 'phoneNumber'): string | undefined {
  if (text === undefined || text === '') return undefined;
  // An unescaped `+` in a query is a space.
  const number = readE164(text.trim());
  if (number === null) throw invalidField(path, 'expected E.164, e.g. +12145550123');
  return number;
}
