import { civicFromPostal } from './civic-from-postal.ts';
import { readFreeText } from './read-free-text.ts';
import { readPostalAddress } from './read-postal-address.ts';
import { splitStreetLine } from './split-street-line.ts';

export type { AddressInput, AddressNames } from './read-postal-address.ts';

/** Addresses as people write them, brought into civic elements. */
export type Addresses = {
  readPostalAddress: typeof readPostalAddress;
  readFreeText: typeof readFreeText;
  civicFromPostal: typeof civicFromPostal;
  splitStreetLine: typeof splitStreetLine;
};

export function createAddresses(): Addresses {
  return { readPostalAddress, readFreeText, civicFromPostal, splitStreetLine };
}
