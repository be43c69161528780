import { readE164 } from '../domain/phone-number.ts';
import { errorText } from '../support/error-text.ts';
import { decodePresence, preferredLocation } from '../wire/pidf-lo/pidf-lo.ts';
import type { SipRequest } from '../wire/sip/message.ts';
import { headerValue, headerValues } from '../wire/sip/message.ts';
import { type BodyPart, findPartByCid, partHeader, readBodyParts } from '../wire/sip/multipart.ts';
import { type NameAddr, readNameAddr, readNameAddrs } from '../wire/sip/name-addr.ts';
import { partContent } from '../wire/sip/part-content.ts';
import { readUri, unescapeUriText, withoutVisualSeparators } from '../wire/sip/uri.ts';
import { readCallRemarks } from './call-remarks.ts';
import type { CallIdentity, ConveyedLocation, EmergencyCall } from './emergency-call.ts';
import type { ServiceNumber } from './service-number.ts';
import { type IdentityHeader, TRUNK_DEFAULTS, type Trunk, type TrunkPeer } from './trunk.ts';

const MAX_LOCATIONS = 8;
const MAX_IDENTITIES = 8;
const MAX_TEXT = 256;

/**
 * Reads from an INVITE what the decision needs, by the header habits of the trunk it came from. Never throws: what is
 * unreadable becomes a note.
 */
export function readEmergencyCall(
  request: SipRequest,
  service: ServiceNumber,
  peer: TrunkPeer,
  isOwnReference: (uri: string) => boolean,
  trunk: Pick<Trunk, 'identityHeaders' | 'deviceHeader'> = TRUNK_DEFAULTS,
): EmergencyCall {
  const parts = readBodyParts(request);
  const device = readDevice(request, trunk.deviceHeader);
  const remarks = readCallRemarks(request, parts);
  return {
    service,
    requestUri: request.uri,
    peer,
    identities: readIdentities(request, trunk.identityHeaders),
    conveyed: readConveyed(request, parts, isOwnReference),
    ...(device !== undefined && { device }),
    ...(remarks !== undefined && { remarks }),
  };
}

function readIdentities(request: SipRequest, headers: readonly IdentityHeader[]): CallIdentity[] {
  const identities: CallIdentity[] = [];
  for (const header of headers) {
    for (const value of headerValues(request, header)) {
      if (identities.length >= MAX_IDENTITIES) return identities;
      const nameAddr = readNameAddr(value) ?? (header.startsWith('X-') ? bareNumber(value) : undefined);
      if (nameAddr) identities.push(toIdentity(header, nameAddr));
    }
  }
  return identities;
}

/** Headers of a vendor's own often carry the digits alone. */
function bareNumber(value: string): NameAddr | undefined {
  const text = value.trim();
  return /^\+?[0-9().\- ]{2,20}$/.test(text) ? { uri: `tel:${text.replaceAll(' ', '')}`, params: [] } : undefined;
}

const MAX_DEVICE = 128;

/** What the trunk says the device is: a MAC address or an id, bare or in a URI or in quotes. */
function readDevice(request: SipRequest, header: string | null): string | undefined {
  const text = header === null ? undefined : headerValue(request, header);
  if (text === undefined) return undefined;
  const device = (readNameAddr(text)?.uri ?? text).trim().replace(/^"(.*)"$/, '$1');
  return device === '' || device.length > MAX_DEVICE ? undefined : device;
}

function toIdentity(header: CallIdentity['header'], { uri, displayName }: NameAddr): CallIdentity {
  return {
    header,
    uri: uri.slice(0, MAX_TEXT),
    number: readCallerNumber(uri),
    displayName: displayName?.slice(0, MAX_TEXT).toWellFormed() || null,
  };
}

const EXTENSION = /^[0-9]{2,10}$/;

/** E.164 when the user part is a number that can be called, the bare digits of an extension otherwise; else null. */
export function readCallerNumber(uriText: string): string | null {
  const uri = readUri(uriText);
  if (!uri || uri.kind === 'other') return null;
  const written = uri.kind === 'tel' ? uri.number : unescapeUriText(uri.user ?? '');
  const digits = withoutVisualSeparators(written.split(';', 1)[0] ?? '');
  if (/^\+[0-9]{7,15}$/.test(digits)) return readE164(digits) ?? digits;
  if (/^1?[2-9][0-9]{9}$/.test(digits)) return readE164(digits);
  return EXTENSION.test(digits) ? digits : null;
}

function readConveyed(
  request: SipRequest,
  parts: readonly BodyPart[],
  isOwnReference: (uri: string) => boolean,
): ConveyedLocation[] {
  const used = new Set<BodyPart>();
  const conveyed: ConveyedLocation[] = [];
  for (const { uri } of readNameAddrs(request, 'Geolocation')) {
    if (conveyed.length >= MAX_LOCATIONS) break;
    if (!/^cid:/i.test(uri)) {
      conveyed.push(readReference(uri, isOwnReference));
      continue;
    }
    const part = findPartByCid(parts, uri);
    if (part) used.add(part);
    conveyed.push(part ? readBody(part, uri) : { uri, form: 'value', value: null, note: 'no body part has that id' });
  }
  // A location body that no header points at is lenient reading: it can only help.
  for (const part of parts) {
    if (conveyed.length >= MAX_LOCATIONS) break;
    if (!used.has(part) && isLocationBody(part)) conveyed.push(readBody(part, null));
  }
  return conveyed;
}

function readReference(uri: string, isOwnReference: (uri: string) => boolean): ConveyedLocation {
  try {
    if (isOwnReference(uri)) return { uri, form: 'own', value: null, note: '' };
  } catch (error) {
    return { uri, form: 'foreign', value: null, note: `could not be looked up: ${errorText(error)}` };
  }
  const note = /^https?:/i.test(uri)
    ? 'a reference that is not ours'
    : 'a reference that only a subscription could follow (RFC 3856); passed on';
  return { uri, form: 'foreign', value: null, note };
}

function isLocationBody(part: BodyPart): boolean {
  return /^application\/pidf\+xml\b/i.test(partHeader(part, 'Content-Type') ?? '');
}

function readBody(part: BodyPart, uri: string | null): ConveyedLocation {
  try {
    const document = decodePresence(withoutLeadingBlanks(partContent(part)));
    const value = preferredLocation(document) ?? null;
    const count = document.locations.length;
    const chosen = value && count > 1 ? [`of ${count} locations the first of its ${value.element ?? 'tuple'}s`] : [];
    const note = [...chosen, ...document.notes.slice(0, 4)].join('; ');
    return { uri, form: 'value', value, note: value ? note : note || 'no location in it' };
  } catch (error) {
    return { uri, form: 'value', value: null, note: `unreadable: ${errorText(error)}` };
  }
}

/** Senders leave one empty line too many above a document, and XML allows nothing before its declaration. */
function withoutLeadingBlanks(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0x20 && (byte < 0x09 || byte > 0x0d));
  return start <= 0 ? bytes : bytes.subarray(start);
}

/** Whether the request belongs to a dialog that stands already (RFC 3261 §12.2). */
export function isInDialog(request: SipRequest): boolean {
  const to = headerValue(request, 'To');
  const nameAddr = to === undefined ? undefined : readNameAddr(to);
  return nameAddr?.params.some(({ name }) => name.toLowerCase() === 'tag') ?? false;
}
