import { isIP } from 'node:net';
import type { FieldFaults } from '../domain/field-faults.ts';
import { readHardwareAddress } from '../wire/held/held.ts';
import { readIpAddress } from '../wire/held/ip-text.ts';
import { readAddressRange } from './address-range.ts';
import { readBssidMask } from './bssid-mask.ts';
import { hardwareNumber } from './hardware-number.ts';

/** Kinds of network elements that tell where a device is. */
export const ELEMENT_KINDS = ['switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range'] as const;

export type ElementKind = (typeof ELEMENT_KINDS)[number];

/**
 * What names an element, in canonical form: MACs as `aa:bb:cc:dd:ee:ff`, masks of BSSIDs as `aa:bb:cc:dd:ee:f*` or
 * `aa:bb:cc:dd:ee:**`, ranges as CIDR or `from-to`, names in lower case.
 */
export type ElementKey = {
  kind: ElementKind;
  /** The chassis of a switch for both switch kinds. */
  value: string;
  /** Port of a switch; empty for every other kind. */
  port: string;
};

/** An element of the wire map and the emergency response location it stands for. */
export type WireMapElement = ElementKey & {
  id: string;
  organizationId: string;
  responseLocationId: string;
  /** Of that response location, as this node knows it; null for one that is not there. */
  responseLocationName: string | null;
  locationId: string | null;
  locationName: string | null;
  description: string;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

export function isElementKind(text: string): text is ElementKind {
  return (ELEMENT_KINDS as readonly string[]).includes(text);
}

const MAX_NAME = 255;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** A chassis or port as LLDP gives it and as people type it, in one form: MAC, IP address, else the text in lower case. */
export function normalizeSwitchName(text: string): string {
  if (hardwareNumber(text) >= 0) return text;
  const trimmed = text.trim();
  const hardware = readHardwareAddress(trimmed);
  if (hardware !== undefined) return hardware;
  const address = isIP(trimmed) === 0 ? undefined : readIpAddress(trimmed)?.address;
  return address ?? trimmed.toLowerCase();
}

/** Reads what names an element; faults are reported under `path` + `kind`, `value`, `port`. */
export function readElementKey(
  input: { kind: string; value: string; port?: string | undefined },
  path: string,
  faults: FieldFaults,
): ElementKey | undefined {
  const kind = input.kind.trim().toLowerCase();
  const value = input.value.trim();
  const port = input.port?.trim() ?? '';
  if (!isElementKind(kind)) {
    faults.add(`${path}kind`, `is not one of ${ELEMENT_KINDS.join(', ')}`);
    return undefined;
  }
  if (value === '') {
    faults.add(`${path}value`, 'is required');
    return undefined;
  }
  if (kind !== 'switch-port' && port !== '') {
    faults.add(`${path}port`, 'is only for a switch-port');
    return undefined;
  }
  switch (kind) {
    case 'bssid':
    case 'mac': {
      const address = readHardwareAddress(value) ?? (kind === 'bssid' ? readBssidMask(value) : undefined);
      if (address !== undefined) return { kind, value: address, port: '' };
      faults.add(
        `${path}value`,
        kind === 'bssid' ? 'is neither a BSSID nor a mask of BSSIDs (aa:bb:cc:dd:ee:f*)' : 'is not a MAC address',
      );
      return undefined;
    }
    case 'ip-range': {
      const range = readAddressRange(value);
      if (typeof range !== 'string') return { kind, value: range.text, port: '' };
      faults.add(`${path}value`, range);
      return undefined;
    }
    case 'switch-chassis':
      return isName(value, `${path}value`, faults) ? { kind, value: normalizeSwitchName(value), port: '' } : undefined;
    case 'switch-port': {
      if (port === '') faults.add(`${path}port`, 'is required for a switch-port');
      const named = isName(value, `${path}value`, faults) && isName(port, `${path}port`, faults);
      if (!named || port === '') return undefined;
      return { kind, value: normalizeSwitchName(value), port: normalizeSwitchName(port) };
    }
  }
}

function isName(text: string, path: string, faults: FieldFaults): boolean {
  if (text.length > MAX_NAME) faults.add(path, `is longer than ${MAX_NAME} characters`);
  else if (CONTROL_CHARACTER.test(text)) faults.add(path, 'holds a control character');
  else return true;
  return false;
}
