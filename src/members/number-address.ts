import type { AddressCheck } from '../addresses/addresses.ts';
import type { CivicAddress } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { Position } from '../domain/shape.ts';

/** A number's own emergency address (contract section 7). */
export type NumberAddress = {
  id: string;
  organizationId: string;
  /** E.164. */
  number: string;
  /** Where the number stood when the address was given; once it stands elsewhere, the address says nothing. */
  locationId: string;
  /** As entered, in the usual form; null = deleted, the location's applies. */
  postalAddress: PostalAddress | null;
  /** The same in civic elements. */
  address: CivicAddress | null;
  addressCheck: AddressCheck | null;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** What a number's own address was before it changed. */
export type FormerNumberAddress = {
  locationId: string;
  postalAddress: PostalAddress;
  addressCheck: AddressCheck;
  /** ISO 8601. */
  validFrom: string;
  validTo: string;
};

/**
 * Where help goes for calls that are located by a number: `number-address` is the id of a number's own address,
 * `location-address` that of the location whose emergency address it is.
 */
export type EmergencyPlace = {
  target: { kind: 'number-address' | 'location-address'; id: string };
  locationId: string;
  address: CivicAddress;
  /** Where the address is the location's house. */
  position?: Position;
  /** Which rule gave it, as a sentence for traces. */
  rule: string;
};
