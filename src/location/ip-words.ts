/** IP addresses as 32-bit words, most significant first: one word for version 4, four for version 6. */
export type IpVersion = 4 | 6;

export const WORDS_OF: Readonly<Record<IpVersion, 1 | 4>> = { 4: 1, 6: 4 };

const DOT = 46;
const COLON = 58;
const ZERO = 48;
const NINE = 57;

/**
 * Reads an address in canonical text (RFC 5952 for version 6) into `words`; 0 when it is none. Allocates nothing: it is
 * called for every address of every HELD request.
 */
export function readIpWords(text: string, words: Uint32Array): IpVersion | 0 {
  for (let at = 0; at < text.length && at < 5; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) return readIpv4Words(text, words);
    if (code === COLON) return readIpv6Words(text, words);
  }
  return 0;
}

function readIpv4Words(text: string, words: Uint32Array): 4 | 0 {
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || dots === 3) return 0;
      word = word * 256 + octet;
      octet = 0;
      digits = 0;
      dots += 1;
    } else if (code >= ZERO && code <= NINE) {
      octet = octet * 10 + (code - ZERO);
      digits += 1;
      if (digits > 3 || octet > 255) return 0;
    } else {
      return 0;
    }
  }
  if (dots !== 3 || digits === 0) return 0;
  words[0] = word * 256 + octet;
  return 4;
}

function hexValue(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const groups = new Uint16Array(8);

function readIpv6Words(text: string, words: Uint32Array): 6 | 0 {
  let count = 0;
  let gapAt = -1;
  let at = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return 0;
    gapAt = 0;
    at = 2;
  }
  while (at < text.length) {
    const groupStart = at;
    let value = 0;
    for (
      let digit = hexValue(text.charCodeAt(at));
      at < text.length && digit >= 0;
      digit = hexValue(text.charCodeAt(at))
    ) {
      value = value * 16 + digit;
      at += 1;
    }
    if (at === groupStart || at - groupStart > 4 || count === 8) return 0;
    groups[count] = value;
    count += 1;
    if (at === text.length) break;
    if (text.charCodeAt(at) !== COLON) return 0;
    at += 1;
    if (at === text.length) return 0;
    if (text.charCodeAt(at) === COLON) {
      if (gapAt >= 0) return 0;
      gapAt = count;
      at += 1;
    }
  }
  if (gapAt < 0 ? count !== 8 : count > 7) return 0;
  const missing = 8 - count;
  for (let word = 0; word < 4; word += 1) {
    words[word] = groupAt(word * 2, gapAt, missing) * 65_536 + groupAt(word * 2 + 1, gapAt, missing);
  }
  return 6;
}

function groupAt(place: number, gapAt: number, missing: number): number {
  if (gapAt < 0 || place < gapAt) return groups[place] ?? 0;
  if (place < gapAt + missing) return 0;
  return groups[place - missing] ?? 0;
}

/**
 * True for addresses that mean something only inside somebody's network: private, shared (RFC 6598), link-local,
 * loopback, unique local.
 */
export function isPrivateIp(version: IpVersion, words: Uint32Array): boolean {
  const first = words[0] ?? 0;
  if (version === 4) {
    const high = first >>> 24;
    return (
      high === 10 ||
      high === 127 ||
      first >>> 20 === 0xac1 ||
      first >>> 16 === 0xc0a8 ||
      first >>> 22 === 0x191 ||
      first >>> 16 === 0xa9fe
    );
  }
  if (first >>> 25 === 0x7e || first >>> 22 === 0x3fa) return true;
  return first === 0 && words[1] === 0 && words[2] === 0 && words[3] === 1;
}
