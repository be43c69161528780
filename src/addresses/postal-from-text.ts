import { type CivicAddress, indoorLine, streetLine } from '../domain/civic-address.ts';
import type { UncheckedAddress } from './address-validation.ts';
import { readFreeText } from './read-free-text.ts';

/** `12B`, `12½`, `12 1/2`, `94-1234`: so written that it is read the same again. */
export function writeHouseNumber({ HNP = '', HNO = '', HNS = '' }: CivicAddress): string {
  return `${HNP}${HNO}${HNS.length > 1 ? ' ' : ''}${HNS}`;
}

/** House number and street, or kilometre post of a road, on one line that is read the same again. */
export function writeStreetLine(civic: CivicAddress): string {
  const { HNP: _prefix, HNO: _number, HNS: _suffix, ...street } = civic;
  return [writeHouseNumber(civic), streetLine(street), civic.MP].filter(Boolean).join(' ');
}

/** The fields of an address written on one line, parts separated by commas; what cannot be told is empty. */
export function postalFromText(text: string): UncheckedAddress {
  const civic = readFreeText(text);
  return {
    address1: [civic.A4, writeStreetLine(civic)].filter(Boolean).join(', '),
    address2: indoorLine(civic),
    city: civic.A3,
    state: civic.A1,
    postalCode: civic.PC,
    country: civic.country,
  };
}
