import { encodeSipMessage } from '../../wire/sip/encode-message.ts';
import { readMediaType } from '../../wire/sip/media-type.ts';
import { headerValue, type SipMessage } from '../../wire/sip/message.ts';
import { type BodyPart, partHeader, splitMultipart } from '../../wire/sip/multipart.ts';
import { partContent } from '../../wire/sip/part-content.ts';
import { redactReferences } from '../redact-reference.ts';

const LEFT_OUT = '(left out)';
/** Passwords in any disguise (RFC 3261 §22), and signatures that a thief could replay (RFC 8224). */
const SECRET_HEADER = /^(?:Proxy-)?(?:Authorization|Authenticat)|^(?:WWW-Authenticate|Identity)/i;
const POSSESSION_HEADER = /^(?:Geolocation|Call-Info)$/i;
/** Their values in a URI that tells a redirecting SBC what to send (RFC 3261 §19.1.1). */
const POSSESSION_IN_URI = /([?&](?:Geolocation|Call-Info)=)[^&>"\s]*/gi;
/** Keys of encrypted audio (RFC 4568, RFC 4567, RFC 8866 §5.12) and passwords of its paths (RFC 8839 §5.4). */
const SDP_KEY = /^(\s*(?:a=(?:crypto|key-mgmt|ice-pwd):|k=))[^\r\n]*/gim;
const MAX_TEXT = 4_096;
const MAX_SDP = 2_048;

function redactLine(line: string): string {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  if (SECRET_HEADER.test(name)) return `${name}: ${LEFT_OUT}`;
  if (!POSSESSION_HEADER.test(name)) return withoutReferences(line);
  return redactReferences(line);
}

/** A line without the references to locations that its URIs carry as headers. */
export function withoutReferences(line: string): string {
  return line.includes('=') ? line.replaceAll(POSSESSION_IN_URI, `$1${LEFT_OUT}`) : line;
}

function redactPart(part: BodyPart): string {
  const contentType = partHeader(part, 'Content-Type');
  const media = contentType === undefined ? undefined : readMediaType(contentType);
  const type = media ? `${media.type}/${media.subtype}` : 'unknown type';
  if (type === 'application/sdp') {
    // Keys are found in what a receiver reads, whatever its transfer encoding is.
    return partContent(part).toString('utf8', 0, MAX_SDP).replaceAll(SDP_KEY, `$1${LEFT_OUT}`);
  }
  return `(${part.bytes.length} bytes of ${type} left out)`;
}

function redactBody(message: SipMessage): string {
  const { body } = message;
  if (body.length === 0) return '';
  const contentType = headerValue(message, 'Content-Type');
  const boundary = contentType === undefined ? undefined : /boundary="?([^";,\s]+)/i.exec(contentType)?.[1];
  if (contentType?.toLowerCase().startsWith('multipart/') && boundary !== undefined) {
    const parts = splitMultipart(body, boundary);
    return parts.map((part) => `--${boundary}\r\n${redactPart(part)}`).join('\r\n');
  }
  return redactPart({ headers: message.headers, bytes: body });
}

/**
 * A message as text that may be shown to administrators: credentials and keys are left out, and everything that tells a place
 * (bodies other than SDP, the paths of references to locations and of additional data). At most 4,096 characters.
 */
export function redactMessage(message: SipMessage): { text: string; sizeBytes: number } {
  const bytes = encodeSipMessage(message);
  const head = bytes.toString('utf8', 0, bytes.length - message.body.length).trimEnd();
  const [startLine = '', ...lines] = head.split('\r\n');
  const text = [
    withoutReferences(startLine),
    ...lines.map((line) => redactLine(line.slice(0, MAX_TEXT))),
    '',
    redactBody(message),
  ].join('\r\n');
  return { text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text, sizeBytes: bytes.length };
}
