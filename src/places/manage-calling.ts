import { createFieldFaults } from '../domain/field-faults.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { recordRemoval, wasRemoved } from '../storage/removed-resources.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { deriveLocation } from './derive-places.ts';
import { type LocationRow, selectLocationForUpdate, updateLocationRow } from './location-records.ts';
import { changedRow, type LocationChanges, nameTaken, settingsOf } from './manage-locations.ts';
import type { PlaceLocation } from './place.ts';
import { requiredLanguage, requiredText } from './place-fields.ts';
import { requireLocationRow } from './require-location.ts';

/** What PUT telephony location may change (contract section 8); absent = stays, null = is taken away. */
export type CallingChanges = {
  announcementLanguage?: string | undefined;
  /** 2 to 7 digits, unique in the organization. */
  routingPrefix?: string | null | undefined;
  callingLineName?: string | null | undefined;
};

const ROUTING_PREFIX = /^\d{2,7}$/;
const MAX_LINE_NAME = 80;

const prefixTaken = { path: 'routingPrefix', detail: 'another location has this routing prefix' };

/** Throws `gone` where calling was disabled, `not-found` where it never was enabled. */
async function requireCalling(db: Queryable, row: LocationRow): Promise<void> {
  if (row.callingEnabled) return;
  const { organizationId, id } = row;
  throw missing(await wasRemoved(db, { organizationId, kind: 'calling', id }), `calling at location ${id}`);
}

/** Calling at locations: switched on and off, and what the telephone system shows of them (contract section 8). */
export function createCallingManagement(deps: PlacesDeps) {
  return {
    /** `changes` are what the contract's body says of the location once more. Throws `conflict` when calling is on already. */
    async enableCalling(scope: Scope, id: string, changes: LocationChanges = {}): Promise<PlaceLocation> {
      return changePlaces(deps, scope, 'locations', nameTaken(changes.name), async (tx, now) => {
        const row = await requireLocationRow(tx, scope, id, selectLocationForUpdate);
        if (row.callingEnabled) throw new ProblemError('conflict', `calling is already enabled at location ${row.id}`);
        // With the name once more, because the limit for its length is another one now.
        const next = await changedRow(deps, { ...row, callingEnabled: true }, { name: row.name, ...changes }, now);
        await updateLocationRow(tx, scope.organizationId, row.id, next);
        return {
          result: deriveLocation(deps.addresses, next),
          touched: [row.id],
          entry: {
            action: 'location.calling-enabled',
            subject: `location ${row.id}`,
            before: settingsOf(row),
            after: settingsOf(next),
          },
        };
      });
    },

    /** Throws `conflict` that says who still uses calling there. */
    async disableCalling(scope: Scope, id: string): Promise<PlaceLocation> {
      const { organizationId } = scope;
      return changePlaces(deps, scope, 'locations', prefixTaken, async (tx, now) => {
        const row = await requireLocationRow(tx, scope, id, selectLocationForUpdate);
        await requireCalling(tx, row);
        const use = (await deps.describeLocationUse?.(tx, organizationId, row.id)) ?? null;
        if (use !== null) throw new ProblemError('conflict', `calling at the location is still used by ${use}`);
        const next = { ...row, callingEnabled: false, routingPrefix: null, callingLineName: null, updatedAt: now };
        await updateLocationRow(tx, organizationId, row.id, next);
        await recordRemoval(tx, { organizationId, kind: 'calling', id: row.id });
        return {
          result: deriveLocation(deps.addresses, next),
          touched: [row.id],
          entry: {
            action: 'location.calling-disabled',
            subject: `location ${row.id}`,
            before: settingsOf(row),
            after: settingsOf(next),
          },
        };
      });
    },

    /** The location, if calling is enabled there. */
    async getCallingLocation(scope: Scope, id: string): Promise<PlaceLocation> {
      const { db } = deps.database;
      const row = await requireLocationRow(db, scope, id);
      await requireCalling(db, row);
      return deriveLocation(deps.addresses, row);
    },

    /** `along` is done in the same transaction: what a later room keeps of the same resource. */
    async updateCalling(
      scope: Scope,
      id: string,
      changes: CallingChanges,
      along?: (tx: Transaction) => Promise<void>,
    ): Promise<PlaceLocation> {
      return changePlaces(deps, scope, 'locations', prefixTaken, async (tx, now) => {
        const row = await requireLocationRow(tx, scope, id, selectLocationForUpdate);
        await requireCalling(tx, row);
        const next = { ...row, updatedAt: now };
        const faults = createFieldFaults();
        const { announcementLanguage, routingPrefix, callingLineName } = changes;
        if (announcementLanguage !== undefined) {
          next.announcementLanguage = requiredLanguage(announcementLanguage, 'announcementLanguage', faults);
        }
        if (callingLineName !== undefined) {
          next.callingLineName =
            callingLineName === null
              ? null
              : requiredText(callingLineName, 'callingLineId.name', MAX_LINE_NAME, faults);
        }
        if (routingPrefix !== undefined) {
          if (routingPrefix !== null && !ROUTING_PREFIX.test(routingPrefix)) {
            faults.add('routingPrefix', 'expected 2 to 7 digits');
          }
          next.routingPrefix = routingPrefix;
        }
        faults.throwIfAny();
        await updateLocationRow(tx, scope.organizationId, row.id, next);
        await along?.(tx);
        return {
          result: deriveLocation(deps.addresses, next),
          touched: [row.id],
          entry: {
            action: 'location.calling-updated',
            subject: `location ${row.id}`,
            before: settingsOf(row),
            after: settingsOf(next),
          },
        };
      });
    },
  };
}
