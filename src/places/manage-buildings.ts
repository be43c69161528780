import { CIVIC_ELEMENTS, type CivicAddress, type CivicElement } from '../domain/civic-address.ts';
import { createFieldFaults, type FieldFaults } from '../domain/field-faults.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { keepRemoval } from '../storage/kept-removals.ts';
import { recordRemoval, recordRemovals } from '../storage/removed-resources.ts';
import { isUuid, newId } from '../support/ids.ts';
import {
  type BuildingRow,
  deleteBuilding,
  insertBuilding,
  selectBuildingOfLocation,
  selectBuildings,
  updateBuildingRow,
} from './building-records.ts';
import { changePlaces, type PlacesDeps, readWindow } from './change-places.ts';
import { deriveBuilding, deriveLocation } from './derive-places.ts';
import { keptPlace, REMOVED_ROWS } from './kept-place.ts';
import { selectLocations } from './location-records.ts';
import type { Page, PageRequest, PlaceBuilding, PlaceLocation } from './place.ts';
import { civicElements, nameKey, requiredEmail } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import { requireBuilding } from './require-building.ts';
import { requireLocationRow } from './require-location.ts';
import { deleteResponseLocationsOfBuilding } from './response-location-records.ts';

/** The address fields of the contract's building (section 4). */
export type BuildingAddressInput = {
  addressLine1?: string | null | undefined;
  addressLine2?: string | null | undefined;
  city?: string | null | undefined;
  stateOrProvince?: string | null | undefined;
  zipOrPostalCode?: string | null | undefined;
  country?: string | null | undefined;
};

/** Without `address` the building stands at the location's address, also after that changes. */
export type NewBuilding = {
  alertingEmail: string;
  address?: BuildingAddressInput | undefined;
  /** Elements that win over what the street line says (`RD`, `HNO` …). */
  civic?: CivicAddress | undefined;
};

/** Absent = stays. */
export type BuildingChanges = {
  alertingEmail?: string | undefined;
  address?: BuildingAddressInput | undefined;
  civic?: CivicAddress | undefined;
};

export type BuildingFilter = PageRequest & {
  locationId?: string | undefined;
  /** Part of the address, or of the location's name, in any case. */
  text?: string | undefined;
};

const ADDRESS_NAMES = {
  address1: 'addressLine1',
  address2: 'addressLine2',
  city: 'city',
  state: 'stateOrProvince',
  postalCode: 'zipOrPostalCode',
  country: 'country',
} as const;

// Country and state come from the address; everything else may be told in structure.
const STRUCTURED: ReadonlySet<CivicElement> = new Set(
  CIVIC_ELEMENTS.filter((element) => element !== 'country' && element !== 'A1'),
);

function isGiven(address: BuildingAddressInput | undefined): address is BuildingAddressInput {
  return address !== undefined && Object.values(ADDRESS_NAMES).some((name) => (address[name] ?? '').trim() !== '');
}

/** A building names what differs; the rest of an address left out is the location's (all fields are optional there). */
function readAddress(
  deps: PlacesDeps,
  input: BuildingAddressInput,
  location: PlaceLocation,
  faults: FieldFaults,
): PostalAddress | undefined {
  const from = location.postalAddress;
  const given = (value: string | null | undefined) => (value ?? '').trim() !== '';
  // A state means nothing in another country, nor a suite in another street.
  const sameCountry = !given(input.country);
  const sameState = sameCountry && !given(input.stateOrProvince);
  const sameCity = sameState && !given(input.city);
  const filled = {
    ...input,
    country: sameCountry ? from.country : input.country,
    stateOrProvince: sameState ? from.state : input.stateOrProvince,
    city: sameCity ? from.city : input.city,
    zipOrPostalCode: sameCity && !given(input.zipOrPostalCode) ? from.postalCode : input.zipOrPostalCode,
  };
  return deps.addresses.readPostalAddress(filled, ADDRESS_NAMES, 'address', faults);
}

/** The building of a location (contract section 4). */
export function createBuildingManagement(deps: PlacesDeps) {
  const { addresses } = deps;
  const taken = { path: 'locationId', detail: 'the location already has a building' };

  async function requireLocation(db: Queryable, scope: Scope, locationId: string): Promise<PlaceLocation> {
    return deriveLocation(addresses, await requireLocationRow(db, scope, locationId));
  }

  async function buildingRowOf(db: Queryable, scope: Scope, location: PlaceLocation): Promise<BuildingRow> {
    const row = await selectBuildingOfLocation(db, scope.organizationId, location.id);
    if (row === undefined) throw new ProblemError('not-found', `location ${location.id} has no building yet`);
    return row;
  }

  type Found = { row: BuildingRow; location: PlaceLocation };

  async function byId(db: Queryable, scope: Scope, id: string): Promise<Found> {
    const { row } = await requireBuilding(deps, db, scope, id);
    return { row, location: await requireLocation(db, scope, row.locationId) };
  }

  /** Whoever changes a building waits for who moves or merges it: nothing that was read is written over what they wrote. */
  async function update(
    scope: Scope,
    changes: BuildingChanges,
    find: (tx: Transaction) => Promise<Found>,
  ): Promise<PlaceBuilding> {
    return changePlaces(deps, scope, 'places', taken, async (tx, now) => {
      await lockPlaces(tx, scope.organizationId);
      const { row, location } = await find(tx);
      const faults = createFieldFaults();
      const next: BuildingRow = { ...row, updatedAt: now };
      if (changes.alertingEmail !== undefined) {
        next.alertingEmail = requiredEmail(changes.alertingEmail, 'alertingEmail', faults);
      }
      if (isGiven(changes.address)) next.address = readAddress(deps, changes.address, location, faults) ?? row.address;
      if (changes.civic !== undefined) next.civic = civicElements(changes.civic, STRUCTURED, 'civic', faults);
      faults.throwIfAny();
      if (isGiven(changes.address) && next.address !== null) {
        next.addressCheck = await addresses.checkAddress(next.address as unknown as PostalAddress, now);
      }
      await updateBuildingRow(tx, scope.organizationId, row.id, next);
      return {
        result: deriveBuilding(addresses, next, location),
        touched: [row.id],
        entry: {
          action: 'building.updated',
          subject: `building ${row.id}`,
          before: { address: row.address, alertingEmail: row.alertingEmail, civic: row.civic },
          after: { address: next.address, alertingEmail: next.alertingEmail, civic: next.civic },
        },
      };
    });
  }

  return {
    async createBuilding(scope: Scope, locationId: string, input: NewBuilding): Promise<PlaceBuilding> {
      return changePlaces(deps, scope, 'places', taken, async (tx, now) => {
        const location = await requireLocation(tx, scope, locationId);
        const faults = createFieldFaults();
        const alertingEmail = requiredEmail(input.alertingEmail, 'alertingEmail', faults);
        const address = isGiven(input.address) ? readAddress(deps, input.address, location, faults) : undefined;
        const civic = civicElements(input.civic ?? {}, STRUCTURED, 'civic', faults);
        faults.throwIfAny();
        const row: BuildingRow = {
          id: newId(),
          organizationId: scope.organizationId,
          locationId: location.id,
          address: address ?? null,
          civic,
          alertingEmail,
          addressCheck: address === undefined ? null : await addresses.checkAddress(address, now),
          createdAt: now,
          updatedAt: now,
        };
        await insertBuilding(tx, row);
        return {
          result: deriveBuilding(addresses, row, location),
          touched: [row.id],
          entry: {
            action: 'building.created',
            subject: `building ${row.id}`,
            after: { locationId: location.id, alertingEmail, address: address ?? null },
          },
        };
      });
    },

    async listBuildings(scope: Scope, filter: BuildingFilter): Promise<Page<PlaceBuilding>> {
      let locationIds = scope.locationIds === undefined ? undefined : [...scope.locationIds];
      const wanted = filter.locationId;
      if (wanted !== undefined) {
        const allowed = isUuid(wanted) && (locationIds === undefined || locationIds.includes(wanted));
        locationIds = allowed ? [wanted] : [];
      }
      const { db } = deps.database;
      const { rows, total } = await selectBuildings(
        db,
        scope.organizationId,
        { locationIds, textPart: filter.text === undefined ? undefined : nameKey(filter.text) },
        readWindow(filter),
      );
      const locations = await selectLocations(
        db,
        scope.organizationId,
        rows.map((row) => row.locationId),
      );
      const byId = new Map(locations.map((row) => [row.id, deriveLocation(addresses, row)]));
      const items = rows.flatMap((row) => {
        const location = byId.get(row.locationId);
        return location === undefined ? [] : [deriveBuilding(addresses, row, location)];
      });
      return { items, total };
    },

    async getBuildingById(scope: Scope, id: string): Promise<PlaceBuilding> {
      return (await requireBuilding(deps, deps.database.db, scope, id)).building;
    },

    async getBuilding(scope: Scope, locationId: string): Promise<PlaceBuilding> {
      const location = await requireLocation(deps.database.db, scope, locationId);
      return deriveBuilding(addresses, await buildingRowOf(deps.database.db, scope, location), location);
    },

    /** Of the building that the location has at the moment. */
    updateBuilding: (scope: Scope, locationId: string, changes: BuildingChanges): Promise<PlaceBuilding> =>
      update(scope, changes, async (tx) => {
        const location = await requireLocation(tx, scope, locationId);
        return { location, row: await buildingRowOf(tx, scope, location) };
      }),

    /** Of this building, at whichever location it is by then. */
    updateBuildingById: (scope: Scope, id: string, changes: BuildingChanges): Promise<PlaceBuilding> =>
      update(scope, changes, (tx) => byId(tx, scope, id)),

    /** Removes the building and its ERLs, unless the wire map names one of them. */
    async removeBuilding(scope: Scope, id: string): Promise<void> {
      await changePlaces(deps, scope, 'places', taken, async (tx, now) => {
        const { organizationId } = scope;
        await lockPlaces(tx, organizationId);
        const { row, location } = await byId(tx, scope, id);
        const summary = {
          locationId: location.id,
          address: row.address,
          alertingEmail: row.alertingEmail,
          civic: row.civic,
        };
        const place = { kind: 'building', id: row.id, name: location.name, locationId: location.id, summary } as const;
        await keepRemoval(tx, keptPlace(scope, place, now), REMOVED_ROWS.building);
        const ids = await deleteResponseLocationsOfBuilding(tx, organizationId, row.id);
        await recordRemovals(tx, { organizationId, kind: 'response-location', ids });
        await deleteBuilding(tx, organizationId, row.id);
        await recordRemoval(tx, { organizationId, kind: 'building', id: row.id });
        return {
          result: undefined,
          touched: [row.id],
          entry: {
            action: 'building.removed',
            subject: `building ${row.id}`,
            before: summary,
          },
        };
      });
    },
  };
}
