import { type CivicAddress, type CivicElement, indoorLine } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { foldName } from '../domain/regions.ts';
import {
  type AddressLevel,
  type AddressValidation,
  STREET_FAULTS,
  type UncheckedAddress,
} from './address-validation.ts';
import { civicFromPostal } from './civic-from-postal.ts';
import { foldElement, foldStreet } from './fold-street.ts';
import { writeStreetLine } from './postal-from-text.ts';

/** What was found about each element of an address (RFC 5222 §8.4.2); what is in no list is unchecked. */
export type CivicVerdict = {
  valid: readonly CivicElement[];
  invalid: readonly CivicElement[];
  unchecked: readonly CivicElement[];
  /** The address with what was missing filled in; only where nothing in it is invalid. */
  completed?: CivicAddress;
  /** What may have been meant, best first. */
  similar?: readonly CivicAddress[];
  /** The deepest level that the address reached. */
  level: AddressLevel | null;
};

const POSTAL_FIELDS: Readonly<Partial<Record<CivicElement, keyof PostalAddress>>> = {
  country: 'country',
  A1: 'state',
  A3: 'city',
  PC: 'postalCode',
};
const STREET: ReadonlySet<CivicElement> = new Set(['PRM', 'PRD', 'STP', 'RD', 'STS', 'POD', 'POM']);
const NUMBER: ReadonlySet<CivicElement> = new Set(['HNP', 'HNO', 'HNS']);
const INDOOR: ReadonlySet<CivicElement> = new Set(['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT']);
/** What a check adds to an address that is right. */
const COMPLETED: readonly CivicElement[] = ['country', 'A1', 'A2', 'A3', 'PC', 'PCN'];

/** The fields under which a civic address is checked. */
export function postalFromCivic(civic: CivicAddress): UncheckedAddress {
  return {
    address1: writeStreetLine(civic),
    address2: indoorLine(civic),
    city: civic.A3,
    state: civic.A1,
    postalCode: civic.PC,
    country: civic.country,
  };
}

/** The elements of a civic address by what a check found. */
export function toCivicVerdict(civic: CivicAddress, validation: AddressValidation): CivicVerdict {
  const { civic: found, corrections, errors, level, names } = validation;
  const valid: CivicElement[] = [];
  const invalid: CivicElement[] = [];
  const unchecked: CivicElement[] = [];
  const has = (...kinds: readonly string[]): boolean => errors.some(({ kind }) => kinds.includes(kind));
  const isOutside = has('outside-coverage', 'country-unknown');
  const isOnMap = level === 'street' || level === 'point';
  const isStreetCorrected = corrections.some(({ field, kind }) => field === 'address1' && kind === 'content');

  function judge(element: CivicElement): boolean | undefined {
    const field = POSTAL_FIELDS[element];
    if (field !== undefined) {
      if (isOutside && element !== 'country') return undefined;
      const isCorrected = corrections.some((one) => one.field === field && one.kind === 'content');
      return !isCorrected && !errors.some((error) => error.field === field);
    }
    if (element === 'A2') return found.A2 === undefined ? undefined : sameCounty(found.A2, civic.A2 ?? '');
    if (element === 'PCN')
      return names?.PCN === undefined ? undefined : foldName(names.PCN) === foldName(civic.PCN ?? '');
    if (STREET.has(element)) {
      if (has('street-unknown')) return element === 'RD' ? false : undefined;
      if (!isOnMap && !has('house-number-unknown', 'unit-unknown')) return undefined;
      const fold = element === 'RD' ? foldStreet : foldElement;
      return !isStreetCorrected || fold(found[element] ?? '') === fold(civic[element] ?? '');
    }
    if (NUMBER.has(element)) {
      if (has('house-number-unknown')) return false;
      return isOnMap ? true : undefined;
    }
    if (!INDOOR.has(element) || validation.unchecked.includes(element)) return undefined;
    if (has('unit-unknown')) return false;
    return level === 'point' ? true : undefined;
  }

  for (const element of Object.keys(civic) as CivicElement[]) {
    const verdict = judge(element);
    (verdict === undefined ? unchecked : verdict ? valid : invalid).push(element);
  }
  const verdict: CivicVerdict = { valid, invalid, unchecked, level };
  const filled: CivicAddress = { ...found, ...(names?.PCN !== undefined && { PCN: names.PCN }) };
  if (invalid.length === 0) {
    const added = COMPLETED.filter((element) => filled[element] !== undefined && civic[element] === undefined);
    if (added.length === 0 || isOutside || errors.length > 0) return verdict;
    return { ...verdict, completed: { ...pick(filled, added), ...civic } };
  }
  const isCorrected = corrections.some(({ kind }) => kind === 'content');
  const isRight = errors.every(({ kind }) => STREET_FAULTS.has(kind) || kind === 'unit-unknown');
  const similar = [
    ...(isCorrected && isRight && errors.length === 0 ? [{ ...outside(civic), ...found }] : []),
    ...validation.candidates.map(({ address }) => ({ ...outside(civic), ...civicFromPostal(address) })),
  ];
  return similar.length === 0 ? verdict : { ...verdict, similar };
}

/** What of the address the check does not touch: names of places, landmarks, rooms. */
function outside(civic: CivicAddress): CivicAddress {
  const kept = Object.entries(civic).filter(
    ([element]) => !STREET.has(element as CivicElement) && !NUMBER.has(element as CivicElement) && element !== 'A2',
  );
  return Object.fromEntries(kept);
}

function pick(civic: CivicAddress, elements: readonly CivicElement[]): CivicAddress {
  return Object.fromEntries(elements.flatMap((element) => (civic[element] ? [[element, civic[element]]] : [])));
}

const COUNTY_WORDS = / (?:county|parish|borough|census area|municipio|municipality|city)$/;

function sameCounty(known: string, given: string): boolean {
  return foldName(known).replace(COUNTY_WORDS, '') === foldName(given).replace(COUNTY_WORDS, '');
}
