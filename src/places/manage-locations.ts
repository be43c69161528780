import type { CivicAddress } from '../domain/civic-address.ts';
import { createFieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import { isSameHouse } from '../domain/same-house.ts';
import type { Scope } from '../domain/scope.ts';
import { isUuid, newId } from '../support/ids.ts';
import type { SortWord } from '../support/sort-order.ts';
import { changePlaces, type PlacesDeps, readWindow } from './change-places.ts';
import { deriveLocation, deriveLocationEntry } from './derive-places.ts';
import type { LocationColumn } from './location-records.ts';
import {
  insertLocation,
  type LocationRow,
  selectLocationForUpdate,
  selectLocationPage,
  updateLocationRow,
} from './location-records.ts';
import type { LocationEntry, Page, PageRequest, PlaceLocation } from './place.ts';
import {
  nameKey,
  optionalNotes,
  optionalPosition,
  requiredLanguage,
  requiredText,
  requiredTimeZone,
} from './place-fields.ts';
import { requireLocationRow } from './require-location.ts';

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

/** What PUT may change; absent = stays. The position goes with a new address that is another house. */
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
  /** Part of the name or of the address, in any case. */
  text?: string | undefined;
  id?: string | undefined;
  callingEnabled?: boolean | undefined;
  /** `name` unless told. */
  sort?: SortWord<LocationColumn> | undefined;
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

function maxNameLength(callingEnabled: boolean): number {
  return callingEnabled ? MAX_CALLING_NAME : MAX_NAME;
}

/** What the audit trail keeps of a location. */
export function settingsOf(row: LocationRow) {
  return {
    name: row.name,
    timeZone: row.timeZone,
    preferredLanguage: row.preferredLanguage,
    announcementLanguage: row.announcementLanguage,
    address: row.address,
    latitude: row.latitude,
    longitude: row.longitude,
    notes: row.notes,
    callingEnabled: row.callingEnabled,
    routingPrefix: row.routingPrefix,
    callingLineName: row.callingLineName,
  };
}

function civicOf({ addresses }: PlacesDeps, row: LocationRow): CivicAddress {
  return addresses.civicFromPostal(row.address as unknown as PostalAddress);
}

/** What `changes` make of a location, every field checked; what they do not name stays. */
export async function changedRow(
  deps: PlacesDeps,
  row: LocationRow,
  changes: LocationChanges,
  now: Date,
): Promise<LocationRow> {
  const faults = createFieldFaults();
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
  } else if (next.address !== row.address && !isSameHouse(civicOf(deps, next), civicOf(deps, row))) {
    // The position was that of the house it moved out of, and calls would go on being routed by it.
    next.latitude = null;
    next.longitude = null;
  }
  if (changes.notes !== undefined) next.notes = optionalNotes(changes.notes, 'notes', MAX_NOTES, faults);
  faults.throwIfAny();
  if (changes.address !== undefined) {
    next.addressCheck = await deps.addresses.checkAddress(next.address as unknown as PostalAddress, now);
  }
  return next;
}

/** What to say when a name is taken. */
export const nameTaken = (name: string | undefined) => ({
  path: 'name',
  detail: `the organization already has a location named ${name ?? 'so'}`,
});

/** Locations: create, list, read, change. */
export function createLocationManagement(deps: PlacesDeps) {
  const { addresses } = deps;

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
          touched: [row.id],
          entry: { action: 'location.created', subject: `location ${row.id}`, after: settingsOf(row) },
        };
      });
    },

    async listLocations(scope: Scope, filter: LocationFilter): Promise<Page<LocationEntry>> {
      const window = readWindow(filter);
      const mine = scope.locationIds === undefined ? undefined : [...scope.locationIds];
      let ids = mine;
      if (filter.id !== undefined) {
        const wanted = filter.id;
        ids = isUuid(wanted) && (mine === undefined || mine.includes(wanted)) ? [wanted] : [];
      }
      const { rows, total } = await selectLocationPage(
        deps.database.db,
        scope.organizationId,
        {
          namePart: filter.name === undefined ? undefined : nameKey(filter.name),
          textPart: filter.text === undefined ? undefined : nameKey(filter.text),
          ids,
          callingEnabled: filter.callingEnabled,
          sort: filter.sort,
        },
        window,
      );
      return { items: rows.map(deriveLocationEntry), total };
    },

    async getLocation(scope: Scope, id: string): Promise<PlaceLocation> {
      return deriveLocation(addresses, await requireLocationRow(deps.database.db, scope, id));
    },

    async updateLocation(scope: Scope, id: string, changes: LocationChanges): Promise<PlaceLocation> {
      return changePlaces(deps, scope, 'locations', nameTaken(changes.name), async (tx, now) => {
        const row = await requireLocationRow(tx, scope, id, selectLocationForUpdate);
        const next = await changedRow(deps, row, changes, now);
        await updateLocationRow(tx, scope.organizationId, row.id, next);
        return {
          result: deriveLocation(addresses, next),
          touched: [row.id],
          entry: {
            action: 'location.updated',
            subject: `location ${row.id}`,
            before: settingsOf(row),
            after: settingsOf(next),
          },
        };
      });
    },
  };
}
