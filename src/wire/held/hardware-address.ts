const SEPARATORS = /[\s:.-]/g;
const OCTETS = /^(?:[0-9a-f]{12}|[0-9a-f]{16})$/;

/**
 * A MAC address or BSSID as `aa:bb:cc:dd:ee:ff` (eight octets for an EUI-64) from any of the spellings in the field:
 * `AA-BB-CC-DD-EE-FF`, `aabb.ccdd.eeff`, `aabbccddeeff`. Undefined for anything else.
 */
export function readHardwareAddress(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const digits = text.length === 12 ? text.toLowerCase() : text.toLowerCase().replace(SEPARATORS, '');
  if (!OCTETS.test(digits)) return undefined;
  let address = digits.slice(0, 2);
  for (let at = 2; at < digits.length; at += 2) address += `:${digits.slice(at, at + 2)}`;
  return address;
}

/** As RFC 6155 §3.2 and RFC 7105 want it on the wire: `AA-BB-CC-DD-EE-FF`. */
export function writeHardwareAddress(address: string): string {
  return address.toUpperCase().replaceAll(':', '-');
}
