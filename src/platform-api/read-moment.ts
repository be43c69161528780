import { invalidField } from '../domain/problem.ts';
import { isStorableMoment } from '../support/storable-moment.ts';

// A date alone is midnight UTC; a time without offset would mean another moment on every machine.
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A date, or a time with offset, as ISO 8601 (RFC 3339). Throws `invalid` naming the field. */
export function readMoment(text: string, path: string): Date {
  // In a query, a plus that was not percent-encoded arrives as a space.
  const spelled = text.replace(/ (?=\d{2}:\d{2}$)/, '+');
  const moment = new Date(spelled);
  if (MOMENT.test(spelled) && isStorableMoment(moment)) return moment;
  throw invalidField(path, 'expected a date, or a time with offset, as ISO 8601');
}
