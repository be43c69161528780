import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Names of a certificate beyond these are not looked at. */
const MAX_NAMES = 64;
const ALTERNATIVE = /(?:^|, )(DNS|URI|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g;

/**
 * The SIP domains for which a certificate speaks (RFC 5922 §7.1), in lower case: its dNSNames, its `sip:` URIs without a user,
 * and its addresses, which have to do where a URI names nothing else. The common name does not count.
 */
export function readPeerNames(certificate: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  const names = new Set<string>();
  for (const [, kind, text = ''] of (certificate.subjectAltName ?? '').matchAll(ALTERNATIVE)) {
    if (names.size >= MAX_NAMES) break;
    if (isQuoted(text)) continue;
    const value = text.toLowerCase();
    const name = kind === 'URI' ? /^sip:([^@;?:[\]]+)$/.exec(value)?.[1] : kind === 'DNS' ? value : canonical(value);
    if (name !== undefined && name !== '') names.add(name);
  }
  return [...names];
}

/** Whether these names speak for a host: equal, in any case; a wildcard matches nothing but itself (RFC 5922 §7.2). */
export function speaksFor(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return names.includes(isIP(wanted) === 0 ? wanted.replace(/\.$/, '') : canonical(wanted));
}

/** Where a value has a character that could forge a list, Node writes it as JSON: no name of a peer has one. */
function isQuoted(text: string): boolean {
  return text.startsWith('"');
}

function canonical(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : address;
}
