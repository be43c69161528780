import { headerValue, headerValues, type SipRequest } from '../wire/sip/message.ts';
import { type BodyPart, partHeader } from '../wire/sip/multipart.ts';
import { readNameAddrs } from '../wire/sip/name-addr.ts';
import { paramValue, readParams } from '../wire/sip/params.ts';
import type { CallRemarks } from './emergency-call.ts';

const MAX_REMARKS = 12;
const MAX_TEXT = 160;
const MAX_HOPS = 4;

/**
 * What a call says that decides nothing and belongs in its trace: who redirected it, what it asks to be kept private, whether
 * its location may be routed by, what was found wrong with it before, and additional data. Undefined when it says none.
 */
export function readCallRemarks(request: SipRequest, parts: readonly BodyPart[]): CallRemarks | undefined {
  const identity = [...redirections(request), ...privacy(request)];
  const location = [...routingPermission(request), ...locationError(request), ...additionalData(request, parts)];
  if (identity.length === 0 && location.length === 0) return undefined;
  return { identity: identity.slice(0, MAX_REMARKS).map(cut), location: location.slice(0, MAX_REMARKS).map(cut) };
}

function cut(text: string): string {
  return (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text).toWellFormed();
}

/** RFC 7044, and Diversion (RFC 5806) of the equipment that still writes it. */
function redirections(request: SipRequest): string[] {
  const remarks: string[] = [];
  for (const header of ['History-Info', 'Diversion'] as const) {
    const uris = readNameAddrs(request, header).map(({ uri }) => uri.slice(0, 64));
    if (uris.length === 0) continue;
    const more = uris.length > MAX_HOPS ? ` and ${uris.length - MAX_HOPS} more` : '';
    remarks.push(`${header} names ${uris.slice(0, MAX_HOPS).join(', ')}${more}`);
  }
  return remarks;
}

/** RFC 3323, RFC 3325 §9.3. */
function privacy(request: SipRequest): string[] {
  const asked = headerValues(request, 'Privacy').join(';');
  return asked === '' || /^none$/i.test(asked.trim())
    ? []
    : [`privacy is asked for (${asked}), which does not hide the caller of an emergency call`];
}

/** RFC 6442 §4.2 lets nobody route by a location without a yes; RFC 6881 SP-33.6 has emergency calls routed all the same. */
function routingPermission(request: SipRequest): string[] {
  if (headerValue(request, 'Geolocation') === undefined) return [];
  const values = headerValues(request, 'Geolocation-Routing');
  if (values.length === 1 && /^yes\b/i.test(values[0] ?? '')) return [];
  const said = values.length === 0 ? 'no Geolocation-Routing' : `Geolocation-Routing ${values.join(', ')}`;
  return [`${said}: an emergency call is routed by its location all the same`];
}

/** RFC 6442 §4.4: the class of an error that is not known by itself. */
const ERROR_CLASSES: Readonly<Record<string, string>> = {
  1: 'the location cannot be processed',
  2: 'permission to use the location is wanted',
  3: 'the reference could not be dereferenced',
};
const ERRORS: Readonly<Record<string, string>> = {
  201: 'permission to pass the location on is wanted',
  202: 'permission to route by the location is wanted',
};

/** A Geolocation-Error in words; for responses too. It blocks nothing (RFC 6881 SP-33.5). */
export function describeLocationError(value: string): string {
  const semicolon = value.indexOf(';');
  const code = (semicolon === -1 ? value : value.slice(0, semicolon)).trim();
  const text = semicolon === -1 ? undefined : paramValue(readParams(value.slice(semicolon + 1)), 'code');
  const meaning = ERRORS[code] ?? (/^\d{3}$/.test(code) ? ERROR_CLASSES[code.charAt(0)] : undefined);
  const words = meaning ?? (/^\d{1,3}$/.test(code) ? ERROR_CLASSES[1] : 'unreadable');
  return cut(`Geolocation-Error ${code.slice(0, 16)}: ${words}${text ? ` ("${text}")` : ''}`);
}

function locationError(request: SipRequest): string[] {
  const value = headerValue(request, 'Geolocation-Error');
  return value === undefined ? [] : [describeLocationError(value)];
}

const BLOCK_PURPOSE = /^EmergencyCallData\.([\w.-]{1,64})$/i;
const BLOCK_TYPE = /^application\/EmergencyCallData\.([\w.-]{1,64})\+xml\b/i;

/** RFC 7852 §6: blocks by reference and by value. They go on as they came. */
function additionalData(request: SipRequest, parts: readonly BodyPart[]): string[] {
  const blocks: string[] = [];
  for (const { uri, params } of readNameAddrs(request, 'Call-Info')) {
    const purpose = paramValue(params, 'purpose');
    const name = purpose === undefined ? undefined : BLOCK_PURPOSE.exec(purpose)?.[1];
    if (name !== undefined) blocks.push(`${name} ${/^cid:/i.test(uri) ? 'in the body' : 'by reference'}`);
  }
  for (const part of parts) {
    const name = BLOCK_TYPE.exec(partHeader(part, 'Content-Type') ?? '')?.[1];
    if (name !== undefined && !blocks.includes(`${name} in the body`)) blocks.push(`${name} in the body`);
  }
  return blocks.length === 0 ? [] : [`additional data passed on: ${blocks.slice(0, MAX_REMARKS).join(', ')}`];
}
