import type { PostalAddress } from '../domain/postal-address.ts';
import type { AddressValidation, UncheckedAddress } from './address-validation.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import { type PostalBook, readPostalBook } from './postal-book.ts';
import { postalFromText } from './postal-from-text.ts';
import {
  type AddressCheck,
  type CheckedAddress,
  fillAddress,
  readEmergencyAddress,
  toAddressCheck,
} from './read-emergency-address.ts';
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
export type { AddressCheck, CheckedAddress } from './read-emergency-address.ts';
export type { AddressInput, AddressNames } from './read-postal-address.ts';

/** Addresses as people write them, brought into civic elements and checked. */
export type Addresses = {
  readPostalAddress: typeof readPostalAddress;
  readFreeText: typeof readFreeText;
  postalFromText: typeof postalFromText;
  civicFromPostal: typeof civicFromPostal;
  splitStreetLine: typeof splitStreetLine;
  /** Checks an address against the tables, which the first call reads. Never rejects because of what the address is. */
  validateAddress(address: UncheckedAddress): Promise<AddressValidation>;
  /** The same, of an address whose left-out fields are those of the one it stands in for (`base`). */
  validateWithin(address: UncheckedAddress, base: PostalAddress): Promise<AddressValidation>;
  /** What to keep beside an address that is stored whatever it is. */
  checkAddress(address: PostalAddress, now: Date): Promise<AddressCheck>;
  /**
   * An address to send help to: left-out fields are those of `base`, the street too where `change` says that it is that one
   * which changes. Rejects with `invalid`, fields below `path`.
   */
  readEmergencyAddress(
    address: UncheckedAddress,
    how: { base: PostalAddress; change: boolean; path: string; now: Date },
  ): Promise<CheckedAddress>;
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

  const validate = async (address: UncheckedAddress): Promise<AddressValidation> =>
    validateAddress(address, await postalBook());

  return {
    readPostalAddress,
    readFreeText,
    postalFromText,
    civicFromPostal,
    splitStreetLine,
    validateAddress: validate,
    validateWithin: (address, base) => validate(fillAddress(address, base, false)),
    checkAddress: async (address, now) => toAddressCheck(await validate(address), now),
    async readEmergencyAddress(address, { base, change, path, now }) {
      const filled = fillAddress(address, base, change);
      return readEmergencyAddress(filled, await validate(filled), path, now);
    },
  };
}
