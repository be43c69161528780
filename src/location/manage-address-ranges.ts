import { createFieldFaults } from '../domain/field-faults.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import { isUuid, newId } from '../support/ids.ts';
import { isTooWide, readAddressRange } from './address-range.ts';
import { changeWireMap, type WireMapDeps } from './change-wire-map.ts';
import { readDescription } from './manage-wire-map.ts';
import {
  type AddressRangeRow,
  deleteAddressRange,
  insertAddressRange,
  selectAddressRange,
  selectAddressRanges,
} from './wire-map-records.ts';

/** Addresses from which an organization is seen. */
export type OwnAddressRange = {
  id: string;
  organizationId: string;
  /** Canonical: address, CIDR block or `from-to`. */
  range: string;
  /** The site behind these addresses; null = they tell no site. */
  locationId: string | null;
  description: string;
  createdAt: string;
};

export type NewOwnAddressRange = {
  range: string;
  locationId?: string | null | undefined;
  description?: string | undefined;
};

const MAX_RANGES = 10_000;

function rangeOf(row: AddressRangeRow): OwnAddressRange {
  return { ...row, createdAt: row.createdAt.toISOString() };
}

/**
 * The organization's addresses. A private address in a request counts only when the request is seen from one of these;
 * a platform that runs inside the organization's own network lists the private range it sees there.
 */
export function createAddressRangeManagement(deps: WireMapDeps) {
  return {
    async createAddressRange(scope: Scope, input: NewOwnAddressRange): Promise<OwnAddressRange> {
      const faults = createFieldFaults();
      const range = readAddressRange(input.range);
      if (typeof range === 'string') faults.add('range', range);
      // Everybody's 192.168.1.7 would be in the office.
      else if (isTooWide(range))
        faults.add('range', 'is wider than the addresses of one organization: at most a /8 of IPv4, a /16 of IPv6');
      const description = readDescription(input.description, 'description', faults);
      faults.throwIfAny();
      if (typeof range === 'string') throw new ProblemError('invalid', `range ${range}`);
      const locationId = input.locationId ?? null;
      if (locationId !== null) await deps.places.getLocation(scope, locationId);
      return changeWireMap(deps, scope, async (tx, now) => {
        const stored = await selectAddressRanges(tx, scope.organizationId);
        if (stored.length >= MAX_RANGES) {
          throw new ProblemError('conflict', `the organization already has ${MAX_RANGES} address ranges`);
        }
        const row: AddressRangeRow = {
          id: newId(),
          organizationId: scope.organizationId,
          range: range.text,
          locationId,
          description,
          createdAt: now,
        };
        await insertAddressRange(tx, row);
        return {
          result: rangeOf(row),
          entry: {
            action: 'address-range.created',
            subject: `address range ${row.id}`,
            after: { range: row.range, locationId },
          },
        };
      });
    },

    async listAddressRanges(scope: Scope): Promise<OwnAddressRange[]> {
      return (await selectAddressRanges(deps.database.db, scope.organizationId)).map(rangeOf);
    },

    async removeAddressRange(scope: Scope, id: string): Promise<void> {
      await changeWireMap(deps, scope, async (tx) => {
        const { organizationId } = scope;
        const row = isUuid(id) ? await selectAddressRange(tx, organizationId, id) : undefined;
        if (row === undefined) {
          throw missing(await wasRemoved(tx, { organizationId, kind: 'address-range', id }), `address range ${id}`);
        }
        await deleteAddressRange(tx, organizationId, row.id);
        await recordRemoval(tx, { organizationId, kind: 'address-range', id: row.id });
        return {
          result: undefined,
          entry: {
            action: 'address-range.removed',
            subject: `address range ${row.id}`,
            before: { range: row.range, locationId: row.locationId },
          },
        };
      });
    },
  };
}
