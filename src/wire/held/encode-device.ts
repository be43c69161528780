import { escapeText } from '../xml/xml.ts';
import { writeHardwareAddress } from './hardware-address.ts';
import type { DeviceIdentity } from './held-messages.ts';
import { DEVICE_IDENTITY } from './namespaces.ts';

/** A `device` element (RFC 6155 §2.2); empty without identities. */
export function encodeDevice(devices: readonly DeviceIdentity[]): string {
  if (devices.length === 0) return '';
  let xml = `<device xmlns="${DEVICE_IDENTITY}">`;
  for (const identity of devices) xml += encodeIdentity(identity);
  return `${xml}</device>`;
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
