import ipaddr from 'ipaddr.js';

/** An IP address in its canonical text (RFC 5952; an IPv4-mapped one as IPv4); undefined when it is none. */
export function readIpAddress(text: string): { version: 4 | 6; address: string } | undefined {
  if (text.length > 64) return undefined;
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return { version: 4, address: bare };
  // A zone (`%eth0`) means something on the sender's machine only.
  if (bare.includes('%') || !ipaddr.IPv6.isValid(bare)) return undefined;
  const parsed = ipaddr.IPv6.parse(bare);
  return parsed.isIPv4MappedAddress()
    ? { version: 4, address: parsed.toIPv4Address().toString() }
    : { version: 6, address: parsed.toRFC5952String() };
}

/** Four or sixteen octets as address text; undefined for another number. */
export function ipAddressOfOctets(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) return undefined;
  return readIpAddress(new ipaddr.IPv6([...octets]).toString())?.address;
}
