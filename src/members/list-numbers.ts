import type { Scope } from '../domain/scope.ts';
import { isUuid } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import type { MemberKind } from './caller.ts';
import type { MembersDeps } from './members-deps.ts';
import {
  countNumbers,
  type NumberColumn,
  type NumberEntry,
  type NumberFilter,
  selectExtensionPage,
  selectNumberPage,
} from './number-records.ts';
import { type PageRequest, readPage, visibleLocations } from './visible-locations.ts';

export type ListNumbersRequest = PageRequest & {
  locationId?: string | undefined;
  /** E.164. */
  number?: string | undefined;
  /** Part of a number, or of its owner's name in any case. */
  text?: string | undefined;
  extension?: string | undefined;
  /** NUMBER: telephone numbers; EXTENSION: extensions of those who have no number; both unless told. */
  numberType?: 'NUMBER' | 'EXTENSION' | undefined;
  /** true = without owner, false = with one. */
  available?: boolean | undefined;
  ownerKind?: MemberKind | undefined;
  ownerId?: string | undefined;
  active?: boolean | undefined;
  /** Of the numbers, `number` unless told; extensions alone follow in their own order. */
  sort?: SortWord<NumberColumn> | undefined;
};

/** The inventory of numbers: first the numbers in order, then the extensions of those who have none. */
export function createListNumbers(deps: MembersDeps) {
  const { db } = deps.database;
  return async function listNumbers(scope: Scope, request: ListNumbersRequest = {}): Promise<NumberEntry[]> {
    const { organizationId } = scope;
    const { numberType, ownerId } = request;
    const locationIds = visibleLocations(scope, request.locationId);
    if (locationIds?.length === 0 || (ownerId !== undefined && !isUuid(ownerId))) return [];
    const { start, max } = readPage(request);
    const filter: NumberFilter = {
      locationIds,
      number: request.number,
      text: request.text,
      extension: request.extension,
      available: request.available,
      ownerKind: request.ownerKind,
      ownerId,
      active: request.active,
      sort: request.sort,
    };
    if (numberType === 'EXTENSION') return selectExtensionPage(db, organizationId, filter, { start, max });
    const numbers = await selectNumberPage(db, organizationId, filter, { start, max });
    if (numberType === 'NUMBER' || numbers.length === max) return numbers;
    // Extensions begin where the numbers end, which an empty page does not tell.
    const ended =
      numbers.length > 0 || start === 0 ? start + numbers.length : await countNumbers(db, organizationId, filter);
    const rest = { start: Math.max(0, start - ended), max: max - numbers.length };
    return [...numbers, ...(await selectExtensionPage(db, organizationId, filter, rest))];
  };
}
