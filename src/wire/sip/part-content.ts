import { type BodyPart, partHeader } from './multipart.ts';

const EQUALS = 0x3d;
const LINE_FEED = 0x0a;

/**
 * The content of a part, its transfer encoding undone for reading (RFC 2045 §6); the part itself goes on as it came. An encoding
 * that is not known leaves the bytes as they are.
 */
export function partContent(part: BodyPart): Buffer {
  const encoding = partHeader(part, 'Content-Transfer-Encoding')?.trim().toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.bytes.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? fromQuotedPrintable(part.bytes) : part.bytes;
}

/** RFC 2045 §6.7, leniently: an `=` that begins no escape stands for itself, as §6.7 advises. */
function fromQuotedPrintable(bytes: Buffer): Buffer {
  const content = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === EQUALS) {
      const lineEnd = endOfSoftBreak(bytes, at + 1);
      if (lineEnd !== -1) {
        at = lineEnd;
        continue;
      }
      const escape = bytes.toString('latin1', at + 1, at + 3);
      if (/^[0-9A-Fa-f]{2}$/.test(escape)) {
        content[length++] = Number.parseInt(escape, 16);
        at += 2;
        continue;
      }
    }
    content[length++] = byte;
  }
  return content.subarray(0, length);
}

/**
 * Where the line feed of a soft line break stands, spaces before it passed over; the length where the content ends instead, as it
 * does in a part, whose last line end is of the delimiter; -1 when it is none.
 */
function endOfSoftBreak(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0d) at++;
  return at === bytes.length || bytes[at] === LINE_FEED ? at : -1;
}
