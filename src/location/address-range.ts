import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { readIpAddress } from '../wire/held/ip-text.ts';
import { type IpVersion, readIpWords, WORDS_OF } from './ip-words.ts';

/** A range of IP addresses; `text` is canonical: an address, a CIDR block, or `from-to`. Ends are inclusive. */
export type AddressRange = { version: IpVersion; text: string; first: Uint32Array; last: Uint32Array };

/** Of a range that somebody can have, the difference of the first 32 bits of its ends: a /8, of IPv6 a /16. */
const WIDEST = { 4: 0x00ff_ffff, 6: 0x0000_ffff } as const;

/** Whether a range answers for addresses of others: `0.0.0.0/0`, or more than anybody has. */
export function isTooWide({ version, first, last }: Pick<AddressRange, 'version' | 'first' | 'last'>): boolean {
  return (last[0] ?? 0) - (first[0] ?? 0) > WIDEST[version];
}

function wordsOf(text: string): { version: IpVersion; words: Uint32Array } | undefined {
  const words = new Uint32Array(4);
  let version = readIpWords(text, words);
  if (version === 0 && isIPv6(text)) {
    // Not canonical: an IPv4-mapped address.
    const address = readIpAddress(text)?.address;
    version = address === undefined ? 0 : readIpWords(address, words);
  }
  return version === 0 ? undefined : { version, words: words.subarray(0, WORDS_OF[version]) };
}

function compareWords(a: Uint32Array, b: Uint32Array): number {
  for (const [place, word] of a.entries()) {
    const difference = word - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The prefix length when the range is a whole CIDR block. */
function prefixOf(first: Uint32Array, last: Uint32Array): number | undefined {
  let prefix = 0;
  let inside = false;
  for (const [place, low] of first.entries()) {
    const high = last[place] ?? 0;
    const different = (low ^ high) >>> 0;
    if (inside && (low !== 0 || high !== 0xffffffff)) return undefined;
    if (inside) continue;
    const same = Math.clz32(different);
    prefix += same;
    if (same < 32) {
      inside = true;
      const mask = same === 0 ? 0xffffffff : 2 ** (32 - same) - 1;
      if (different !== mask || (low & mask) >>> 0 !== 0) return undefined;
    }
  }
  return prefix;
}

function blockEnds(start: { version: IpVersion; words: Uint32Array }, prefix: number): AddressRange {
  const first = Uint32Array.from(start.words);
  const last = Uint32Array.from(start.words);
  for (const place of first.keys()) {
    const bits = Math.min(32, Math.max(0, prefix - place * 32));
    const mask = bits === 32 ? 0 : 2 ** (32 - bits) - 1;
    first[place] = ((first[place] ?? 0) & ~mask) >>> 0;
    last[place] = ((last[place] ?? 0) | mask) >>> 0;
  }
  return { version: start.version, text: rangeText(start.version, first, last), first, last };
}

function addressText(version: IpVersion, words: Uint32Array): string {
  if (version === 4) {
    const word = words[0] ?? 0;
    return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.');
  }
  const parts = [...words].flatMap((word) => [word >>> 16, word & 65_535]);
  return new ipaddr.IPv6(parts).toRFC5952String();
}

/** Canonical text of the ends: the same range always reads the same. */
export function rangeText(version: IpVersion, first: Uint32Array, last: Uint32Array): string {
  const prefix = prefixOf(first, last);
  const from = addressText(version, first);
  if (prefix === undefined) return `${from}-${addressText(version, last)}`;
  return prefix === first.length * 32 ? from : `${from}/${prefix}`;
}

const PREFIX = /^\d{1,3}$/;

/**
 * Reads `10.1.2.3`, `10.1.2.0/24` (host bits may be set), `10.1.2.10-10.1.2.99` or the same in IPv6. Answers what is wrong
 * as text.
 */
export function readAddressRange(text: string): AddressRange | string {
  const trimmed = text.trim();
  if (trimmed.length > 100) return 'is too long for an address range';
  const slash = trimmed.indexOf('/');
  if (slash >= 0) {
    const start = wordsOf(trimmed.slice(0, slash).trim());
    const prefix = trimmed.slice(slash + 1).trim();
    if (start === undefined) return 'has no IP address before the /';
    const longest = start.words.length * 32;
    if (!PREFIX.test(prefix) || Number(prefix) > longest)
      return `has no prefix length from 0 to ${longest} after the /`;
    return blockEnds(start, Number(prefix));
  }
  const [fromText = '', toText, ...more] = trimmed.split('-');
  if (more.length > 0) return 'has more than one hyphen';
  const from = wordsOf(fromText.trim());
  const to = toText === undefined ? from : wordsOf(toText.trim());
  if (from === undefined || to === undefined) return 'is not an IP address, a CIDR block or from-to';
  if (from.version !== to.version) return 'mixes IPv4 and IPv6';
  if (compareWords(from.words, to.words) > 0) return 'ends before it starts';
  return {
    version: from.version,
    text: rangeText(from.version, from.words, to.words),
    first: from.words,
    last: to.words,
  };
}
