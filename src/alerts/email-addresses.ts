import { ADDRESS_TOO_LONG, fitsIntoMail } from '../domain/email-address.ts';
import { invalidField } from '../domain/problem.ts';

const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]{1,255}$/u;
const CONTROL_CHARACTER = /\p{Cc}/u;
const MAX_FIELD_LENGTH = 4_096;
const MAX_ADDRESSES = 50;

/** The addresses of one field, separated by comma, semicolon or white space. */
export function splitAddresses(field: string | null | undefined): string[] {
  if (!field) return [];
  return field.split(/[,;\s]+/).filter((part) => part !== '');
}

/**
 * Reads an address field as a client sent it: null when it is empty; the text, trimmed, when every part is an address.
 * Problem `invalid` names `path` otherwise.
 */
export function readAddressField(text: string | null, path: string): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  // Line ends too, though white space separates: what is stored is given back in one line.
  if (CONTROL_CHARACTER.test(text ?? '')) throw invalidField(path, 'holds a control character');
  const addresses = trimmed.length > MAX_FIELD_LENGTH ? [] : splitAddresses(trimmed);
  const wrong = addresses.find((address) => !ADDRESS.test(address));
  if (addresses.length === 0 || addresses.length > MAX_ADDRESSES || wrong !== undefined) {
    const message =
      wrong === undefined
        ? `expected 1 to ${MAX_ADDRESSES} e-mail addresses`
        : `"${wrong.slice(0, 80)}" is not an e-mail address`;
    throw invalidField(path, message);
  }
  const long = addresses.find((address) => !fitsIntoMail(address));
  if (long !== undefined) throw invalidField(path, `"${long.slice(0, 80)}" ${ADDRESS_TOO_LONG}`);
  return trimmed;
}

/** Whether mail can be sent to it. */
export function isAddress(text: string): boolean {
  return ADDRESS.test(text) && fitsIntoMail(text);
}
