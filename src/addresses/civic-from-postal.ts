import { type CivicAddress, type CivicElement, mergeCivicAddress } from '../domain/civic-address.ts';
import { readCountryAndState } from '../domain/e911-coverage.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { splitStreetLines } from './split-street-line.ts';
import { foldWord, SPANISH_AREAS } from './street-words.ts';

const NUMBER_ELEMENTS: readonly CivicElement[] = ['HNP', 'HNO', 'HNS'];
const STREET_ELEMENTS: readonly CivicElement[] = ['PRM', 'PRD', 'STP', 'RD', 'STS', 'POD', 'POM'];

/**
 * The civic elements of a postal address. `structured` elements win; a street name or a house number of which one element
 * is structured is taken from there as a whole, because half of each would name another street.
 */
export function civicFromPostal(postal: PostalAddress, structured: CivicAddress = {}): CivicAddress {
  const region = readCountryAndState(postal.country, postal.state);
  const country = region?.country ?? postal.country;
  const A1 = region?.A1 ?? (postal.state === '' ? undefined : postal.state);
  const lines = streetLines(postal, A1);
  const split: { [element in CivicElement]?: string } = splitStreetLines(lines.street, lines.second ?? '', {
    country,
    A1,
  });
  for (const group of [NUMBER_ELEMENTS, STREET_ELEMENTS]) {
    if (group.some((element) => structured[element])) for (const element of group) delete split[element];
  }
  const given: CivicAddress = {
    ...split,
    country,
    ...(A1 === undefined ? {} : { A1 }),
    A3: postal.city,
    PC: postal.postalCode,
  };
  return mergeCivicAddress(given, structured);
}

/** Whether an address lies in Puerto Rico, whichever of the two ways that is said. */
export function isPuertoRico({ A1, country }: CivicAddress): boolean {
  return readCountryAndState(country ?? '', A1 ?? '')?.A1 === 'PR';
}

function isArea(text: string): boolean {
  return !/\d/.test(text) && SPANISH_AREAS.has(foldWord(text.trim().split(' ')[0] ?? ''));
}

/** Puerto Rico writes the urbanización above the street, or below: both together are the street line. */
function streetLines(
  { address1, address2 }: PostalAddress,
  A1: string | undefined,
): { street: string; second?: string } {
  if (address2 === undefined) return { street: address1 };
  const isOneLine = A1 === 'PR' && (isArea(address1) || address2.split(',').some(isArea));
  return isOneLine ? { street: `${address1}, ${address2}` } : { street: address1, second: address2 };
}
