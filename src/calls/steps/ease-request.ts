import {
  headerValue,
  headerValues,
  NO_BODY,
  removeHeader,
  type SipRequest,
  type SipResponse,
  setHeader,
} from '../../wire/sip/message.ts';
import { partHeader, readBodyParts } from '../../wire/sip/multipart.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { partContent } from '../../wire/sip/part-content.ts';

/** A call as a destination may take it that refused it, and what was left out of it, in words. */
export type EasedRequest = { request: SipRequest; leftOut: string };

/** Refusals that speak of what a message carries: too large, of a kind that is not understood, a location that is not taken. */
const OF_CONTENT: ReadonlySet<number> = new Set([400, 413, 415, 424, 493, 513]);
/** Extensions that who is called, and every proxy on the way, has to know (RFC 3261 §20.32, §20.29). */
const REQUIRING_HEADERS = ['Require', 'Proxy-Require'] as const;
/** So much of what was left out of one header is told, in characters. */
const MAX_NAMED = 120;
const TRANSFER_ENCODING = 'Content-Transfer-Encoding';
/** What describes a body (RFC 3261 §20, RFC 8262), and goes with it. */
const BODY_HEADERS = [
  'Content-Type',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  TRANSFER_ENCODING,
  'Content-ID',
  'MIME-Version',
] as const;
const DESCRIPTION = /^application\/sdp\b/i;
const CID = /^cid:/i;

/**
 * The call without what this refusal names and nobody needs to reach help: a session timer that is too short (422, RFC 4028 §5: a
 * session without one is a session), or extensions that the caller would have the destination or a proxy know (420, RFC 3261
 * §20.32, §16.3 step 5). A caller would try again so (§8.1.3.5), and perhaps get somebody farther away meanwhile. Undefined: it
 * would be refused again.
 */
export function easedFor(request: SipRequest, refusal: SipResponse): EasedRequest | undefined {
  if (refusal.status === 422) {
    if (headerValue(request, 'Session-Expires') === undefined) return undefined;
    return { request: removeHeader(removeHeader(request, 'Session-Expires'), 'Min-SE'), leftOut: 'session timer' };
  }
  if (refusal.status !== 420) return undefined;
  const unsupported = new Set(headerValues(refusal, 'Unsupported').map((option) => option.toLowerCase()));
  let eased = request;
  const leftOut: string[] = [];
  for (const name of REQUIRING_HEADERS) {
    const required = headerValues(request, name);
    const refused = required.filter((option) => unsupported.has(option.toLowerCase()));
    if (refused.length === 0) continue;
    const kept = required.filter((option) => !unsupported.has(option.toLowerCase()));
    eased = withValues(eased, name, kept);
    leftOut.push(`${name}: ${refused.join(', ')}`.slice(0, MAX_NAMED));
  }
  return leftOut.length === 0 ? undefined : { request: eased, leftOut: leftOut.join(' and ') };
}

/** The request with these values alone in that header; without it when there are none. */
function withValues(request: SipRequest, name: string, values: readonly string[]): SipRequest {
  return values.length === 0 ? removeHeader(request, name) : setHeader(request, name, values.join(', '));
}

/**
 * The call for whoever refused all of it and is the last that can be asked: its session description alone, after a 424 without
 * any location as well. Help that has to ask where the caller is, is help. Undefined when nothing is left out by that, or
 * none of the refusals (statuses) speaks of what the call carries.
 */
export function bareCall(request: SipRequest, refusals: readonly number[]): EasedRequest | undefined {
  if (!refusals.some((status) => OF_CONTENT.has(status))) return undefined;
  const leftOut: string[] = [];
  let bare = request;
  if (refusals.includes(424) && headerValue(bare, 'Geolocation') !== undefined) {
    bare = removeHeader(removeHeader(bare, 'Geolocation'), 'Geolocation-Routing');
    leftOut.push('location');
  }
  if (request.body.length > 0 && !DESCRIPTION.test(headerValue(request, 'Content-Type') ?? 'application/sdp')) {
    bare = withDescriptionAlone(bare);
    leftOut.push('everything in its body but the session description');
  }
  return leftOut.length === 0 ? undefined : { request: bare, leftOut: leftOut.join(' and ') };
}

function withDescriptionAlone(request: SipRequest): SipRequest {
  const description = readBodyParts(request).find((part) => DESCRIPTION.test(partHeader(part, 'Content-Type') ?? ''));
  let bare: SipRequest = { ...request, body: description ? partContent(description) : NO_BODY };
  for (const name of BODY_HEADERS) {
    // A message has no transfer encoding (RFC 3261 §20): nobody would undo that of the part.
    const value = name === TRANSFER_ENCODING ? undefined : description && partHeader(description, name);
    bare = value === undefined ? removeHeader(bare, name) : setHeader(bare, name, value);
  }
  for (const name of ['Geolocation', 'Call-Info']) {
    const values = headerValues(bare, name);
    const kept = values.filter((value) => !CID.test(readNameAddr(value)?.uri ?? ''));
    if (kept.length < values.length) bare = withValues(bare, name, kept);
  }
  return bare;
}
