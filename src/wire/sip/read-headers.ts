import { canonicalNameAt, knownHeaderName } from './header-names.ts';
import { type ReceivedHead, ReceivedHeader } from './received-header.ts';

const TOKEN = /^[A-Za-z0-9.!%*_+`'~-]+$/;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** The head of a message, as text and as one byte for each of its characters, and how its header fields are read. */
export type HeaderReading = ReceivedHead & {
  readonly codes: Uint8Array;
  /** Where the first header line begins. */
  readonly from: number;
  readonly maxHeaders: number;
  /** Longest header field, its folded lines together, in characters. */
  readonly maxHeaderLength: number;
  /** Told of every line that was left out. */
  readonly onLeftOut: (() => void) | undefined;
  /** Told of what makes the message unreadable; reading goes on when it returns. */
  readonly onFault: (detail: string, path: string) => void;
};

function isBlank(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}

/** Space, tab, line feed, vertical tab, form feed or carriage return. */
function isSpace(code: number | undefined): boolean {
  return code === SPACE || (code !== undefined && code >= TAB && code <= CARRIAGE_RETURN);
}

/** No ASCII: it may be one of the spaces beyond. */
function isForeign(code: number | undefined): boolean {
  return code !== undefined && code >= 0x80;
}

/**
 * The header fields of a message (RFC 3261 §7.3), lenient about line ends, spacing, folding and case; lines that are no header
 * fields, and overlong fields of unknown name, are left out.
 */
export function readHeaders(reading: HeaderReading): ReceivedHeader[] {
  const { codes, text, maxHeaders, maxHeaderLength } = reading;
  const head: ReceivedHead = { text };
  const headers: ReceivedHeader[] = [];
  for (let start = reading.from; start < codes.length; ) {
    // To the end of the line; nearly all characters are letters, beyond the colon.
    let colon = -1;
    let firstReturn = -1;
    let isFolded = false;
    let at = start;
    for (; at < codes.length; at++) {
      const code = codes[at] ?? 0;
      if (code > COLON) continue;
      if (code === COLON && colon === -1) colon = at;
      else if (code === CARRIAGE_RETURN && firstReturn === -1) firstReturn = at;
      else if (code === LINE_FEED) {
        // A line that begins with a space or tab continues the field above (RFC 3261 §7.3.1).
        if (!isBlank(codes[at + 1])) break;
        isFolded = true;
      }
    }
    const lineStart = start;
    const lineEnd = at;
    start = at + 1;

    let nameEnd = colon;
    while (nameEnd > lineStart && isBlank(codes[nameEnd - 1])) nameEnd--;
    const exactName = colon === -1 ? undefined : canonicalNameAt(codes, lineStart, nameEnd);
    const name = exactName ?? (colon === -1 ? undefined : readOtherName(text.slice(lineStart, nameEnd)));
    const isTooLong = lineEnd - lineStart > maxHeaderLength;
    if (isTooLong && name !== undefined && knownHeaderName(name) !== undefined) {
      reading.onFault(`a header field is longer than ${maxHeaderLength} characters`, `header ${headers.length + 1}`);
      continue;
    }
    if (isTooLong || name === undefined) {
      if (colon === -1 && text.slice(lineStart, lineEnd).trim() === '') continue;
      // Nobody here needs it (RFC 3261 §8.2.2): a call must not fail for it.
      reading.onLeftOut?.();
      continue;
    }
    let valueStart = colon + 1;
    let valueEnd = lineEnd;
    while (valueStart < valueEnd && isSpace(codes[valueStart])) valueStart++;
    while (valueEnd > valueStart && isSpace(codes[valueEnd - 1])) valueEnd--;
    const isRough =
      isFolded ||
      (firstReturn !== -1 && firstReturn < valueEnd) ||
      isForeign(codes[valueStart]) ||
      isForeign(codes[valueEnd - 1]);
    if (headers.length >= maxHeaders) {
      reading.onFault(`more than ${maxHeaders} header fields`, name);
      return headers;
    }
    const isAsWritten =
      exactName !== undefined &&
      !isRough &&
      nameEnd === colon &&
      valueStart === colon + 2 &&
      codes[colon + 1] === SPACE &&
      lineEnd === valueEnd + 1 &&
      firstReturn === valueEnd &&
      lineEnd < codes.length;
    headers.push(
      new ReceivedHeader(name, head, { start: lineStart, end: start, valueStart, valueEnd }, isAsWritten, isRough),
    );
  }
  return headers;
}

/** A name that is not spelled canonically, or not known; undefined when it is no token. */
function readOtherName(raw: string): string | undefined {
  return knownHeaderName(raw) ?? (TOKEN.test(raw) ? raw : undefined);
}
