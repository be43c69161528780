import type { Scope } from '../../domain/scope.ts';
import type { Clock } from '../../support/clock.ts';
import { type SortKey, type SortWord, sortItems } from '../../support/sort-order.ts';
import { type ElinBinding, isBound } from './elin-binding.ts';
import type { ElinBindings } from './elin-bindings.ts';

export type ElinBindingColumn = 'number' | 'caller' | 'boundAt' | 'expiresAt' | 'isActive';

const ORDERS: Readonly<Record<ElinBindingColumn, (item: ElinBindingItem) => SortKey>> = {
  number: ({ number }) => number,
  caller: ({ caller }) => caller,
  boundAt: ({ boundAt }) => boundAt,
  expiresAt: ({ expiresAt }) => expiresAt,
  isActive: ({ isActive }) => isActive,
};

export type ElinBindingRequest = {
  responseLocationId?: string | undefined;
  /** Part of the number. */
  number?: string | undefined;
  /** Only those that hold, or only those that are over. */
  active?: boolean | undefined;
  /** `number` unless told. */
  sort?: SortWord<ElinBindingColumn> | undefined;
  start?: number | undefined;
  max?: number | undefined;
};

/** `isActive`: a call to the number reaches the caller; otherwise it goes to the site. */
export type ElinBindingItem = ElinBinding & { isActive: boolean };

/** Who is reached on which ELIN, by number: what this node knows at this moment. */
export function createListElinBindings(deps: { bindings: ElinBindings; clock: Clock }) {
  return function listElinBindings(scope: Scope, request: ElinBindingRequest = {}): ElinBindingItem[] {
    const { responseLocationId, number, active, sort = 'number', start = 0, max = 100 } = request;
    const nowMs = deps.clock.nowMs();
    const found = deps.bindings
      .ofOrganization(scope.organizationId)
      .map((binding) => ({ ...binding, isActive: isBound(binding, nowMs) }))
      .filter(
        (item) =>
          (responseLocationId === undefined || item.responseLocationId === responseLocationId) &&
          (number === undefined || item.number.includes(number)) &&
          (active === undefined || item.isActive === active),
      );
    return sortItems(found, sort, ORDERS).slice(start, start + max);
  };
}
