import type { CallAttempt } from '../../domain/call-record.ts';
import { headerValues, type SipHeader, type SipRequest, type SipResponse } from '../../wire/sip/message.ts';
import { hasParam } from '../../wire/sip/params.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { formatUri, readSipUri } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';

/** What our edits may add to a call, the most important first: what does not fit is left out from the end. */
const CONVEYED = [
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Geolocation',
  'Geolocation-Routing',
  'Call-Info',
  'Accept-Language',
] as const;
/** Of headers in one URI: devices have limits of their own for a Contact, and the response should fit into a datagram. */
const MAX_URI_HEADERS = 900;
const MAX_CONTACTS = 6;
const AGENT_PARAM = 'test-agent';

/** The answer of redirect mode, and what is kept of it. */
export type Redirection = { response: SipResponse; attempts: readonly CallAttempt[]; note: string };

/**
 * The 302 for a trunk whose SBC sends the calls itself (RFC 3261 §21.3.3): destinations as contacts in the order of their `q`
 * (§20.10), each with the headers that our edits added, so that the SBC's INVITE carries them (§19.1.1). For an SBC that does
 * not take headers out of a URI they stand in the response as well.
 */
export function redirect(
  received: SipRequest,
  edited: SipRequest,
  candidates: readonly Candidate[],
  toTag: string,
): Redirection {
  const added = addedHeaders(received, edited);
  const fitting = fittingHeaders(added);
  const shown = firstOf(withoutRepeats(candidates));
  const contacts = shown.map(({ uri }, position) => `<${withHeaders(uri, fitting)}>;q=${qualityOf(position)}`);
  const headers: SipHeader[] = [...contacts.map((value) => ({ name: 'Contact', value })), ...added];
  const attempts = shown.map(
    ({ uri, name }) => ({ uri, name, outcome: 'offered', status: 302, durationMs: 0 }) as const,
  );
  const leftOut = added.length - fitting.length;
  return {
    response: createResponse(received, 302, undefined, { toTag, headers }),
    attempts,
    note: `${shown.length} contact(s) with ${fitting.length} header(s)${leftOut > 0 ? `, ${leftOut} too large for a URI` : ''}`,
  };
}

/** The 302 that leads a test call to our own agent; the INVITE that follows is known by the contact's URI. */
export function redirectToAgent(received: SipRequest, agentContact: string, toTag: string): SipResponse {
  return createResponse(received, 302, undefined, { toTag, headers: [{ name: 'Contact', value: agentContact }] });
}

/** A Contact of ours by which a redirected test call is known when it comes back. */
export function agentContact(contact: string): string {
  return contact.replace(/>$/, `;${AGENT_PARAM}>`);
}

/** Whether the Request-URI is such a Contact's. */
export function isForAgent(uriText: string): boolean {
  const uri = readSipUri(uriText);
  return uri !== undefined && hasParam(uri.params, AGENT_PARAM);
}

/** Values that the call has now and had not when it came. Bodies stay with the SBC, so no `cid:` goes along. */
function addedHeaders(received: SipRequest, edited: SipRequest): SipHeader[] {
  const added: SipHeader[] = [];
  for (const name of CONVEYED) {
    const before = new Set(headerValues(received, name));
    for (const value of headerValues(edited, name)) {
      if (!before.has(value) && !/^<cid:/i.test(value)) added.push({ name, value });
    }
  }
  return added;
}

function fittingHeaders(headers: readonly SipHeader[]): SipHeader[] {
  const fitting: SipHeader[] = [];
  let length = 0;
  for (const header of headers) {
    length += escaped(header).length + 1;
    if (length > MAX_URI_HEADERS) break;
    fitting.push(header);
  }
  return fitting;
}

function withHeaders(uriText: string, headers: readonly SipHeader[]): string {
  const uri = readSipUri(uriText);
  if (!uri) return uriText;
  const text = headers.map(escaped).join('&');
  return formatUri({ ...uri, headers: text === '' ? undefined : text });
}

/** `hname=hvalue` of RFC 3261 §25.1: what is neither unreserved nor of `[]/?:+$` is escaped. */
function escaped({ name, value }: SipHeader): string {
  const text = Array.from(Buffer.from(value, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9\-_.!~*'()[\]/?:+$]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return `${name}=${text.join('')}`;
}

/** 1.0, 0.9 …: an SBC that follows RFC 3261 §16.5 tries them in this order. */
function qualityOf(position: number): string {
  return (1 - position / 10).toFixed(1);
}

/** As many as a 302 holds; however many a PSAP has, the relay centre is among them. */
function firstOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const shown = candidates.slice(0, MAX_CONTACTS);
  const relay = candidates.find(({ kind }) => kind === 'relay');
  return relay === undefined || shown.includes(relay) ? shown : [...shown.slice(0, -1), relay];
}

function withoutRepeats(candidates: readonly Candidate[]): Candidate[] {
  const uris = new Set<string>();
  return candidates.filter(({ uri }) => !uris.has(uri) && uris.add(uri));
}
