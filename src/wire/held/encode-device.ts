import { escapeText } from '../xml/xml.ts';
import { writeHardwareAddress } from './hardware-address.ts';
import type { DeviceIdentity } from './held-messages.ts';
import { DEVICE_IDENTITY } from './namespaces.ts';

/** A URI without authority as phones have them (RFC 3986 §3), or one of HTTP with a host by name. */
const PLAIN_URI =
  /^(?:https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/|$)|[A-Za-z][A-Za-z0-9+.-]*:(?!\/\/))(?:[\w.~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?:#[\w.~/-]*)?$/;

/**
 * A `device` element (RFC 6155 §2.2); empty without identities. What was read as a URI and is none (an address with a display
 * name, a number alone) is left out: it would make the document invalid.
 */
export function encodeDevice(devices: readonly DeviceIdentity[]): string {
  let inner = '';
  for (const identity of devices) {
    if (identity.kind !== 'uri' || PLAIN_URI.test(identity.value)) inner += encodeIdentity(identity);
  }
  return inner === '' ? '' : `<device xmlns="${DEVICE_IDENTITY}">${inner}</device>`;
}

function encodeIdentity(identity: DeviceIdentity): string {
  switch (identity.kind) {
    case 'ip':
      return `<ip v="${identity.version}">${escapeText(identity.address)}</ip>`;
    case 'mac':
      return `<mac>${escapeText(writeHardwareAddress(identity.address))}</mac>`;
    case 'udpport':
    case 'tcpport':
    case 'sctpport':
    case 'dccpport':
      return `<${identity.kind}>${identity.port}</${identity.kind}>`;
    case 'nai':
    case 'uri':
    case 'fqdn':
    case 'duid':
    case 'msisdn':
    case 'imsi':
    case 'imei':
    case 'min':
    case 'mdn':
      return `<${identity.kind}>${escapeText(identity.value)}</${identity.kind}>`;
  }
}
