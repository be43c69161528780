import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { Position } from '../domain/shape.ts';
import type { LayerNames } from './check-layers.ts';

/**
 * How deep an address was checked and found right: complete and well formed; postal code, city and state belong together;
 * the street is known there; the very point is known.
 */
export type AddressLevel = 'syntax' | 'postal' | 'street' | 'point';

export type AddressField = keyof PostalAddress;

/** The fields of an address before anything is known of them. */
export type UncheckedAddress = { readonly [field in AddressField]?: string | null | undefined };

/** One thing that was changed: `form` only writes the same otherwise (`Texas` -> `TX`), `content` says something else. */
export type AddressCorrection = {
  readonly field: AddressField;
  readonly from: string;
  readonly to: string;
  readonly kind: 'form' | 'content';
  readonly reason: string;
};

/** Everything that can be wrong with an address, as a closed union; the titles are those of `ADDRESS_FAULTS`. */
export type AddressFaultKind =
  | 'field-too-long'
  | 'street-missing'
  | 'house-number-missing'
  | 'post-office-box'
  | 'military-address'
  | 'city-missing'
  | 'state-missing'
  | 'state-unknown'
  | 'country-missing'
  | 'country-unknown'
  | 'outside-coverage'
  | 'postal-code-missing'
  | 'postal-code-invalid'
  | 'postal-code-unknown'
  | 'state-postal-mismatch'
  | 'city-postal-mismatch'
  | 'city-unknown'
  | 'street-unknown'
  | 'house-number-unknown'
  | 'address-ambiguous'
  | 'unit-unknown';

/** `code` is stable and short, `title` names the fault; `PMP4004` and its title are the contract's published example. */
export const ADDRESS_FAULTS: Readonly<Record<AddressFaultKind, { code: string; title: string }>> = {
  'street-missing': { code: 'PMP4004', title: 'INVALID_STREET_ADDRESS' },
  'house-number-missing': { code: 'PMP4004', title: 'INVALID_STREET_ADDRESS' },
  'post-office-box': { code: 'WMA4101', title: 'POST_OFFICE_BOX' },
  'military-address': { code: 'WMA4102', title: 'MILITARY_ADDRESS' },
  'field-too-long': { code: 'WMA4103', title: 'FIELD_TOO_LONG' },
  'city-missing': { code: 'WMA4104', title: 'CITY_MISSING' },
  'state-missing': { code: 'WMA4105', title: 'STATE_MISSING' },
  'state-unknown': { code: 'WMA4106', title: 'STATE_UNKNOWN' },
  'country-missing': { code: 'WMA4107', title: 'COUNTRY_MISSING' },
  'country-unknown': { code: 'WMA4108', title: 'COUNTRY_UNKNOWN' },
  'outside-coverage': { code: 'WMA4109', title: 'OUTSIDE_COVERAGE' },
  'postal-code-missing': { code: 'WMA4110', title: 'POSTAL_CODE_MISSING' },
  'postal-code-invalid': { code: 'WMA4111', title: 'POSTAL_CODE_INVALID' },
  'postal-code-unknown': { code: 'WMA4201', title: 'POSTAL_CODE_UNKNOWN' },
  'state-postal-mismatch': { code: 'WMA4202', title: 'STATE_POSTAL_MISMATCH' },
  'city-postal-mismatch': { code: 'WMA4203', title: 'CITY_POSTAL_MISMATCH' },
  'city-unknown': { code: 'WMA4204', title: 'CITY_UNKNOWN' },
  'street-unknown': { code: 'WMA4301', title: 'STREET_UNKNOWN' },
  'house-number-unknown': { code: 'WMA4302', title: 'HOUSE_NUMBER_UNKNOWN' },
  'address-ambiguous': { code: 'WMA4304', title: 'ADDRESS_AMBIGUOUS' },
  'unit-unknown': { code: 'WMA4303', title: 'UNIT_UNKNOWN' },
};

/** Faults of an address that is complete and well formed: its parts do not belong together. */
export const POSTAL_FAULTS: ReadonlySet<AddressFaultKind> = new Set([
  'postal-code-unknown',
  'state-postal-mismatch',
  'city-postal-mismatch',
  'city-unknown',
]);

/** Faults of an address whose parts belong together: the address layers have no such house. */
export const STREET_FAULTS: ReadonlySet<AddressFaultKind> = new Set([
  'street-unknown',
  'house-number-unknown',
  'address-ambiguous',
]);

/** What no responder can be sent to, whatever else is right. */
export const UNDISPATCHABLE: ReadonlySet<AddressFaultKind> = new Set(['post-office-box', 'military-address']);

export type AddressFault = {
  readonly kind: AddressFaultKind;
  readonly code: string;
  readonly title: string;
  readonly field: AddressField;
  /** A sentence that names what was given and what is wrong with it. */
  readonly detail: string;
};

/** Another address that may have been meant, for a person to choose. */
export type AddressCandidate = { readonly address: PostalAddress; readonly reason: string };

/** How a position was found, from the house itself to its city. Only the first two are good enough to route by. */
export type GeocodePrecision = 'point' | 'interpolated' | 'street' | 'postal' | 'city';

export type Geocode = {
  readonly position: Position;
  readonly precision: GeocodePrecision;
  readonly uncertaintyMeters: number;
};

export type AddressOverride = {
  readonly madeBy: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly reason: string;
};

export type AddressValidation = {
  /** The deepest level at which nothing is wrong with `address`; null when it is not even complete. */
  readonly level: AddressLevel | null;
  /** False where no responder can be sent, whatever else is right: a post office box, a military address. */
  readonly isDispatchable: boolean;
  /** The address with every correction made; fields that are not there are empty, `address2` is left out. */
  readonly address: PostalAddress;
  /** The same in civic elements; `A2` is the county where postal code and city leave no other. */
  readonly civic: CivicAddress;
  readonly corrections: readonly AddressCorrection[];
  readonly errors: readonly AddressFault[];
  /** Where the address lies, as precisely as is known; undefined where nothing is. */
  readonly geocode: Geocode | undefined;
  /** What the address layers call the place; undefined where none knows the house. */
  readonly names: LayerNames | undefined;
  /** Whether address layers cover the place: where none does, `postal` is as deep as any address gets. */
  readonly isCovered: boolean;
  /** Elements that were given and that no data could say anything about. */
  readonly unchecked: readonly CivicElement[];
  /** 0 to 100: 25 for each level, less 5 for each correction of content; to sort by, no probability. */
  readonly score: number;
  /** An administrator's word that the address is right although the data do not have it. */
  readonly override: AddressOverride | undefined;
  /** What was compared with what, as sentences. */
  readonly findings: readonly string[];
  readonly candidates: readonly AddressCandidate[];
  /** What the address was checked against, with its date. */
  readonly source: string;
};
