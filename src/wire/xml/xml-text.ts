import { isAscii, isUtf8 } from 'node:buffer';
import { ProblemError } from '../../domain/problem.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Bytes of an XML document as text (XML 1.0 §4.3.3): UTF-8 with or without byte order mark.
 * Throws `too-large` above `maxBytes`, `malformed` when the bytes are no UTF-8.
 */
export function readXmlText(input: Uint8Array | string, maxBytes: number): string {
  if (typeof input === 'string') {
    if (input.length > maxBytes) throw tooLarge(maxBytes);
    return input.startsWith(BYTE_ORDER_MARK) ? input.slice(1) : input;
  }
  if (input.byteLength > maxBytes) throw tooLarge(maxBytes);
  if (!isUtf8(input)) throw new ProblemError('malformed', `XML is not UTF-8${hintAtUtf16(input)}`);
  const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Refuses an encoding declaration that is not what the bytes are: only UTF-8 and its subset US-ASCII are read. */
export function checkDeclaredEncoding(encoding: string, input: Uint8Array | string): void {
  switch (encoding.toLowerCase()) {
    case 'utf-8':
    case 'utf8':
      return;
    case 'us-ascii':
    case 'ascii':
      if (typeof input === 'string' || isAscii(input)) return;
      throw new ProblemError('malformed', `XML declares encoding ${encoding} but has bytes above 127`);
    default:
      throw new ProblemError('malformed', `XML encoding ${encoding} is not supported, use UTF-8`);
  }
}

function tooLarge(maxBytes: number): ProblemError {
  return new ProblemError('too-large', `XML document is larger than ${maxBytes} bytes`);
}

function hintAtUtf16(input: Uint8Array): string {
  const [first, second] = input;
  const isUtf16 = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe);
  return isUtf16 ? ' but UTF-16, which is not supported' : '';
}
