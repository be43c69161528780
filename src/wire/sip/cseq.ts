import { firstBlank } from './blanks.ts';
import { readDigits } from './digits.ts';
import { headerValue, type SipMessage } from './message.ts';

/** The CSeq header (RFC 3261 §20.16). */
export type CSeq = { readonly sequence: number; readonly method: string };

const USUAL_METHODS: ReadonlyMap<string, string> = new Map(
  ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'UPDATE', 'PRACK', 'INFO', 'MESSAGE'].map((name) => [name, name]),
);

/** The method of that name, always as the same object, which compares quickly; undefined when it is not a usual one. */
export function usualMethod(name: string): string | undefined {
  return USUAL_METHODS.get(name);
}

/** Whether the text is a token (RFC 3261 §25.1). */
export function isMethodName(text: string): boolean {
  return USUAL_METHODS.has(text) || /^[A-Za-z0-9.!%*_+`'~-]+$/.test(text);
}

/** Reads `1 INVITE`; undefined when it is unreadable or the number does not fit 32 bits. */
export function readCSeq(value: string): CSeq | undefined {
  const gap = firstBlank(value);
  if (gap === -1) return undefined;
  const name = value.slice(gap + 1).trim();
  const method = usualMethod(name) ?? (isMethodName(name) ? name : undefined);
  const sequence = gap <= 20 ? readDigits(value, 0, gap) : undefined;
  if (method === undefined || sequence === undefined) return undefined;
  return sequence <= 0xffff_ffff ? { sequence, method } : undefined;
}

/** The CSeq of a message; undefined when it is missing or unreadable. */
export function cseqOf(message: SipMessage): CSeq | undefined {
  const value = headerValue(message, 'CSeq');
  return value === undefined ? undefined : readCSeq(value);
}
