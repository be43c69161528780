import type { SipMessage } from './message.ts';

/** Line breaks inside a value would let it forge headers: they become spaces. */
function singleLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}

/**
 * Writes a message (RFC 3261 §7). Content-Length always states the true length of the body: it is corrected in its place
 * or appended.
 */
export function encodeSipMessage(message: SipMessage): Buffer {
  const { body } = message;
  let head =
    message.kind === 'request'
      ? `${message.method} ${singleLine(message.uri)} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${singleLine(message.reason)}\r\n`;
  let hasLength = false;
  for (const { name, value } of message.headers) {
    if (name === 'Content-Length') {
      if (hasLength) continue;
      hasLength = true;
      head += `Content-Length: ${body.length}\r\n`;
    } else head += `${name}: ${singleLine(value)}\r\n`;
  }
  head += hasLength ? '\r\n' : `Content-Length: ${body.length}\r\n\r\n`;
  if (body.length === 0) return Buffer.from(head, 'utf8');
  const headLength = Buffer.byteLength(head, 'utf8');
  const bytes = Buffer.allocUnsafe(headLength + body.length);
  bytes.write(head, 0, 'utf8');
  body.copy(bytes, headLength);
  return bytes;
}
