import { createAddressDraft } from './address-draft.ts';
import {
  type AddressFault,
  type AddressLevel,
  type AddressValidation,
  POSTAL_FAULTS,
  UNDISPATCHABLE,
  type UncheckedAddress,
} from './address-validation.ts';
import { checkPostal, checkPostalCode } from './check-postal.ts';
import { checkRegion } from './check-region.ts';
import { checkMilitary, checkStreet } from './check-street.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import type { PostalBook } from './postal-book.ts';

/**
 * Checks an address of the United States, their territories or Canada and says how deep it is right, what had to be
 * corrected and why, what is wrong, and what may have been meant. Pure, and never throws: an address can be anything.
 *
 * Corrections rest on two witnesses against one (postal code and city against the state) or on the only spelling near;
 * what nothing decides stays as it was given and is a fault with candidates.
 */
export function validateAddress(input: UncheckedAddress, book: PostalBook): AddressValidation {
  const draft = createAddressDraft(input);
  const { fields } = draft;
  let county: string | undefined;
  const region = checkMilitary(draft) ? undefined : checkRegion(draft, book);
  // Country and ZIP code may be known only now.
  const isPostal = region !== undefined && !checkMilitary(draft);
  if (isPostal) checkPostalCode(draft, region, book);
  if (fields.city === '') draft.fault('city-missing', 'city', 'the city is needed');
  if (isPostal && !draft.has('postal-code-missing', 'postal-code-invalid', 'city-missing')) {
    county = checkPostal(draft, region, book).county;
  }
  // Last, because the habits of a street line are those of its state.
  checkStreet(draft);
  const address = draft.postal();
  return {
    level: levelOf(draft.faults),
    isDispatchable: draft.faults.every(({ kind }) => !UNDISPATCHABLE.has(kind)),
    address,
    civic: civicFromPostal(address, county === undefined ? {} : { A2: county }),
    corrections: draft.corrections,
    errors: draft.faults,
    findings: draft.findings,
    candidates: draft.candidates,
    source: book.source,
  };
}

function levelOf(faults: readonly AddressFault[]): AddressLevel | null {
  if (faults.length === 0) return 'postal';
  return faults.every(({ kind }) => POSTAL_FAULTS.has(kind)) ? 'syntax' : null;
}
