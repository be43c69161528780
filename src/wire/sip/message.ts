import { canonicalHeaderName, isListHeader, knownHeaderName } from './header-names.ts';

/**
 * One header field of a SIP message.
 * `name` is spelled canonically when it is known (`v` -> `Via`), else as received; `value` is unfolded and trimmed.
 */
export type SipHeader = { readonly name: string; readonly value: string };

/** A SIP request (RFC 3261 §7.1). `headers` stand in the order of the wire; `body` is byte-identical to what was received. */
export type SipRequest = {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: Buffer;
};

/** A SIP response (RFC 3261 §7.2). */
export type SipResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Buffer;
};

export type SipMessage = SipRequest | SipResponse;

/** The body of a message that has none. */
export const NO_BODY: Buffer = Buffer.alloc(0);

/** Whether a header has this name; known names are in one spelling everywhere, others compare without regard to case. */
function sameName(header: SipHeader, canonicalName: string): boolean {
  if (header.name === canonicalName) return true;
  return (
    header.name.length === canonicalName.length &&
    knownHeaderName(canonicalName) === undefined &&
    header.name.toLowerCase() === canonicalName.toLowerCase()
  );
}

/** The first field of that name, whole (a comma-separated list is not split); undefined when there is none. */
export function headerValue(message: SipMessage, name: string): string | undefined {
  const canonicalName = canonicalHeaderName(name);
  for (const header of message.headers) if (sameName(header, canonicalName)) return header.value;
  return undefined;
}

/** Every value of that name, in order; fields that are comma-separated lists (RFC 3261 §7.3.1) are split. */
export function headerValues(message: SipMessage, name: string): string[] {
  const canonicalName = canonicalHeaderName(name);
  const isList = isListHeader(canonicalName);
  const values: string[] = [];
  for (const header of message.headers) {
    if (!sameName(header, canonicalName)) continue;
    if (isList && header.value.includes(',')) values.push(...splitList(header.value));
    else values.push(header.value);
  }
  return values;
}

/** Where the first list element of `value` ends (index of its comma, or the length), quotes and `<>` respected. */
function endOfElement(value: string, start: number): number {
  let isQuoted = false;
  let isBracketed = false;
  for (let at = start; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (isQuoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22 && !isBracketed) isQuoted = true;
    else if (code === 0x3c) isBracketed = true;
    else if (code === 0x3e) isBracketed = false;
    else if (code === 0x2c && !isBracketed) return at;
  }
  return value.length;
}

/** Splits a comma-separated list, leaving commas inside quotes and `<>` alone; empty elements are dropped. */
export function splitList(value: string): string[] {
  const elements: string[] = [];
  for (let start = 0; start <= value.length; ) {
    const end = endOfElement(value, start);
    const element = value.slice(start, end).trim();
    if (element !== '') elements.push(element);
    start = end + 1;
  }
  return elements;
}

function withHeaders<M extends SipMessage>(message: M, headers: readonly SipHeader[]): M {
  return { ...message, headers };
}

/** A copy whose only field of that name is this one, at the place of the first (else at the end). */
export function setHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  const canonicalName = canonicalHeaderName(name);
  const headers: SipHeader[] = [];
  let isPlaced = false;
  for (const header of message.headers) {
    if (!sameName(header, canonicalName)) headers.push(header);
    else if (!isPlaced) {
      headers.push({ name: canonicalName, value });
      isPlaced = true;
    }
  }
  if (!isPlaced) headers.push({ name: canonicalName, value });
  return withHeaders(message, headers);
}

/** A copy with this field in front of every other of its name (at the very top when it is the first: Via, Route). */
export function prependHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  const canonicalName = canonicalHeaderName(name);
  const at = message.headers.findIndex((header) => sameName(header, canonicalName));
  const headers = message.headers.slice();
  headers.splice(Math.max(at, 0), 0, { name: canonicalName, value });
  return withHeaders(message, headers);
}

/** A copy with this field after all others. */
export function appendHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  return withHeaders(message, [...message.headers, { name: canonicalHeaderName(name), value }]);
}

/** A copy without any field of that name; the message itself when it has none. */
export function removeHeader<M extends SipMessage>(message: M, name: string): M {
  const canonicalName = canonicalHeaderName(name);
  const headers = message.headers.filter((header) => !sameName(header, canonicalName));
  return headers.length === message.headers.length ? message : withHeaders(message, headers);
}

/** A copy without the topmost value of a list header (`Via`, `Route`); the message itself when it has none. */
export function removeTopValue<M extends SipMessage>(message: M, name: string): M {
  return replaceTopValue(message, name, undefined);
}

/** A copy whose topmost value of a list header is `replacement`; other values of the same line stay behind it. */
export function replaceTopValue<M extends SipMessage>(message: M, name: string, replacement: string | undefined): M {
  const canonicalName = canonicalHeaderName(name);
  const at = message.headers.findIndex((header) => sameName(header, canonicalName));
  const header = message.headers[at];
  if (header === undefined) return message;
  const rest = header.value.slice(endOfElement(header.value, 0) + 1).trim();
  const parts = [replacement, rest].filter((part) => part !== undefined && part !== '');
  const headers = message.headers.slice();
  if (parts.length === 0) headers.splice(at, 1);
  else headers[at] = { name: header.name, value: parts.join(', ') };
  return withHeaders(message, headers);
}

/** The topmost value of a list header, without the rest of its line. */
export function topValue(message: SipMessage, name: string): string | undefined {
  const value = headerValue(message, name);
  if (value === undefined || !value.includes(',')) return value;
  return value.slice(0, endOfElement(value, 0)).trim();
}
