import { isAscii, isUtf8 } from 'node:buffer';
import { ProblemError } from '../../domain/problem.ts';
import { firstBlank } from './blanks.ts';
import { isMethodName, usualMethod } from './cseq.ts';
import { readDigits } from './digits.ts';
import { NO_BODY, type SipHeader, type SipMessage, type SipRequest } from './message.ts';
import { readHeaders } from './read-headers.ts';

/** Bounds of what is read, and how the end of the body is found (RFC 3261 §18.3). */
export type DecodeOptions = {
  /** Larger messages are `too-large`. */
  readonly maxBytes?: number;
  readonly maxHeaders?: number;
  /** Longest header field, its folded lines together, in characters. */
  readonly maxHeaderLength?: number;
  /** In a datagram the body may end with the packet; in a stream Content-Length is required. */
  readonly framing?: 'datagram' | 'stream';
  /** Told of every line among the headers that was left out. */
  readonly onLeftOut?: () => void;
};

export const DECODE_DEFAULTS = {
  maxBytes: 65_535,
  maxHeaders: 256,
  maxHeaderLength: 16_384,
  framing: 'datagram',
} as const satisfies Required<Omit<DecodeOptions, 'onLeftOut'>>;

/** Either throws (strict reading) or notes the fault and lets the reading go on (salvage). */
type FaultReport = (problem: ProblemError) => void;

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

const MAX_METHOD_LENGTH = 64;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function malformed(detail: string, path: string): ProblemError {
  return new ProblemError('malformed', detail, { fields: [{ path, message: detail }] });
}

/**
 * Where the head of a message ends, as the index behind its empty line; -1 when there is none yet. Line ends may be CRLF
 * or LF alone.
 */
export function endOfHead(bytes: Buffer): number {
  // Byte by byte: a head is short, and the engine's own search has to be called.
  for (let at = 1; at < bytes.length; at++) {
    if (bytes[at] !== LINE_FEED) continue;
    const before = bytes[at - 1];
    if (before === LINE_FEED) return at + 1;
    if (before === CARRIAGE_RETURN && at > 1 && bytes[at - 2] === LINE_FEED) return at + 1;
  }
  return -1;
}

/** Where the message begins: behind the empty lines that may precede it (RFC 3261 §7.5). */
export function startOfMessage(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === 0x0d || bytes[at] === 0x0a)) at++;
  return at;
}

/**
 * The head as text. SIP is UTF-8 (RFC 3261 §7.3.1), but old exchanges send display names in ISO 8859-1: a line that is
 * not UTF-8 is read as that, because an emergency call must not fail on the spelling of a name.
 */
function headText(head: Buffer): string {
  if (isUtf8(head)) return head.toString('utf8');
  let text = '';
  for (let start = 0; start < head.length; ) {
    const lineFeed = head.indexOf(0x0a, start);
    const end = lineFeed === -1 ? head.length : lineFeed + 1;
    const line = head.subarray(start, end);
    text += line.toString(isUtf8(line) ? 'utf8' : 'latin1');
    start = end;
  }
  return text;
}

/** A text's characters as bytes: those that are no ASCII, which mean nothing to the grammar, become one that means nothing. */
function asciiCodes(text: string): Uint8Array {
  const codes = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = Math.min(text.charCodeAt(at), 0x80);
  return codes;
}

/**
 * Reads one SIP message (RFC 3261 §7, §25.1), lenient about line ends, spacing, folding and case; lines among the headers
 * that are no header fields, and overlong fields of unknown name, are left out.
 * Throws ProblemError: `malformed` (unreadable, `fields` says where), `too-large`, `unsupported-message` (not SIP/2.0).
 */
export function decodeSipMessage(bytes: Buffer, options: DecodeOptions = {}): SipMessage {
  const message = readMessage(bytes, options, (problem) => {
    throw problem;
  });
  if (!message) throw malformed('neither a request line nor a status line', 'start line');
  return message;
}

/**
 * What can be read of a request that decodeSipMessage refuses, so that it can be answered 400 (RFC 3261 §16.3): undefined
 * when it is no request or lacks a header that the answer needs.
 */
export function salvageRequest(bytes: Buffer, options: DecodeOptions = {}): SipRequest | undefined {
  const maxBytes = options.maxBytes ?? DECODE_DEFAULTS.maxBytes;
  const readable = bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes;
  const message = readMessage(readable, options, () => undefined);
  if (message?.kind !== 'request') return undefined;
  const names = new Set(message.headers.map((header) => header.name));
  const isAnswerable = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].every((name) => names.has(name));
  return isAnswerable ? { ...message, body: NO_BODY } : undefined;
}

function readMessage(bytes: Buffer, options: DecodeOptions, report: FaultReport): SipMessage | undefined {
  const maxBytes = options.maxBytes ?? DECODE_DEFAULTS.maxBytes;
  if (bytes.length > maxBytes) report(new ProblemError('too-large', `the message is longer than ${maxBytes} bytes`));
  const start = startOfMessage(bytes);
  const message = start === 0 ? bytes : bytes.subarray(start);
  const framing = options.framing ?? DECODE_DEFAULTS.framing;
  const bodyStart = endOfHead(message);
  // A datagram is whole or lost: one that ends with a complete line merely forgot the empty one.
  if (bodyStart === -1 && (framing === 'stream' || message.at(-1) !== 0x0a)) {
    report(malformed('no empty line after the header fields', 'head'));
  }
  const head = bodyStart === -1 ? message : message.subarray(0, bodyStart);
  const isPlain = isAscii(head);
  const text = isPlain ? head.toString('latin1') : headText(head);

  const firstLineEnd = text.indexOf('\n');
  const firstLine = (firstLineEnd === -1 ? text : text.slice(0, firstLineEnd)).trim();
  const startLine = readStartLine(firstLine, report);
  if (!startLine) return undefined;
  const headers =
    firstLineEnd === -1
      ? []
      : readHeaders({
          text,
          codes: isPlain ? head : asciiCodes(text),
          from: firstLineEnd + 1,
          maxHeaders: options.maxHeaders ?? DECODE_DEFAULTS.maxHeaders,
          maxHeaderLength: options.maxHeaderLength ?? DECODE_DEFAULTS.maxHeaderLength,
          onLeftOut: options.onLeftOut,
          onFault: (detail, path) => report(malformed(detail, path)),
        });
  // An empty view would keep the whole datagram in memory.
  const rest = bodyStart === -1 || bodyStart === message.length ? NO_BODY : message.subarray(bodyStart);
  const body = readBody(rest, headers, framing, report);
  return { ...startLine, headers, body };
}

function readStartLine(line: string, report: FaultReport): StartLine | undefined {
  return readUsualStartLine(line) ?? readUnusualStartLine(line, report);
}

/** A start line as nearly all are, without regular expressions; undefined when it is another one. */
function readUsualStartLine(line: string): StartLine | undefined {
  if (line.startsWith('SIP/2.0 ')) {
    const status = line.length === 11 || line.charCodeAt(11) === 0x20 ? readDigits(line, 8, 11) : undefined;
    if (status === undefined || status < 100 || status > 699) return undefined;
    return { kind: 'response', status, reason: line.slice(12).trim() };
  }
  const method = usualMethod(line.slice(0, Math.max(line.indexOf(' '), 0)));
  if (method === undefined || !line.endsWith(' SIP/2.0')) return undefined;
  const uri = line.slice(method.length + 1, -8);
  return uri === '' || isUnusual(uri) ? undefined : { kind: 'request', method, uri };
}

/** Whether there are spaces, control characters or characters that are no ASCII in it. */
function isUnusual(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x80) return true;
  }
  return false;
}

function readUnusualStartLine(line: string, report: FaultReport): StartLine | undefined {
  if (line.length > 4 && line.slice(0, 4).toUpperCase() === 'SIP/') return readStatusLine(line, report);
  const methodEnd = firstBlank(line);
  const versionStart = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t')) + 1;
  const method = line.slice(0, Math.max(methodEnd, 0));
  const version = line.slice(versionStart).toUpperCase();
  const uri = line.slice(Math.max(methodEnd, 0), versionStart).trim();
  if (!isMethodName(method) || method.length > MAX_METHOD_LENGTH || !version.startsWith('SIP/')) {
    report(malformed('neither a request line nor a status line', 'start line'));
    return undefined;
  }
  if (version !== 'SIP/2.0') report(new ProblemError('unsupported-message', 'only SIP/2.0 is spoken here'));
  if (uri === '' || /[\s\0]/.test(uri)) report(malformed('the Request-URI is empty or contains spaces', 'Request-URI'));
  return { kind: 'request', method, uri };
}

function readStatusLine(line: string, report: FaultReport): StartLine | undefined {
  const match = /^SIP\/([0-9.]+)[ \t]+([0-9]+)(?:[ \t](.*))?$/is.exec(line);
  const status = Number(match?.[2]);
  if (!match || match[2]?.length !== 3 || status < 100 || status > 699) {
    report(malformed('the status line is unreadable', 'start line'));
    return undefined;
  }
  if (match[1] !== '2.0') report(new ProblemError('unsupported-message', 'only SIP/2.0 is spoken here'));
  return { kind: 'response', status, reason: (match[3] ?? '').trim() };
}

function readBody(
  rest: Buffer,
  headers: readonly SipHeader[],
  framing: 'datagram' | 'stream',
  report: FaultReport,
): Buffer {
  let declared: number | undefined;
  for (const header of headers) {
    if (header.name !== 'Content-Length') continue;
    const { value } = header;
    const length = value.length <= 10 ? readDigits(value, 0, value.length) : undefined;
    if (length === undefined) report(malformed('Content-Length is not a length', 'Content-Length'));
    else if (declared !== undefined && declared !== length) {
      report(malformed('two Content-Length fields contradict each other', 'Content-Length'));
    } else declared = length;
  }
  if (declared === undefined) {
    if (framing === 'stream') report(malformed('Content-Length is required on a stream', 'Content-Length'));
    return rest;
  }
  if (declared > rest.length) {
    report(malformed(`Content-Length says ${declared} bytes, ${rest.length} came`, 'Content-Length'));
    return rest;
  }
  // Bytes of a datagram behind the declared body are discarded (RFC 3261 §18.3).
  return declared === rest.length ? rest : rest.subarray(0, declared);
}
