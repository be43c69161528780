/** Compact forms (RFC 3261 §7.3.3 and the IANA registry of header fields). */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/** Headers whose value is a comma-separated list, so that `A: 1, 2` equals two fields (RFC 3261 §7.3.1, §20). */
const LIST_HEADERS = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Resource-Priority',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Call-Info',
  'Contact',
  'Content-Encoding',
  'Content-Language',
  'Diversion',
  'Error-Info',
  'Geolocation',
  'History-Info',
  'In-Reply-To',
  'P-Asserted-Identity',
  'P-Associated-URI',
  'P-Preferred-Identity',
  'P-Visited-Network-ID',
  'Path',
  'Permission-Missing',
  'Proxy-Require',
  'Reason',
  'Record-Route',
  'Recv-Info',
  'Reject-Contact',
  'Request-Disposition',
  'Require',
  'Resource-Priority',
  'Route',
  'Security-Client',
  'Security-Server',
  'Security-Verify',
  'Service-Route',
  'Supported',
  'Unsupported',
  'Via',
  'Warning',
] as const;

const SINGLE_HEADERS = [
  'Answer-Mode',
  'Authentication-Info',
  'Authorization',
  'Call-ID',
  'Content-Disposition',
  'Content-ID',
  'Content-Length',
  'Content-Transfer-Encoding',
  'Content-Type',
  'CSeq',
  'Date',
  'Event',
  'Expires',
  'Feature-Caps',
  'Flow-Timer',
  'From',
  'Geolocation-Error',
  'Geolocation-Routing',
  'Identity',
  'Identity-Info',
  'Info-Package',
  'Join',
  'Max-Breadth',
  'Max-Forwards',
  'MIME-Version',
  'Min-Expires',
  'Min-SE',
  'Organization',
  'P-Access-Network-Info',
  'P-Charging-Function-Addresses',
  'P-Charging-Vector',
  'P-Early-Media',
  'Priority',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'RAck',
  'Refer-Sub',
  'Refer-To',
  'Referred-By',
  'Remote-Party-ID',
  'Replaces',
  'Reply-To',
  'Retry-After',
  'RSeq',
  'Server',
  'Session-Expires',
  'Session-ID',
  'SIP-ETag',
  'SIP-If-Match',
  'Subject',
  'Subscription-State',
  'Target-Dialog',
  'Timestamp',
  'To',
  'User-Agent',
  'User-to-User',
  'WWW-Authenticate',
] as const;

const LIST_HEADER_SET: ReadonlySet<string> = new Set(LIST_HEADERS);

/** Keyed by the canonical spelling and by lower case, so that the usual spelling needs no case folding. */
const CANONICAL_NAMES: ReadonlyMap<string, string> = new Map([
  ...[...LIST_HEADERS, ...SINGLE_HEADERS].flatMap((name): [string, string][] => [
    [name, name],
    [name.toLowerCase(), name],
  ]),
  ...Object.entries(COMPACT_FORMS),
]);

/** Canonical names by length and first letter, so that one is found without cutting it out of its message. */
const NAMES_BY_SHAPE: ReadonlyMap<number, readonly string[]> = Map.groupBy(
  [...LIST_HEADERS, ...SINGLE_HEADERS],
  (name) => shapeOf(name.length, name.charCodeAt(0)),
);

function shapeOf(length: number, firstCode: number): number {
  return length * 0x100 + firstCode;
}

/** The known name that stands canonically spelled between two places of a head; undefined when it is another one. */
export function canonicalNameAt(codes: Uint8Array, start: number, end: number): string | undefined {
  const names = NAMES_BY_SHAPE.get(shapeOf(end - start, codes[start] ?? 0));
  if (names === undefined) return undefined;
  for (const name of names) {
    let at = 1;
    while (at < name.length && codes[start + at] === name.charCodeAt(at)) at++;
    if (at === name.length) return name;
  }
  return undefined;
}

/** The canonical spelling of a known name or compact form, in any case; undefined when the name is not known. */
export function knownHeaderName(name: string): string | undefined {
  return CANONICAL_NAMES.get(name) ?? CANONICAL_NAMES.get(name.toLowerCase());
}

/** The canonical spelling of a known name or compact form, in any case; unknown names come back as given. */
export function canonicalHeaderName(name: string): string {
  return knownHeaderName(name) ?? name;
}

/** Whether a header (canonical spelling) carries a comma-separated list. */
export function isListHeader(canonicalName: string): boolean {
  return LIST_HEADER_SET.has(canonicalName);
}
