import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import type { AdditionalLocation, LocationValidation } from '../wire/lost/lost.ts';
import type { CivicValidation } from './find-service.ts';

/** What a check of an address found about its elements (RFC 5222 §8.4.2); what is in no list is unchecked. */
export type CivicVerdict = {
  valid: readonly CivicElement[];
  invalid: readonly CivicElement[];
  unchecked: readonly CivicElement[];
  /** The address with what was missing filled in; only where nothing in it is invalid. */
  completed?: CivicAddress;
  /** What may have been meant, best first. */
  similar?: readonly CivicAddress[];
};

/** Checks an address against whatever there is: postal data, streets, points. Rejects when it cannot check now. */
export type CivicValidator = (address: CivicAddress) => Promise<CivicVerdict>;

/** More alternatives than these are noise. */
const MAX_SIMILAR = 5;

/**
 * One list for an answer: the verdict of the check decides about each element, and where it says nothing, whether the lookup of
 * the boundary made use of the element.
 */
export function mergeValidation(
  civic: CivicAddress,
  used: CivicValidation,
  verdict: CivicVerdict,
  wanted: AdditionalLocation = 'any',
): LocationValidation {
  const merged: CivicValidation = { valid: [], invalid: [], unchecked: [] };
  for (const element of Object.keys(civic) as CivicElement[]) {
    if (verdict.invalid.includes(element)) merged.invalid.push(element);
    else if (verdict.valid.includes(element)) merged.valid.push(element);
    else if (used.invalid.includes(element)) merged.invalid.push(element);
    else if (used.valid.includes(element)) merged.valid.push(element);
    else merged.unchecked.push(element);
  }
  const { completed, similar = [] } = verdict;
  const withComplete = (wanted === 'any' || wanted === 'complete') && completed && merged.invalid.length === 0;
  const withSimilar = (wanted === 'any' || wanted === 'similar') && similar.length > 0 && merged.invalid.length > 0;
  return {
    ...merged,
    ...(withComplete ? { complete: completed } : {}),
    ...(withSimilar ? { similar: similar.slice(0, MAX_SIMILAR) } : {}),
  };
}
