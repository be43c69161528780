import type { Scope } from '../domain/scope.ts';
import { isUuid } from '../support/ids.ts';

export type PageRequest = {
  /** Offset, 0 unless told. */
  start?: number | undefined;
  /** At most 2,001: a page of 2,000, and one more that tells whether there is another. */
  max?: number | undefined;
};

const MAX_PAGE = 2_001;

/** The part of a list that is asked for. */
export function readPage({ start = 0, max = MAX_PAGE }: PageRequest): { start: number; max: number } {
  return { start: Math.max(0, start), max: Math.min(MAX_PAGE, Math.max(1, max)) };
}

/** The locations to show: those asked for, within those a location administrator may see; undefined = all. */
export function visibleLocations(
  scope: Scope,
  wanted: string | readonly string[] | undefined,
): readonly string[] | undefined {
  if (wanted === undefined) return scope.locationIds && [...scope.locationIds];
  const ids = typeof wanted === 'string' ? [wanted] : wanted;
  return ids.filter((id) => isUuid(id) && scope.locationIds?.has(id) !== false);
}
