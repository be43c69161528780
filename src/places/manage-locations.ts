import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { isUuid, newId } from '../support/ids.ts';
import { changePlaces, type PlacesDeps, readWindow, requireLocationAccess } from './change-places.ts';
import { deriveLocation } from './derive-places.ts';
import type { Page, PageRequest, PlaceLocation } from './place.ts';
import {
  nameKey,
  optionalNotes,
  optionalPosition,
  requiredLanguage,
  requiredText,
  requiredTimeZone,
} from './place-fields.ts';
import {
  deleteBuilding,
  deleteLocation,
  deleteResponseLocationsOfBuilding,
  insertLocation,
  type LocationRow,
  selectBuildingOfLocation,
  selectLocation,
  selectLocationForUpdate,
  selectLocations,
  updateLocationRow,
} from './places-records.ts';

/** Contract section 8, POST locations: every field but `address2`, position and notes is needed. */
export type NewLocation = {
  name: string;
  timeZone: string;
  preferredLanguage: string;
  announcementLanguage: string;
  address: LocationAddressInput;
  latitude?: number | string | undefined;
  longitude?: number | string | undefined;
  notes?: string | undefined;
  callingEnabled?: boolean | undefined;
};

/** The address fields of the contract's `locations` resource. */
export type LocationAddressInput = {
  address1?: string | undefined;
  address2?: string | null | undefined;
  city?: string | undefined;
  state?: string | undefined;
  postalCode?: string | undefined;
  country?: string | undefined;
};

/** What PUT may change; absent = stays. */
export type LocationChanges = {
  name?: string | undefined;
  timeZone?: string | undefined;
  preferredLanguage?: string | undefined;
  announcementLanguage?: string | undefined;
  address?: LocationAddressInput | undefined;
  latitude?: number | string | null | undefined;
  longitude?: number | string | null | undefined;
  notes?: string | null | undefined;
};

export type LocationFilter = PageRequest & {
  /** Part of the name, in any case. */
  name?: string | undefined;
  id?: string | undefined;
  callingEnabled?: boolean | undefined;
  /** By name; `asc` unless told. */
  order?: 'asc' | 'desc' | undefined;
};

const ADDRESS_NAMES = {
  address1: 'address1',
  address2: 'address2',
  city: 'city',
  state: 'state',
  postalCode: 'postalCode',
  country: 'country',
} as const;

/** Contract section 8: 256 characters, 80 where calling is used. */
const MAX_NAME = 256;
const MAX_CALLING_NAME = 80;
const MAX_NOTES = 4_096;

export function locationNotFound(locationId: string): ProblemError {
  return new ProblemError('not-found', `there is no location ${locationId}`);
}

function maxNameLength(callingEnabled: boolean): number {
  return callingEnabled ? MAX_CALLING_NAME : MAX_NAME;
}

/** What `changes` make of a location, every field checked; the address of `row` stays where none is given. */
function changedRow(
  deps: PlacesDeps,
  row: LocationRow,
  changes: LocationChanges,
  faults: FieldFaults,
  now: Date,
): LocationRow {
  const next = { ...row, updatedAt: now };
  if (changes.name !== undefined) {
    next.name = requiredText(changes.name, 'name', maxNameLength(row.callingEnabled), faults);
    next.nameKey = nameKey(next.name);
  }
  if (changes.timeZone !== undefined) next.timeZone = requiredTimeZone(changes.timeZone, 'timeZone', faults);
  if (changes.preferredLanguage !== undefined) {
    next.preferredLanguage = requiredLanguage(changes.preferredLanguage, 'preferredLanguage', faults);
  }
  if (changes.announcementLanguage !== undefined) {
    next.announcementLanguage = requiredLanguage(changes.announcementLanguage, 'announcementLanguage', faults);
  }
  if (changes.address !== undefined) {
    next.address = deps.addresses.readPostalAddress(changes.address, ADDRESS_NAMES, 'address', faults) ?? row.address;
  }
  if (changes.latitude !== undefined || changes.longitude !== undefined) {
    const position = optionalPosition(changes.latitude, changes.longitude, faults);
    next.latitude = position?.latitude ?? null;
    next.longitude = position?.longitude ?? null;
  }
  if (changes.notes !== undefined) next.notes = optionalNotes(changes.notes, 'notes', MAX_NOTES, faults);
  return next;
}

/** Locations: create, list, read, change, remove, switch calling on and off. */
export function createLocationManagement(deps: PlacesDeps) {
  const { addresses } = deps;

  async function requireLocation(tx: Transaction, scope: Scope, id: string): Promise<LocationRow> {
    const row = isUuid(id) ? await selectLocationForUpdate(tx, scope.organizationId, id) : undefined;
    if (row === undefined) throw locationNotFound(id);
    requireLocationAccess(scope, row.id);
    return row;
  }

  const nameTaken = (name: string | undefined) => ({
    path: 'name',
    detail: `the organization already has a location named ${name ?? 'so'}`,
  });

  return {
    async createLocation(scope: Scope, input: NewLocation): Promise<PlaceLocation> {
      const faults = createFieldFaults();
      const callingEnabled = input.callingEnabled ?? false;
      const name = requiredText(input.name, 'name', maxNameLength(callingEnabled), faults);
      const timeZone = requiredTimeZone(input.timeZone, 'timeZone', faults);
      const preferredLanguage = requiredLanguage(input.preferredLanguage, 'preferredLanguage', faults);
      const announcementLanguage = requiredLanguage(input.announcementLanguage, 'announcementLanguage', faults);
      const address = addresses.readPostalAddress(input.address, ADDRESS_NAMES, 'address', faults);
      const position = optionalPosition(input.latitude, input.longitude, faults);
      const notes = optionalNotes(input.notes, 'notes', MAX_NOTES, faults);
      faults.throwIfAny();
      if (address === undefined) throw new ProblemError('invalid', 'address cannot be read');

      return changePlaces(deps, scope, 'locations', nameTaken(name), async (tx, now) => {
        const row: LocationRow = {
          id: newId(),
          organizationId: scope.organizationId,
          name,
          nameKey: nameKey(name),
          timeZone,
          preferredLanguage,
          announcementLanguage,
          address,
          latitude: position?.latitude ?? null,
          longitude: position?.longitude ?? null,
          notes,
          callingEnabled,
          routingPrefix: null,
          callingLineName: null,
          addressCheck: await addresses.checkAddress(address, now),
          createdAt: now,
          updatedAt: now,
        };
        await insertLocation(tx, row);
        return {
          result: deriveLocation(addresses, row),
          entry: { action: 'location.created', subject: `location ${row.id}`, detail: { name, address } },
        };
      });
    },

    async listLocations(scope: Scope, filter: LocationFilter): Promise<Page<PlaceLocation>> {
      const window = readWindow(filter);
      const mine = scope.locationIds === undefined ? undefined : [...scope.locationIds];
      let ids = mine;
      if (filter.id !== undefined) {
        const wanted = filter.id;
        ids = isUuid(wanted) && (mine === undefined || mine.includes(wanted)) ? [wanted] : [];
      }
      const { rows, total } = await selectLocations(
        deps.database.db,
        scope.organizationId,
        {
          namePart: filter.name === undefined ? undefined : nameKey(filter.name),
          ids,
          callingEnabled: filter.callingEnabled,
          order: filter.order,
        },
        window,
      );
      return { items: rows.map((row) => deriveLocation(addresses, row)), total };
    },

    async getLocation(scope: Scope, id: string): Promise<PlaceLocation> {
      const row = isUuid(id) ? await selectLocation(deps.database.db, scope.organizationId, id) : undefined;
      if (row === undefined) throw locationNotFound(id);
      requireLocationAccess(scope, row.id);
      return deriveLocation(addresses, row);
    },

    async updateLocation(scope: Scope, id: string, changes: LocationChanges): Promise<PlaceLocation> {
      return changePlaces(deps, scope, 'locations', nameTaken(changes.name), async (tx, now) => {
        const row = await requireLocation(tx, scope, id);
        const faults = createFieldFaults();
        const next = changedRow(deps, row, changes, faults, now);
        faults.throwIfAny();
        if (changes.address !== undefined) {
          next.addressCheck = await addresses.checkAddress(next.address as unknown as PostalAddress, now);
        }
        await updateLocationRow(tx, scope.organizationId, row.id, next);
        return {
          result: deriveLocation(addresses, next),
          entry: {
            action: 'location.updated',
            subject: `location ${row.id}`,
            detail: {
              before: { name: row.name, address: row.address },
              after: { name: next.name, address: next.address },
            },
          },
        };
      });
    },

    async setCallingEnabled(scope: Scope, id: string, enabled: boolean): Promise<PlaceLocation> {
      return changePlaces(deps, scope, 'locations', nameTaken(undefined), async (tx, now) => {
        const row = await requireLocation(tx, scope, id);
        const faults = createFieldFaults();
        requiredText(row.name, 'name', maxNameLength(enabled), faults);
        faults.throwIfAny();
        const next = { ...row, callingEnabled: enabled, updatedAt: now };
        await updateLocationRow(tx, scope.organizationId, row.id, next);
        return {
          result: deriveLocation(addresses, next),
          entry: {
            action: enabled ? 'location.calling-enabled' : 'location.calling-disabled',
            subject: `location ${row.id}`,
          },
        };
      });
    },

    /** Contract section 8: calling must be disabled first. Building and ERLs go with it unless the wire map names them. */
    async removeLocation(scope: Scope, id: string): Promise<void> {
      await changePlaces(deps, scope, 'locations', nameTaken(undefined), async (tx) => {
        const row = await requireLocation(tx, scope, id);
        if (row.callingEnabled) {
          throw new ProblemError('conflict', 'calling must be disabled before the location can be removed');
        }
        const use = (await deps.describeLocationUse?.(tx, scope.organizationId, row.id)) ?? null;
        if (use !== null) throw new ProblemError('conflict', `the location is still used by ${use}`);
        const building = await selectBuildingOfLocation(tx, scope.organizationId, row.id);
        if (building !== undefined) {
          await deleteResponseLocationsOfBuilding(tx, scope.organizationId, building.id);
          await deleteBuilding(tx, scope.organizationId, building.id);
        }
        await deleteLocation(tx, scope.organizationId, row.id);
        return {
          result: undefined,
          entry: { action: 'location.removed', subject: `location ${row.id}`, detail: { name: row.name } },
        };
      });
    },
  };
}
