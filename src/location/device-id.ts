import { type DeviceIdentity, readHardwareAddress } from '../wire/held/held.ts';

const SIP_USER = /^sips?:([^@;?]+)@/i;
const TEL = /^tel:([^;?]+)/i;

/** The number or name in a `sip:`, `sips:` or `tel:` URI; undefined in any other. */
export function numberOfUri(uri: string): string | undefined {
  if (uri.length > 512) return undefined;
  const user = (SIP_USER.exec(uri) ?? TEL.exec(uri))?.[1];
  if (user === undefined) return undefined;
  try {
    // Visual separators mean nothing (RFC 3966 §5.1.1).
    return decodeURIComponent(user)
      .replace(/:.*$/, '')
      .replace(/(?<=[\d+])[-.() ]+(?=\d)/g, '');
  } catch {
    // A broken percent escape names nobody.
    return undefined;
  }
}

const MAX_DEVICE_ID = 128;
const UNFIT = /[\p{Cc}\s]/u;
const URI = /^(?:sips?|tel):/i;
const GLOBAL_NUMBER = /^\+\d{1,15}$/;

/**
 * What names a device, in one form: MAC as `aa:bb:cc:dd:ee:ff`; a `sip:` or `tel:` URI of a global number as `tel:+…`, any
 * other `sip:` URI without parameters; else the text in lower case. undefined for what is empty, longer than 128 characters
 * or holds white space.
 */
export function readDeviceId(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_DEVICE_ID || UNFIT.test(trimmed)) return undefined;
  const hardware = readHardwareAddress(trimmed);
  if (hardware !== undefined) return hardware;
  if (!URI.test(trimmed)) return trimmed.toLowerCase();
  const number = numberOfUri(trimmed);
  if (number !== undefined && GLOBAL_NUMBER.test(number)) return `tel:${number}`;
  return trimmed
    .replace(/[;?].*$/, '')
    .replace(/^sips:/i, 'sip:')
    .toLowerCase();
}

/** The same of an identity in a request (RFC 6155 §3); undefined for addresses and ports, which are of a moment. */
export function deviceIdOf(identity: DeviceIdentity): string | undefined {
  switch (identity.kind) {
    case 'mac':
      return identity.address;
    case 'uri':
    case 'nai':
    case 'fqdn':
    case 'duid':
    case 'imei':
    case 'imsi':
    case 'min':
      return readDeviceId(identity.value);
    case 'msisdn':
    case 'mdn':
      return `tel:+${identity.value}`;
    case 'ip':
    case 'udpport':
    case 'tcpport':
    case 'sctpport':
    case 'dccpport':
      return undefined;
  }
}
