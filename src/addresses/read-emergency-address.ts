import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { AddressLevel, AddressValidation, UncheckedAddress } from './address-validation.ts';
import { type AddressNames, readPostalAddress } from './read-postal-address.ts';

/** What is kept beside a stored address about how right it is: status, source and time. */
export type AddressCheck = Pick<AddressValidation, 'isDispatchable' | 'corrections' | 'errors' | 'source'> & {
  /** How deep the address is right as it is kept: a correction that was not made confirms nothing. */
  level: AddressLevel | null;
  /** ISO 8601. */
  checkedAt: string;
};

/** A stored address with how right it is. */
export type CheckedAddress = { address: PostalAddress; check: AddressCheck };

export function toAddressCheck(validation: AddressValidation, now: Date): AddressCheck {
  const { isDispatchable, corrections, errors, source } = validation;
  return {
    level: levelAsEntered(validation),
    isDispatchable,
    corrections,
    errors,
    source,
    checkedAt: now.toISOString(),
  };
}

const LEVELS: readonly (AddressLevel | null)[] = [null, 'syntax', 'postal', 'street', 'point'];

/** How deep an address is right as it was written: with a street to be corrected `postal`, with another part `syntax`. */
export function levelAsEntered({
  level,
  corrections,
}: Pick<AddressValidation, 'level' | 'corrections'>): AddressLevel | null {
  const contents = corrections.filter(({ kind }) => kind === 'content');
  if (contents.length === 0 || level === null) return level;
  const isStreetOnly = contents.every(({ field }) => field === 'address1' || field === 'address2');
  const most = isStreetOnly ? 'postal' : 'syntax';
  return LEVELS.indexOf(level) > LEVELS.indexOf(most) ? most : level;
}

function isGiven(value: string | null | undefined): boolean {
  return (value ?? '').trim() !== '';
}

/**
 * Fills in what an address leaves out from the one that it stands in for. A state means nothing in another country, a city
 * in another state, a street in another city; a street is only taken over from an address that is being changed.
 */
export function fillAddress(
  given: UncheckedAddress,
  base: PostalAddress,
  streetToo: boolean,
): Record<keyof PostalAddress, string> {
  const sameCountry = !isGiven(given.country);
  const sameState = sameCountry && !isGiven(given.state);
  const sameCity = sameState && !isGiven(given.city);
  const sameStreet = sameCity && streetToo && !isGiven(given.address1);
  const pick = (field: keyof PostalAddress, same: boolean): string =>
    (same && !isGiven(given[field]) ? base[field] : given[field]) ?? '';
  return {
    address1: pick('address1', sameStreet),
    // An empty second line takes the one that was there away.
    address2: typeof given.address2 === 'string' ? given.address2 : sameStreet ? (base.address2 ?? '') : '',
    city: pick('city', sameCity),
    state: pick('state', sameState),
    postalCode: pick('postalCode', sameCity),
    country: pick('country', sameCountry),
  };
}

const NAMES: AddressNames = {
  address1: 'address1',
  address2: 'address2',
  city: 'city',
  state: 'state',
  postalCode: 'postalCode',
  country: 'country',
};

/**
 * Reads an address to which help will be sent. It is kept as entered, only written in the usual form; corrections of its
 * content stay suggestions in the check. Refused: what cannot be read at all, and where nobody can be sent. Throws `invalid`
 * with every field at fault below `path`.
 */
export function readEmergencyAddress(
  filled: Readonly<Record<keyof PostalAddress, string>>,
  validation: AddressValidation,
  path: string,
  now: Date,
): CheckedAddress {
  const faults = createFieldFaults();
  const entered = { ...filled };
  for (const { field, from, to, kind } of validation.corrections) {
    if (kind === 'form' && entered[field] === from) entered[field] = to;
  }
  const address = readPostalAddress(entered, NAMES, path, faults);
  addUndispatchable(validation, path, faults);
  faults.throwIfAny();
  if (address === undefined) throw new Error('an address without fault was not read');
  return { address, check: toAddressCheck(validation, now) };
}

function addUndispatchable({ isDispatchable, errors }: AddressValidation, path: string, faults: FieldFaults): void {
  if (isDispatchable) return;
  for (const { kind, field, detail } of errors) {
    if (kind === 'post-office-box' || kind === 'military-address') {
      faults.add(path === '' ? field : `${path}.${field}`, detail);
    }
  }
}
