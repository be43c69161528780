import type { SipHeader, SipMessage } from './message.ts';
import { type ReceivedHead, ReceivedHeader } from './received-header.ts';

/** Line breaks inside a value would let it forge headers: they become spaces. */
export function singleLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}

function startLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${singleLine(message.uri)} SIP/2.0\r\n`
    : `SIP/2.0 ${message.status} ${singleLine(message.reason)}\r\n`;
}

/** The header lines. Received lines that nobody changed and that stood one after the other are copied as one piece. */
function headerLines(headers: readonly SipHeader[], bodyLength: number): string {
  let lines = '';
  let hasLength = false;
  let source: ReceivedHead | undefined;
  let from = 0;
  let to = 0;
  for (const header of headers) {
    if (header.name === 'Content-Length') {
      if (hasLength) continue;
      hasLength = true;
    } else if (header instanceof ReceivedHeader && header.isAsWritten) {
      if (header.head !== source || header.start !== to) {
        if (source) lines += source.text.slice(from, to);
        source = header.head;
        from = header.start;
      }
      to = header.end;
      continue;
    }
    if (source) lines += source.text.slice(from, to);
    source = undefined;
    const value = header.name === 'Content-Length' ? String(bodyLength) : singleLine(header.value);
    lines += `${header.name}: ${value}\r\n`;
  }
  if (source) lines += source.text.slice(from, to);
  return hasLength ? lines : `${lines}Content-Length: ${bodyLength}\r\n`;
}

const encoder = new TextEncoder();

/**
 * Writes a message (RFC 3261 §7). Content-Length always states the true length of the body: it is corrected in its place
 * or appended.
 */
export function encodeSipMessage(message: SipMessage): Buffer {
  const { body } = message;
  const head = `${startLine(message)}${headerLines(message.headers, body.length)}\r\n`;
  // Nearly every head is ASCII: then this is its length in bytes.
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  const { written, read } = encoder.encodeInto(head, bytes);
  if (written !== head.length || read !== head.length) return Buffer.concat([Buffer.from(head, 'utf8'), body]);
  if (body.length > 0) body.copy(bytes, head.length);
  return bytes;
}

/** How long a message is about to be, within a few per cent, without writing it. */
export function approximateBytes({ headers, body }: SipMessage): number {
  let bytes = body.length + 64;
  for (const header of headers) {
    bytes +=
      header instanceof ReceivedHeader ? header.end - header.start : header.name.length + header.value.length + 4;
  }
  return bytes;
}
