import { readHardwareAddress } from './hardware-address.ts';
import type { LldpIdentifier } from './held-messages.ts';
import { ipAddressOfOctets } from './ip-text.ts';

/** IEEE 802.1AB numbers chassis (§8.5.2.2) and port (§8.5.3.2) subtypes differently. */
const HARDWARE_ADDRESS_SUBTYPE = { chassis: 4, port: 3 } as const;
const NETWORK_ADDRESS_SUBTYPE = { chassis: 5, port: 4 } as const;

const HEX = /^(?:[0-9a-fA-F]{2})+$/;
const PRINTABLE = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]+$/u;

/**
 * The value of `chassis` or `port` (RFC 7105 §5.1: octets in hexadecimal) for comparing. Devices that write a MAC with
 * separators, or plain text such as `Gi1/0/3`, are understood; where text happens to be hexadecimal the RFC wins, and
 * `raw` keeps what was written.
 */
export function readLldpIdentifier(of: 'chassis' | 'port', subtype: number, text: string): LldpIdentifier {
  const raw = text.trim();
  const hardwareAddress = subtype === HARDWARE_ADDRESS_SUBTYPE[of] ? readHardwareAddress(raw) : undefined;
  if (hardwareAddress !== undefined) return { subtype, value: hardwareAddress, raw };
  if (!HEX.test(raw)) return { subtype, value: raw, raw };
  return { subtype, value: readOctets(of, subtype, Buffer.from(raw, 'hex')), raw };
}

function readOctets(of: 'chassis' | 'port', subtype: number, octets: Buffer): string {
  if (subtype === HARDWARE_ADDRESS_SUBTYPE[of] || subtype === NETWORK_ADDRESS_SUBTYPE[of]) {
    // A network address has its IANA address family in front; RFC 7105 leaves that out in its examples, and calls
    // an IPv4 address subtype 4.
    const address = ipAddressOfOctets(octets) ?? ipAddressOfOctets(octets.subarray(1));
    if (address !== undefined) return address;
  }
  const text = octets.toString('utf8');
  return PRINTABLE.test(text) && !text.includes('\uFFFD') ? text : octets.toString('hex');
}

/** What goes on the wire for an identifier: `raw` when it is hexadecimal already, else the octets of its text. */
export function writeLldpIdentifier(of: 'chassis' | 'port', { subtype, value, raw }: LldpIdentifier): string {
  if (HEX.test(raw)) return raw;
  const hardwareAddress = subtype === HARDWARE_ADDRESS_SUBTYPE[of] ? readHardwareAddress(value) : undefined;
  return hardwareAddress?.replaceAll(':', '') ?? Buffer.from(raw === '' ? value : raw, 'utf8').toString('hex');
}
