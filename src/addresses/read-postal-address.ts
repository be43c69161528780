import { readCountryAndState } from '../domain/e911-coverage.ts';
import type { FieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { readCountry } from './read-country.ts';

/** How one door calls the fields of an address. */
export type AddressNames = Readonly<Record<keyof PostalAddress, string>>;

export type AddressInput = Readonly<Record<string, string | null | undefined>>;

/** In characters. */
export const ADDRESS_FIELD_LENGTHS: Readonly<Record<keyof PostalAddress, number>> = {
  address1: 256,
  address2: 256,
  city: 128,
  state: 64,
  postalCode: 20,
  country: 64,
};

const US_POSTAL_CODE = /^\d{5}(?:-?\d{4})?$/;
const CA_POSTAL_CODE = /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i;

// Control characters would reach mail headers and XML.
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Reads an address under the field names of a door and reports every fault under `path` (empty: the fields themselves). undefined when a fault was
 * reported. Streets are not looked up here.
 */
export function readPostalAddress(
  input: AddressInput,
  names: AddressNames,
  path: string,
  faults: FieldFaults,
): PostalAddress | undefined {
  let ok = true;
  const fault = (field: keyof PostalAddress, message: string): void => {
    ok = false;
    faults.add(path === '' ? names[field] : `${path}.${names[field]}`, message);
  };
  const text = (field: keyof PostalAddress): string => {
    const value = (input[names[field]] ?? '').trim();
    if (value.length > ADDRESS_FIELD_LENGTHS[field])
      fault(field, `is longer than ${ADDRESS_FIELD_LENGTHS[field]} characters`);
    if (CONTROL_CHARACTER.test(value)) fault(field, 'holds a control character');
    return value;
  };
  const address1 = text('address1');
  const address2 = text('address2');
  const city = text('city');
  const state = text('state');
  const postalCode = text('postalCode');
  const countryText = text('country');

  if (address1 === '') fault('address1', 'is required');
  if (city === '') fault('city', 'is required');
  const country = readCountry(countryText);
  if (countryText === '') fault('country', 'is required');
  else if (country === undefined) fault('country', 'is not an ISO 3166-1 country code');
  else checkRegion(country, state, postalCode, fault);

  if (!ok || country === undefined) return undefined;
  return { address1, ...(address2 === '' ? {} : { address2 }), city, state, postalCode, country };
}

function checkRegion(
  country: string,
  state: string,
  postalCode: string,
  fault: (field: keyof PostalAddress, message: string) => void,
): void {
  const region = readCountryAndState(country, state);
  if (region === undefined)
    fault('state', state === '' ? 'is required' : `is not a state, territory or province of ${country}`);
  const isUs = region?.country === 'US' || country === 'US';
  const isNeeded = isUs || country === 'CA';
  if (isNeeded && postalCode === '') fault('postalCode', 'is required');
  else if (isUs && !US_POSTAL_CODE.test(postalCode)) fault('postalCode', 'is not a ZIP code');
  else if (country === 'CA' && !CA_POSTAL_CODE.test(postalCode)) fault('postalCode', 'is not a Canadian postal code');
}
