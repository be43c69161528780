import { readMediaType } from './media-type.ts';
import { headerValue, removeHeader, type SipHeader, type SipMessage, setHeader } from './message.ts';
import { paramValue } from './params.ts';

/** What describes a body (RFC 3261 §20, RFC 8262) and goes with it when it becomes a part of another. */
const BODY_HEADERS = [
  'Content-Type',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Transfer-Encoding',
  'Content-ID',
] as const;

/**
 * A copy with one more part at the end of its body. What is there stays byte for byte: a `multipart/mixed` gets the part before
 * its closing delimiter, any other body becomes the first part of a new one. `boundary` must stand nowhere in either.
 */
export function addBodyPart<M extends SipMessage>(
  message: M,
  part: { headers: readonly SipHeader[]; bytes: Buffer },
  boundary: string,
): M {
  const extended = extendMixed(message, part);
  if (extended) return extended;
  const own: SipHeader[] = [];
  let rest: M = message;
  for (const name of BODY_HEADERS) {
    const value = headerValue(message, name);
    if (value === undefined) continue;
    own.push({ name, value });
    rest = removeHeader(rest, name);
  }
  const first = message.body.length === 0 ? [] : [partBytes({ headers: own, bytes: message.body }, boundary)];
  const body = Buffer.concat([...first, partBytes(part, boundary), Buffer.from(`--${boundary}--\r\n`)]);
  return { ...setHeader(rest, 'Content-Type', `multipart/mixed;boundary=${boundary}`), body };
}

function partBytes({ headers, bytes }: { headers: readonly SipHeader[]; bytes: Buffer }, boundary: string): Buffer {
  const head = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** Undefined when the body is no `multipart/mixed`, or one whose end cannot be told. */
function extendMixed<M extends SipMessage>(
  message: M,
  part: { headers: readonly SipHeader[]; bytes: Buffer },
): M | undefined {
  const type = readMediaType(headerValue(message, 'Content-Type') ?? '');
  if (type?.type !== 'multipart' || type.subtype !== 'mixed') return undefined;
  const boundary = paramValue(type.params, 'boundary') ?? '';
  const { body } = message;
  const at = boundary === '' ? -1 : closingDelimiter(body, boundary);
  if (at === -1 || part.bytes.includes(`--${boundary}`)) return undefined;
  return { ...message, body: Buffer.concat([body.subarray(0, at), partBytes(part, boundary), body.subarray(at)]) };
}

/** Where the line of the first closing delimiter begins (RFC 2046 §5.1.1); -1 when there is none behind a line end. */
function closingDelimiter(body: Buffer, boundary: string): number {
  const wanted = `\n--${boundary}--`;
  for (let found = body.indexOf(wanted); found !== -1; found = body.indexOf(wanted, found + 1)) {
    let next = found + Buffer.byteLength(wanted);
    while (body[next] === 0x20 || body[next] === 0x09 || body[next] === 0x0d) next++;
    if (next >= body.length || body[next] === 0x0a) return found + 1;
  }
  return -1;
}
