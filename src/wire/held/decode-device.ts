import type { Notes } from '../pidf-lo/pidf-lo.ts';
import { type ElementReader, tokenReader, type XmlElement } from '../xml/xml.ts';
import { readHardwareAddress } from './hardware-address.ts';
import type { DeviceIdentity } from './held-messages.ts';
import { readIpAddress } from './ip-text.ts';
import { DEVICE_IDENTITY } from './namespaces.ts';

const DIGITS = /^\d{1,15}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;

/**
 * Reads `device` (RFC 6155 §3): all identities in it, in document order. What is unknown or unreadable leaves a note
 * and does no harm to the others.
 */
export function deviceReader(notes: Notes, found: (identity: DeviceIdentity) => void): ElementReader {
  return {
    child: (element) =>
      tokenReader((text) => {
        const identity = element.uri === DEVICE_IDENTITY ? readIdentity(element, text) : undefined;
        if (identity === undefined) notes.add(`device: {${element.uri}}${element.local} passed over: ${text}`);
        else found(identity);
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
    case 'uri':
    case 'fqdn':
      return { kind: local, value: text };
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
      return DIGITS.test(value) ? { kind: local, value } : undefined;
    }
    default:
      return undefined;
  }
}
