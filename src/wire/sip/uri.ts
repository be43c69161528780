import { formatHostPort, readHostPort } from './host-port.ts';
import { formatParams, hasParam, NO_PARAMS, type Param, paramValue, readParams } from './params.ts';
import { remembering } from './remembering.ts';

/** `sip:` and `sips:` (RFC 3261 §19.1). `user` and `password` are escaped as on the wire; IPv6 hosts have no brackets. */
export type SipUri = {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
  readonly params: readonly Param[];
  /** What follows `?`, as on the wire. */
  readonly headers?: string | undefined;
};

/** `tel:` (RFC 3966). `number` as written, visual separators included. */
export type TelUri = {
  readonly kind: 'tel';
  readonly scheme: 'tel';
  readonly number: string;
  readonly params: readonly Param[];
};

/** Any other URI (`urn:`, `cid:`, `https:` …): `rest` is what follows the colon. */
export type OtherUri = { readonly kind: 'other'; readonly scheme: string; readonly rest: string };

export type Uri = SipUri | TelUri | OtherUri;

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#[\]|^{}`"\\]|[\u0080-\uffff]|%[0-9A-Fa-f]{2}|%(?![0-9A-Fa-f]{2}))*$/;
const MAX_URI_LENGTH = 8192;

/** Reads a URI; undefined when it is none (no scheme, spaces inside, unreadable host or number). */
export const readUri: (text: string) => Uri | undefined = remembering(parseUri);

function parseUri(text: string): Uri | undefined {
  if (text.length > MAX_URI_LENGTH || hasSpaceOrControl(text)) return undefined;
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const rest = text.slice(colon + 1);
  if (rest === '') return undefined;
  if (scheme === 'sip' || scheme === 'sips') return readSipRest(scheme, rest);
  if (!SCHEME.test(scheme)) return undefined;
  if (scheme === 'tel') return readTelRest(rest);
  return { kind: 'other', scheme, rest };
}

/** Like readUri, for those who need a SIP or SIPS URI. */
export function readSipUri(text: string): SipUri | undefined {
  const uri = readUri(text);
  return uri?.kind === 'sip' ? uri : undefined;
}

function hasSpaceOrControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code === 0x3c || code === 0x3e) return true;
  }
  return false;
}

function readSipRest(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  const at = rest.indexOf('@');
  const userInfo = at === -1 ? undefined : rest.slice(0, at);
  const afterUser = rest.slice(at + 1);
  const question = afterUser.indexOf('?');
  const beforeHeaders = question === -1 ? afterUser : afterUser.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const hostPort = readHostPort(semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon));
  if (!hostPort) return undefined;
  let user: string | undefined;
  let password: string | undefined;
  if (userInfo !== undefined) {
    const colon = userInfo.indexOf(':');
    user = colon === -1 ? userInfo : userInfo.slice(0, colon);
    password = colon === -1 ? undefined : userInfo.slice(colon + 1);
    if (user === '' || !USER.test(user)) return undefined;
  }
  return {
    kind: 'sip',
    scheme,
    user,
    password,
    host: hostPort.host,
    port: hostPort.port,
    params: semicolon === -1 ? NO_PARAMS : readParams(beforeHeaders.slice(semicolon + 1)),
    headers: question === -1 ? undefined : afterUser.slice(question + 1),
  };
}

function readTelRest(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';');
  const number = semicolon === -1 ? rest : rest.slice(0, semicolon);
  if (!/^\+?[0-9A-Fa-f*#().-]+$/.test(number)) return undefined;
  return {
    kind: 'tel',
    scheme: 'tel',
    number,
    params: semicolon === -1 ? NO_PARAMS : readParams(rest.slice(semicolon + 1)),
  };
}

export function formatUri(uri: Uri): string {
  if (uri.kind === 'other') return `${uri.scheme}:${uri.rest}`;
  if (uri.kind === 'tel') return `tel:${uri.number}${formatParams(uri.params)}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const userInfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  const hostPort = formatHostPort({ host: uri.host, port: uri.port });
  return `${uri.scheme}:${userInfo}${hostPort}${formatParams(uri.params)}${headers}`;
}

/** `%41` -> `A`, as UTF-8; sequences that are no escape stay as they are. */
export function unescapeUriText(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Escapes what the user part of a SIP URI may not carry (RFC 3261 §25.1 `user`). */
export function escapeUser(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9\-_.!~*'()&=+$,;?/]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** A tel number or SIP user without visual separators (RFC 3966 §5.1.1): `+1-(214)-555` -> `+1214555`. */
export function withoutVisualSeparators(number: string): string {
  return number.replace(/[-.()]/g, '');
}

/** Parameters that make two URIs different when only one has them (RFC 3261 §19.1.4). */
const DISTINGUISHING_PARAMS = ['user', 'ttl', 'method', 'maddr', 'transport'] as const;

/** Whether two URIs are equivalent (RFC 3261 §19.1.4, RFC 3966 §4, RFC 8141 §3.1 for `urn:`). */
export function equalUris(left: Uri, right: Uri): boolean {
  if (left.kind === 'sip' && right.kind === 'sip') {
    return (
      left.scheme === right.scheme &&
      canonicalEscapes(left.user) === canonicalEscapes(right.user) &&
      canonicalEscapes(left.password) === canonicalEscapes(right.password) &&
      left.host.toLowerCase() === right.host.toLowerCase() &&
      left.port === right.port &&
      DISTINGUISHING_PARAMS.every((name) => hasParam(left.params, name) === hasParam(right.params, name)) &&
      sharedParamsAgree(left.params, right.params) &&
      sortedHeaders(left.headers) === sortedHeaders(right.headers)
    );
  }
  if (left.kind === 'tel' && right.kind === 'tel') {
    return (
      withoutVisualSeparators(left.number).toLowerCase() === withoutVisualSeparators(right.number).toLowerCase() &&
      left.params.length === right.params.length &&
      left.params.every(({ name }) => hasParam(right.params, name.toLowerCase())) &&
      sharedParamsAgree(left.params, right.params)
    );
  }
  if (left.kind === 'other' && right.kind === 'other') {
    if (left.scheme !== right.scheme) return false;
    return left.scheme === 'urn' ? left.rest.toLowerCase() === right.rest.toLowerCase() : left.rest === right.rest;
  }
  return false;
}

/** Escapes in one spelling: unreserved characters plain, others in upper-case hex (RFC 3261 §19.1.4). */
function canonicalEscapes(text: string | undefined): string | undefined {
  return text?.replace(/%([0-9A-Fa-f]{2})/g, (escape, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(char) ? char : escape.toUpperCase();
  });
}

function sharedParamsAgree(left: readonly Param[], right: readonly Param[]): boolean {
  return left.every((param) => {
    const other = paramValue(right, param.name.toLowerCase());
    const own = paramValue(left, param.name.toLowerCase());
    return other === undefined || unescapeUriText(other).toLowerCase() === unescapeUriText(own ?? '').toLowerCase();
  });
}

function sortedHeaders(headers: string | undefined): string | undefined {
  return headers
    ?.split('&')
    .map((header) => canonicalEscapes(header))
    .sort()
    .join('&');
}
