import { isAscii, isUtf8 } from 'node:buffer';
import { ProblemError } from '../../domain/problem.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** What a declaration may call an encoding, and which one we read it as (XML 1.0 §4.3.3, names in any case). */
const ENCODINGS: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'us-ascii': 'ascii',
  ascii: 'ascii',
  'iso-8859-1': 'latin1',
  latin1: 'latin1',
  'utf-16': 'utf16',
  'utf-16le': 'utf16',
  'utf-16be': 'utf16',
};

type Encoding = 'utf8' | 'ascii' | 'latin1' | 'utf16';

/** A declaration is at the very start; no honest one is longer. */
const DECLARATION_BYTES = 256;
const DECLARED_ENCODING = /^<\?xml[ \t\r\n][^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][\w.-]*)["']/;

/**
 * Bytes of an XML document as text (XML 1.0 §4.3.3, appendix F.1): UTF-8 and UTF-16 with or without byte order mark, and
 * what declares itself to be ISO-8859-1. Throws `too-large` above `maxBytes`, `malformed` when the bytes are none of these.
 */
export function readXmlText(input: Uint8Array | string, maxBytes: number): string {
  if (typeof input === 'string') {
    if (input.length > maxBytes) throw tooLarge(maxBytes);
    return withoutMark(input);
  }
  if (input.byteLength > maxBytes) throw tooLarge(maxBytes);
  const utf16 = utf16Label(input);
  if (utf16 !== undefined) return readUtf16(input, utf16);
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  // Nearly every document is ASCII, which reads the same in all of them.
  if (isAscii(bytes) || declaredEncoding(bytes) === 'latin1') return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw new ProblemError('malformed', 'XML is not UTF-8');
  return withoutMark(bytes.toString('utf8'));
}

/** Refuses an encoding declaration that we do not know, or that is not what the bytes are. */
export function checkDeclaredEncoding(name: string, input: Uint8Array | string): void {
  const encoding = ENCODINGS[name.toLowerCase()];
  if (encoding === undefined) {
    throw new ProblemError('malformed', `XML encoding ${name} is not supported, use UTF-8`);
  }
  if (typeof input === 'string') return;
  if (encoding === 'ascii' && utf16Label(input) === undefined && !isAscii(input)) {
    throw new ProblemError('malformed', `XML declares encoding ${name} but has bytes above 127`);
  }
  if (encoding === 'utf16' && utf16Label(input) === undefined) {
    throw new ProblemError('malformed', `XML declares encoding ${name} but its bytes are not UTF-16`);
  }
}

/** By the byte order mark, else by how `<` begins a document (appendix F.1). */
function utf16Label(input: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [first, second] = input;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  return undefined;
}

function readUtf16(input: Uint8Array, label: 'utf-16le' | 'utf-16be'): string {
  try {
    return new TextDecoder(label, { fatal: true }).decode(input);
  } catch (cause) {
    throw new ProblemError('malformed', `XML is not ${label.toUpperCase()}`, { cause });
  }
}

function declaredEncoding(bytes: Buffer): Encoding | undefined {
  const name = DECLARED_ENCODING.exec(bytes.toString('latin1', 0, DECLARATION_BYTES))?.[1];
  return name === undefined ? undefined : ENCODINGS[name.toLowerCase()];
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError('too-large', `XML document is larger than ${maxBytes} bytes`);
}
