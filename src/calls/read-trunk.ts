import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import { readSipUri } from '../wire/sip/uri.ts';
import { isBarredContact, type MayReachTrunk } from './resolve-trunk.ts';
import {
  type CallbackHeader,
  type IdentityHeader,
  TRUNK_DEFAULTS,
  TRUNK_MODES,
  type Trunk,
  type TrunkMode,
} from './trunk.ts';
import { canonicalBlock, canonicalPeerName, isTooWide } from './trunk-index.ts';

/** A trunk as an administrator describes it; at least one address or TLS name. */
export type NewTrunk = {
  name: string;
  /** Up to 64 addresses or CIDR blocks, IPv4 (/8 or narrower) or IPv6 (/16 or narrower). */
  addresses?: readonly string[] | undefined;
  /** Source port; absent or null = any. */
  port?: number | null | undefined;
  /** Up to 64 names of its client certificate: DNS names or SIP URIs without user. */
  tlsNames?: readonly string[] | undefined;
  /** `proxy` unless told. */
  mode?: TrunkMode | undefined;
  identityHeaders?: readonly string[] | undefined;
  /** An `X-` header. */
  deviceHeader?: string | null | undefined;
  callbackHeaders?: readonly string[] | undefined;
  /** Needs a `contactUri`. */
  isMonitored?: boolean | undefined;
  /** `sip:` or `sips:` URI. */
  contactUri?: string | null | undefined;
};

/** What is absent stays. */
export type TrunkChanges = Partial<NewTrunk>;

export const MAX_TRUNK_NAME = 80;
export const MAX_TRUNK_PEERS = 64;
export const MAX_TRUNK_HEADERS = 8;
const MAX_CONTACT_URI = 255;

const IDENTITY_HEADERS = ['P-Asserted-Identity', 'P-Preferred-Identity', 'From', 'Remote-Party-ID'] as const;
const CALLBACK_HEADERS = ['P-Asserted-Identity', 'From', 'P-Preferred-Identity'] as const;
const DNS_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const OWN_HEADER = /^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}$/i;

/** The trunk that a description means, in canonical form. Throws `invalid` with every field at fault. */
export function readTrunk(
  owner: { id: string; organizationId: string },
  wanted: NewTrunk,
  mayReach: MayReachTrunk = () => true,
): Trunk {
  const faults = createFieldFaults();
  const trunk: Trunk = {
    ...owner,
    name: readName(wanted.name, faults),
    addresses: readAddresses(wanted.addresses ?? [], faults),
    port: wanted.port ?? null,
    tlsNames: readTlsNames(wanted.tlsNames ?? [], faults),
    mode: wanted.mode ?? TRUNK_DEFAULTS.mode,
    identityHeaders: readIdentityHeaders(wanted.identityHeaders ?? TRUNK_DEFAULTS.identityHeaders, faults),
    deviceHeader: readDeviceHeader(wanted.deviceHeader ?? null, faults),
    callbackHeaders: readCallbackHeaders(wanted.callbackHeaders ?? TRUNK_DEFAULTS.callbackHeaders, faults),
    isMonitored: wanted.isMonitored ?? TRUNK_DEFAULTS.isMonitored,
    contactUri: readContactUri(wanted.contactUri ?? null, mayReach, faults),
  };
  if ((wanted.addresses ?? []).length === 0 && (wanted.tlsNames ?? []).length === 0) {
    faults.add(
      'addresses',
      'needs at least one entry, or tlsNames does: nothing else tells this trunk from a stranger',
    );
  }
  const { port } = trunk;
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    faults.add('port', 'needs 1 to 65535, or null for any');
  } else if (port !== null && (wanted.addresses ?? []).length === 0) {
    faults.add('port', 'means nothing without addresses: a TLS peer may come from any port');
  }
  if (!TRUNK_MODES.includes(trunk.mode)) faults.add('mode', `needs one of ${TRUNK_MODES.join(', ')}`);
  if (trunk.isMonitored && trunk.contactUri === null) faults.add('isMonitored', 'needs a contactUri to probe');
  faults.throwIfAny();
  return trunk;
}

function readName(text: string, faults: FieldFaults): string {
  const name = text.trim();
  if (name === '' || name.length > MAX_TRUNK_NAME) faults.add('name', `needs 1 to ${MAX_TRUNK_NAME} characters`);
  return name;
}

function readAddresses(texts: readonly string[], faults: FieldFaults): string[] {
  if (texts.length > MAX_TRUNK_PEERS) faults.add('addresses', `takes ${MAX_TRUNK_PEERS} entries at most`);
  const blocks = texts.map((text, index) => {
    const block = canonicalBlock(text);
    if (block === undefined) faults.add(`addresses.${index}`, 'is no IP address or CIDR block');
    else if (isTooWide(block)) faults.add(`addresses.${index}`, 'is wider than a /8 (IPv6: a /16)');
    return block ?? '';
  });
  return [...new Set(blocks)].sort();
}

/** RFC 5922 §7.1: a DNS name, or a SIP URI without user; §7.2: a wildcard matches nothing. */
function readTlsNames(texts: readonly string[], faults: FieldFaults): string[] {
  if (texts.length > MAX_TRUNK_PEERS) faults.add('tlsNames', `takes ${MAX_TRUNK_PEERS} entries at most`);
  const names = texts.map((text, index) => {
    const name = canonicalPeerName(text.trim());
    if (name.includes('*')) faults.add(`tlsNames.${index}`, 'has a wildcard, which no SIP peer is known by');
    else if (canonicalBlock(name) !== undefined)
      faults.add(`tlsNames.${index}`, 'is an address: it belongs in addresses');
    else if (!DNS_NAME.test(name)) faults.add(`tlsNames.${index}`, 'is no DNS name and no SIP URI without user');
    return name;
  });
  return [...new Set(names)].sort();
}

function readIdentityHeaders(texts: readonly string[], faults: FieldFaults): IdentityHeader[] {
  if (texts.length === 0 || texts.length > MAX_TRUNK_HEADERS) {
    faults.add('identityHeaders', `needs 1 to ${MAX_TRUNK_HEADERS} entries`);
  }
  const headers = texts.map((text, index): IdentityHeader => {
    const known = IDENTITY_HEADERS.find((name) => name.toLowerCase() === text.toLowerCase());
    if (known !== undefined) return known;
    if (!OWN_HEADER.test(text)) {
      faults.add(`identityHeaders.${index}`, `needs one of ${IDENTITY_HEADERS.join(', ')} or an X- header`);
    }
    return `X-${text.slice(2)}`;
  });
  return [...new Set(headers)];
}

function readCallbackHeaders(texts: readonly string[], faults: FieldFaults): CallbackHeader[] {
  if (texts.length === 0) faults.add('callbackHeaders', 'needs at least one entry: a PSAP has to call back');
  const headers = texts.map((text, index): CallbackHeader => {
    const known = CALLBACK_HEADERS.find((name) => name.toLowerCase() === text.toLowerCase());
    if (known === undefined) faults.add(`callbackHeaders.${index}`, `needs one of ${CALLBACK_HEADERS.join(', ')}`);
    return known ?? 'P-Asserted-Identity';
  });
  return [...new Set(headers)];
}

function readDeviceHeader(text: string | null, faults: FieldFaults): string | null {
  if (text === null) return null;
  if (!OWN_HEADER.test(text)) faults.add('deviceHeader', 'needs the name of an X- header');
  return `X-${text.slice(2)}`;
}

function readContactUri(text: string | null, mayReach: MayReachTrunk, faults: FieldFaults): string | null {
  if (text === null) return null;
  const uri = text.trim();
  const read = uri.length > MAX_CONTACT_URI ? undefined : readSipUri(uri);
  if (!read || read.headers !== undefined) faults.add('contactUri', 'needs a sip: or sips: URI without headers');
  else if (isBarredContact(uri, mayReach)) {
    faults.add('contactUri', 'is inside a network where no trunk may be (WAYMARK_TRUNK_NETWORKS)');
  }
  return uri;
}
