import { firstBlank } from './blanks.ts';
import { headerValue, type SipMessage } from './message.ts';

/** The CSeq header (RFC 3261 §20.16). */
export type CSeq = { readonly sequence: number; readonly method: string };

const USUAL_METHODS: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'UPDATE',
  'PRACK',
  'INFO',
]);

/** Whether the text is a token (RFC 3261 §25.1). */
export function isMethodName(text: string): boolean {
  return USUAL_METHODS.has(text) || /^[A-Za-z0-9.!%*_+`'~-]+$/.test(text);
}

/** Reads `1 INVITE`; undefined when it is unreadable or the number does not fit 32 bits. */
export function readCSeq(value: string): CSeq | undefined {
  const gap = firstBlank(value);
  if (gap === -1) return undefined;
  const digits = value.slice(0, gap);
  const method = value.slice(gap + 1).trim();
  if (!/^[0-9]{1,20}$/.test(digits) || !isMethodName(method)) return undefined;
  const sequence = Number(digits);
  return sequence <= 0xffff_ffff ? { sequence, method } : undefined;
}

/** The CSeq of a message; undefined when it is missing or unreadable. */
export function cseqOf(message: SipMessage): CSeq | undefined {
  const value = headerValue(message, 'CSeq');
  return value === undefined ? undefined : readCSeq(value);
}
