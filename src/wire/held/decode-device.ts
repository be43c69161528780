import type { Notes } from '../pidf-lo/pidf-lo.ts';
import { type ElementReader, tokenReader, type XmlElement } from '../xml/xml.ts';
import { readHardwareAddress } from './hardware-address.ts';
import type { DeviceIdentity } from './held-messages.ts';
import { readIpAddress } from './ip-text.ts';
import { DEVICE_IDENTITY } from './namespaces.ts';

const DIGITS = /^\d{1,15}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;
const E164 = /^\d{6,15}$/;
/** RFC 6155 §3.7 and its schema. */
const DIGITS_OF = { msisdn: E164, imsi: E164, imei: DIGITS, min: /^\d{10}$/, mdn: E164 } as const;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** RFC 6155 §3.4: octets may be escaped; escaped or not, it is the same NAI. Octets that are no UTF-8 stay escaped. */
function readNai(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/(?:\\[0-9a-f]{2})+/gi, (escaped) => {
    const octets = Buffer.from(escaped.replaceAll('\\', ''), 'hex');
    // A backslash or a control character stands for itself only when it is escaped.
    if (octets.some((octet) => octet < 0x21 || octet === 0x5c || octet === 0x7f)) return escaped.toLowerCase();
    try {
      return UTF8.decode(octets);
    } catch {
      return escaped.toLowerCase();
    }
  });
}

/**
 * Reads `device` (RFC 6155 §3): all identities in it, in document order. What is unknown or unreadable leaves a note,
 * is told as undefined, and does no harm to the others.
 */
export function deviceReader(notes: Notes, found: (identity: DeviceIdentity | undefined) => void): ElementReader {
  return {
    child: (element) =>
      tokenReader((text) => {
        const identity = element.uri === DEVICE_IDENTITY ? readIdentity(element, text) : undefined;
        if (identity === undefined) notes.add(`device: {${element.uri}}${element.local} passed over: ${text}`);
        found(identity);
      }),
  };
}

function readIdentity({ local }: XmlElement, text: string): DeviceIdentity | undefined {
  if (text === '') return undefined;
  switch (local) {
    case 'ip': {
      // The `v` attribute is only a promise; the address itself tells its version.
      const address = readIpAddress(text);
      return address && { kind: 'ip', ...address };
    }
    case 'mac': {
      const address = readHardwareAddress(text);
      return address === undefined ? undefined : { kind: 'mac', address };
    }
    case 'udpport':
    case 'tcpport':
    case 'sctpport':
    case 'dccpport': {
      const port = DIGITS.test(text) ? Number(text) : Number.NaN;
      return port <= 65_535 ? { kind: local, port } : undefined;
    }
    case 'nai':
      return { kind: 'nai', value: readNai(text) };
    case 'uri':
    case 'fqdn':
      return { kind: local, value: text };
    // No element of the RFC; devices write it for what RFC 6155 §3.6 calls fqdn.
    case 'hostname':
      return { kind: 'fqdn', value: text };
    case 'duid': {
      const value = text.toLowerCase();
      return HEX.test(value) ? { kind: 'duid', value } : undefined;
    }
    case 'msisdn':
    case 'imsi':
    case 'imei':
    case 'min':
    case 'mdn': {
      const value = text.replace(/^\+/, '');
      return DIGITS_OF[local].test(value) ? { kind: local, value } : undefined;
    }
    default:
      return undefined;
  }
}
