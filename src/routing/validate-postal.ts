import type { Addresses, AddressValidation } from '../addresses/addresses.ts';
import { type CivicAddress, type CivicElement, streetLine } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { CivicValidator, CivicVerdict } from './civic-validator.ts';

/** The elements that postal data know of, by their names on an envelope. */
const POSTAL_FIELDS = [
  ['country', 'country'],
  ['A1', 'state'],
  ['A3', 'city'],
  ['PC', 'postalCode'],
] as const satisfies readonly (readonly [CivicElement, keyof PostalAddress])[];

/** What the lookup adds to an address that is right. */
const COMPLETED: readonly CivicElement[] = ['country', 'A1', 'A2', 'A3', 'PC'];

/**
 * Checks an address as deep as postal data go: country, state, city and postal code. Streets and house numbers stay
 * unchecked, so nobody takes them for validated.
 */
export function createPostalValidator(addresses: Pick<Addresses, 'validateAddress'>): CivicValidator {
  return async (civic) => {
    const validation = await addresses.validateAddress({
      address1: streetLine(civic),
      city: civic.A3 ?? '',
      state: civic.A1 ?? '',
      postalCode: civic.PC ?? '',
      country: civic.country ?? '',
    });
    return toVerdict(civic, validation);
  };
}

function toVerdict(civic: CivicAddress, { candidates, civic: corrected, corrections, errors }: AddressValidation) {
  const verdict = { valid: [] as CivicElement[], invalid: [] as CivicElement[], unchecked: [] as CivicElement[] };
  const isOutside = errors.some(({ kind }) => kind === 'outside-coverage' || kind === 'country-unknown');
  for (const element of Object.keys(civic) as CivicElement[]) {
    const field = POSTAL_FIELDS.find(([name]) => name === element)?.[1];
    const isWrong =
      errors.some((error) => error.field === field) ||
      corrections.some((correction) => correction.field === field && correction.kind === 'content');
    if (field === undefined || (isOutside && field !== 'country')) verdict.unchecked.push(element);
    else (isWrong ? verdict.invalid : verdict.valid).push(element);
  }
  const result: CivicVerdict = verdict;
  const postal = pick(corrected, COMPLETED);
  if (verdict.invalid.length === 0) {
    const adds = COMPLETED.some((element) => postal[element] !== undefined && civic[element] === undefined);
    return adds && !isOutside ? { ...result, completed: { ...postal, ...civic } } : result;
  }
  const isCorrected = corrections.some(({ kind }) => kind === 'content');
  const similar = [
    ...(isCorrected ? [{ ...civic, ...postal }] : []),
    ...candidates.map(({ address }) => ({ ...civic, ...fromPostal(address) })),
  ];
  return similar.length > 0 ? { ...result, similar } : result;
}

function fromPostal(address: PostalAddress): CivicAddress {
  const civic: { [element in CivicElement]?: string } = {};
  for (const [element, field] of POSTAL_FIELDS) {
    const value = address[field];
    if (value) civic[element] = value;
  }
  return civic;
}

function pick(civic: CivicAddress, elements: readonly CivicElement[]): CivicAddress {
  return Object.fromEntries(elements.flatMap((element) => (civic[element] ? [[element, civic[element]]] : [])));
}
