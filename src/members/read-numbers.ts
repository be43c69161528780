import { requireE164 } from '../domain/phone-number.ts';
import { invalidField } from '../domain/problem.ts';

const MAX_NUMBERS = 1_000;

/** 1 to 1,000 numbers in E.164, each once, in one order for everybody who locks them. Throws `invalid`. */
export function readNumbers(texts: readonly string[]): string[] {
  if (texts.length === 0) throw invalidField('phoneNumbers', 'is required');
  if (texts.length > MAX_NUMBERS) throw invalidField('phoneNumbers', `expected at most ${MAX_NUMBERS}`);
  return [...new Set(texts.map((text, place) => requireE164(text, `phoneNumbers.${place}`)))].sort();
}
