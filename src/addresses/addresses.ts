import type { AddressValidation, UncheckedAddress } from './address-validation.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import { type PostalBook, readPostalBook } from './postal-book.ts';
import { readFreeText } from './read-free-text.ts';
import { readPostalAddress } from './read-postal-address.ts';
import { splitStreetLine } from './split-street-line.ts';
import { validateAddress } from './validate-address.ts';

export type {
  AddressCandidate,
  AddressCorrection,
  AddressFault,
  AddressLevel,
  AddressValidation,
  UncheckedAddress,
} from './address-validation.ts';
export type { AddressInput, AddressNames } from './read-postal-address.ts';

/** Addresses as people write them, brought into civic elements and checked. */
export type Addresses = {
  readPostalAddress: typeof readPostalAddress;
  readFreeText: typeof readFreeText;
  civicFromPostal: typeof civicFromPostal;
  splitStreetLine: typeof splitStreetLine;
  /** Checks an address against the tables, which the first call reads. Never rejects because of what the address is. */
  validateAddress(address: UncheckedAddress): Promise<AddressValidation>;
};

export function createAddresses(): Addresses {
  let reading: Promise<PostalBook> | undefined;

  /** Read once, at the first question; a failure is not kept. */
  function postalBook(): Promise<PostalBook> {
    reading ??= readPostalBook().catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  }

  return {
    readPostalAddress,
    readFreeText,
    civicFromPostal,
    splitStreetLine,
    validateAddress: async (address) => validateAddress(address, await postalBook()),
  };
}
