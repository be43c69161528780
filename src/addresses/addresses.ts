import type { CivicAddress } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { AddressLayers } from './address-layers.ts';
import type { AddressOverride, AddressValidation, Geocode, UncheckedAddress } from './address-validation.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import { withOverride } from './manage-address-overrides.ts';
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
import { type CivicVerdict, postalFromCivic, toCivicVerdict } from './validate-civic.ts';

export type {
  AddressCandidate,
  AddressCorrection,
  AddressFault,
  AddressLevel,
  AddressOverride,
  AddressValidation,
  Geocode,
  GeocodePrecision,
  UncheckedAddress,
} from './address-validation.ts';
export type { AddressCheck, CheckedAddress } from './read-emergency-address.ts';
export type { AddressInput, AddressNames } from './read-postal-address.ts';
export type { CivicVerdict } from './validate-civic.ts';

/** Addresses as people write them, brought into civic elements and checked. */
export type Addresses = {
  readPostalAddress: typeof readPostalAddress;
  readFreeText: typeof readFreeText;
  postalFromText: typeof postalFromText;
  civicFromPostal: typeof civicFromPostal;
  splitStreetLine: typeof splitStreetLine;
  /**
   * Checks an address against tables and layers; the first call reads the tables. Never rejects because of what the address
   * is. With an organization, what its administrators said of the address is told.
   */
  validateAddress(address: UncheckedAddress, organizationId?: string): Promise<AddressValidation>;
  /** The same, of an address whose left-out fields are those of the one it stands in for (`base`). */
  validateWithin(address: UncheckedAddress, base: PostalAddress, organizationId?: string): Promise<AddressValidation>;
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
  /** What of a civic address is right, element by element, for LoST (RFC 5222 §8.4.2). */
  validateCivic(civic: CivicAddress): Promise<CivicVerdict>;
  /**
   * Where a civic address lies and how precisely that is known; from memory, for calls. undefined where nothing is known, and
   * until `prepare` has ended.
   */
  geocode(civic: CivicAddress): Geocode | undefined;
  /** Reads the postal tables beforehand. */
  prepare(): Promise<void>;
};

/** What addresses are checked against beside the postal tables; without it, `postal` is as deep as any gets. */
export type AddressSources = {
  layers: () => AddressLayers;
  overridesOf: (organizationId: string) => ReadonlyMap<string, AddressOverride> | undefined;
};

export function createAddresses(sources?: AddressSources): Addresses {
  let reading: Promise<PostalBook> | undefined;
  let book: PostalBook | undefined;

  /** Read once, at the first question; a failure is not kept. */
  function postalBook(): Promise<PostalBook> {
    reading ??= readPostalBook().then(
      (read) => {
        book = read;
        return read;
      },
      (error: unknown) => {
        reading = undefined;
        throw error;
      },
    );
    return reading;
  }

  const validate = async (address: UncheckedAddress, structured?: CivicAddress): Promise<AddressValidation> =>
    validateAddress(address, await postalBook(), sources?.layers(), { structured });

  return {
    readPostalAddress,
    readFreeText,
    postalFromText,
    civicFromPostal,
    splitStreetLine,
    async validateAddress(address, organizationId) {
      const validation = await validate(address);
      return organizationId === undefined ? validation : withOverride(validation, sources?.overridesOf(organizationId));
    },
    async validateWithin(address, base, organizationId) {
      const validation = await validate(fillAddress(address, base, false));
      return organizationId === undefined ? validation : withOverride(validation, sources?.overridesOf(organizationId));
    },
    checkAddress: async (address, now) => toAddressCheck(await validate(address), now),
    async readEmergencyAddress(address, { base, change, path, now }) {
      const filled = fillAddress(address, base, change);
      return readEmergencyAddress(filled, await validate(filled), path, now);
    },
    validateCivic: async (civic) => toCivicVerdict(civic, await validate(postalFromCivic(civic), civic)),
    geocode(civic) {
      if (book === undefined) return undefined;
      const how = { structured: civic, asGiven: true };
      const { geocode, corrections } = validateAddress(postalFromCivic(civic), book, sources?.layers(), how);
      // Nobody is sent to another address than the one that was given.
      return corrections.some(({ kind }) => kind === 'content') ? undefined : geocode;
    },
    async prepare() {
      await postalBook();
    },
  };
}
