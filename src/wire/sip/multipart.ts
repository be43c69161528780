import { canonicalHeaderName } from './header-names.ts';
import { readMediaType } from './media-type.ts';
import { headerValue, type SipHeader, type SipMessage } from './message.ts';
import { paramValue } from './params.ts';
import { unescapeUriText } from './uri.ts';

/** One part of a body. `bytes` is a view into the original, never a re-encoded copy. */
export type BodyPart = { readonly headers: readonly SipHeader[]; readonly bytes: Buffer };

const MAX_PARTS = 32;
const MAX_PART_HEADERS = 32;
const MAX_DEPTH = 4;
const MAX_BOUNDARY_LENGTH = 200;
/** Headers of a message that describe its whole body. */
const DESCRIBING_HEADERS = [
  'Content-Type',
  'Content-ID',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Transfer-Encoding',
] as const;

/** The value of a part's header; undefined when it has none. */
export function partHeader(part: BodyPart, name: string): string | undefined {
  const canonicalName = canonicalHeaderName(name).toLowerCase();
  return part.headers.find((header) => header.name.toLowerCase() === canonicalName)?.value;
}

/**
 * Splits a multipart body at its boundary (RFC 2046 §5.1.1). Lenient: line ends may be LF, the closing delimiter may be
 * missing; text before the first and behind the last delimiter is dropped. At most 32 parts are read.
 */
export function splitMultipart(body: Buffer, boundary: string): BodyPart[] {
  if (boundary === '' || boundary.length > MAX_BOUNDARY_LENGTH) return [];
  const delimiter = Buffer.from(`--${boundary}`, 'utf8');
  const parts: BodyPart[] = [];
  let partStart = -1;
  let at = 0;
  while (at < body.length && parts.length < MAX_PARTS) {
    const found = body.indexOf(delimiter, at);
    if (found === -1) break;
    at = found + delimiter.length;
    const isAtLineStart = found === 0 || body[found - 1] === 0x0a;
    const lineEnd = endOfDelimiterLine(body, at);
    if (!isAtLineStart || lineEnd === undefined) continue;
    if (partStart !== -1) parts.push(readPart(body.subarray(partStart, beforeLineBreak(body, found, partStart))));
    if (lineEnd.isClosing) return parts;
    partStart = lineEnd.next;
    at = lineEnd.next;
  }
  if (partStart !== -1 && partStart < body.length && parts.length < MAX_PARTS) {
    parts.push(readPart(body.subarray(partStart)));
  }
  return parts;
}

/** What follows a delimiter must be `--` or nothing but spaces up to the line end; else it was no delimiter. */
function endOfDelimiterLine(body: Buffer, from: number): { isClosing: boolean; next: number } | undefined {
  const isClosing = body[from] === 0x2d && body[from + 1] === 0x2d;
  let at = isClosing ? from + 2 : from;
  while (body[at] === 0x20 || body[at] === 0x09 || body[at] === 0x0d) at++;
  if (at >= body.length) return { isClosing: true, next: body.length };
  return body[at] === 0x0a ? { isClosing, next: at + 1 } : undefined;
}

/** The line break in front of a delimiter belongs to the delimiter. */
function beforeLineBreak(body: Buffer, delimiterAt: number, partStart: number): number {
  let end = delimiterAt;
  if (end > partStart && body[end - 1] === 0x0a) end--;
  if (end > partStart && body[end - 1] === 0x0d) end--;
  return end;
}

function readPart(part: Buffer): BodyPart {
  const headers: SipHeader[] = [];
  const headEnd = endOfPartHead(part);
  for (const line of part.toString('utf8', 0, headEnd).split('\n')) {
    if (line.trim() === '') continue;
    const previous = headers.at(-1);
    const colon = line.indexOf(':');
    if ((line.startsWith(' ') || line.startsWith('\t')) && previous) {
      headers[headers.length - 1] = { name: previous.name, value: `${previous.value} ${line.trim()}` };
    } else if (colon > 0 && headers.length < MAX_PART_HEADERS) {
      headers.push({ name: canonicalHeaderName(line.slice(0, colon).trim()), value: line.slice(colon + 1).trim() });
    }
  }
  return { headers, bytes: part.subarray(headEnd) };
}

/** Behind the first line of a part that holds nothing but spaces; the whole part when there is none. */
function endOfPartHead(part: Buffer): number {
  let isBlankLine = true;
  for (let at = 0; at < part.length; at++) {
    const byte = part[at];
    if (byte === 0x0a) {
      if (isBlankLine) return at + 1;
      isBlankLine = true;
    } else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) isBlankLine = false;
  }
  return part.length;
}

/**
 * Every leaf part of a message's body: the parts of a multipart, nested ones included (at most 4 deep), or the body itself
 * with its Content-* headers as the only part. Empty when there is no body.
 */
export function readBodyParts(message: SipMessage): BodyPart[] {
  if (message.body.length === 0) return [];
  const headers: SipHeader[] = [];
  for (const name of DESCRIBING_HEADERS) {
    const value = headerValue(message, name);
    if (value !== undefined) headers.push({ name, value });
  }
  return leaves({ headers, bytes: message.body }, 0);
}

function leaves(part: BodyPart, depth: number): BodyPart[] {
  const contentType = partHeader(part, 'Content-Type');
  const mediaType = contentType === undefined ? undefined : readMediaType(contentType);
  if (mediaType?.type !== 'multipart' || depth >= MAX_DEPTH) return [part];
  return splitMultipart(part.bytes, paramValue(mediaType.params, 'boundary') ?? '')
    .slice(0, MAX_PARTS)
    .flatMap((inner) => leaves(inner, depth + 1))
    .slice(0, MAX_PARTS);
}

/** The part that a `cid:` URL names (RFC 2392, RFC 6442 §3.2): its Content-ID without `<>` equals the unescaped URL. */
export function findPartByCid(parts: readonly BodyPart[], cidUrl: string): BodyPart | undefined {
  if (!/^cid:/i.test(cidUrl)) return undefined;
  const wanted = unescapeUriText(cidUrl.slice('cid:'.length));
  return parts.find((part) => partHeader(part, 'Content-ID')?.replace(/^<|>$/g, '') === wanted);
}
