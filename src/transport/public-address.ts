import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address is one of the public Internet: neither loopback, private, shared (RFC 6598), link-local, multicast
 * nor reserved, nor one that leads to such an IPv4 address by mapping, NAT64, 6to4 or Teredo. False for what is no address.
 */
export function isPublicAddress(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).range() === 'unicast';
  if (!ipaddr.IPv6.isValid(text)) return false;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().range() === 'unicast';
  // 2000::/3 is all of IPv6 that is given out for the public Internet (RFC 4291 §2.4).
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000 && address.range() === 'unicast';
}
