import type { AddressValidation, UncheckedAddress } from '../addresses/addresses.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import { isSameHouse } from '../domain/same-house.ts';
import type { Scope } from '../domain/scope.ts';
import type { Position } from '../domain/shape.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { selectBuildingOfLocation } from './building-records.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import {
  deriveEmergencyAddress,
  deriveFormerEmergencyAddress,
  locateEmergencyAddress,
} from './derive-emergency-address.ts';
import { deriveBuilding, deriveLocation } from './derive-places.ts';
import {
  type EmergencyAddressRow,
  insertFormerEmergencyAddress,
  selectEmergencyAddress,
  selectFormerEmergencyAddresses,
  upsertEmergencyAddress,
} from './emergency-address-records.ts';
import { selectLocation, selectLocationForUpdate } from './location-records.ts';
import type { EmergencyAddress, FormerEmergencyAddress, PlaceBuilding, PlaceLocation } from './place.ts';
import { requireLocationRow } from './require-location.ts';

/** What is known of the addresses of a location: the first that is there is where help goes. */
export type LocationAddresses = {
  emergencyAddress: EmergencyAddress | null;
  building: PlaceBuilding | null;
  location: PlaceLocation;
  /** Former emergency addresses, the newest first, at most 100. */
  history: FormerEmergencyAddress[];
};

export type LookedUpAddress = {
  validation: AddressValidation;
  /** The position of the location, where the address is its own house; no other point is known. */
  position?: Position;
};

const MAX_HISTORY = 100;
const TAKEN = { path: 'address1', detail: 'the location already has an emergency address' };

/** The emergency address of a location (contract section 7, decision 39). */
export function createEmergencyAddressManagement(deps: PlacesDeps) {
  const { addresses } = deps;

  async function requireLocation(
    db: Queryable,
    scope: Scope,
    locationId: string,
    select: typeof selectLocation = selectLocation,
  ): Promise<PlaceLocation> {
    return deriveLocation(addresses, await requireLocationRow(db, scope, locationId, select));
  }

  /** Writes `row` and keeps what it takes the place of. */
  async function store(tx: Transaction, row: EmergencyAddressRow, before: EmergencyAddressRow | undefined) {
    if (before !== undefined) {
      await insertFormerEmergencyAddress(tx, {
        id: newId(),
        organizationId: before.organizationId,
        locationId: before.locationId,
        address: before.address,
        addressCheck: before.addressCheck,
        validFrom: before.updatedAt,
        validTo: row.updatedAt,
      });
    }
    await upsertEmergencyAddress(tx, row);
  }

  async function change(
    scope: Scope,
    locationId: string,
    given: UncheckedAddress,
    /** Rejects what may not be changed. */
    check: (before: EmergencyAddressRow | undefined) => void,
    isChange: boolean,
  ): Promise<EmergencyAddress> {
    return changePlaces(deps, scope, 'emergency-addresses', TAKEN, async (tx, now) => {
      const location = await requireLocation(tx, scope, locationId, () =>
        selectLocationForUpdate(tx, scope.organizationId, locationId),
      );
      const before = await selectEmergencyAddress(tx, scope.organizationId, location.id);
      check(before);
      const stored = before?.address as PostalAddress | undefined;
      const { address, check: addressCheck } = await addresses.readEmergencyAddress(given, {
        base: (isChange ? stored : undefined) ?? location.postalAddress,
        change: isChange,
        path: '',
        now,
      });
      const row: EmergencyAddressRow = {
        id: before?.id ?? newId(),
        organizationId: scope.organizationId,
        locationId: location.id,
        address,
        addressCheck,
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
      };
      await store(tx, row, before);
      return {
        result: locateEmergencyAddress(deriveEmergencyAddress(addresses, row), location),
        touched: [location.id],
        entry: {
          action: before === undefined ? 'emergency-address.created' : 'emergency-address.updated',
          subject: `location ${location.id}`,
          detail: {
            id: row.id,
            before: before === undefined ? null : { address: before.address },
            after: { address, level: addressCheck.level },
          },
        },
      };
    });
  }

  return {
    /**
     * Gives the location its emergency address, or another one in its place: there is one, and its id stays. Country, state,
     * city and postal code left out are the location's. Rejects with `not-found`, `forbidden`, `invalid`.
     */
    setEmergencyAddress: (scope: Scope, locationId: string, given: UncheckedAddress): Promise<EmergencyAddress> =>
      change(scope, locationId, given, () => undefined, false),

    /** Changes it; what is left out stays. Rejects with `not-found` where the location has none of that id. */
    updateEmergencyAddress(
      scope: Scope,
      locationId: string,
      addressId: string,
      given: UncheckedAddress,
    ): Promise<EmergencyAddress> {
      const requireIt = (before: EmergencyAddressRow | undefined): void => {
        if (before?.id !== addressId) {
          throw new ProblemError('not-found', `location ${locationId} has no emergency address ${addressId}`);
        }
      };
      return change(scope, locationId, given, requireIt, true);
    },

    /** What `setEmergencyAddress` would be given, checked and not stored. */
    async lookUpEmergencyAddress(scope: Scope, locationId: string, given: UncheckedAddress): Promise<LookedUpAddress> {
      const location = await requireLocation(deps.database.db, scope, locationId);
      const validation = await addresses.validateWithin(given, location.postalAddress, scope.organizationId);
      const position = isSameHouse(validation.civic, location.address) ? location.position : undefined;
      return { validation, ...(position && { position }) };
    },

    async readLocationAddresses(scope: Scope, locationId: string): Promise<LocationAddresses> {
      const { db } = deps.database;
      const location = await requireLocation(db, scope, locationId);
      const own = await selectEmergencyAddress(db, scope.organizationId, location.id);
      const building = await selectBuildingOfLocation(db, scope.organizationId, location.id);
      const history = await selectFormerEmergencyAddresses(db, scope.organizationId, location.id, MAX_HISTORY);
      return {
        emergencyAddress: own ? locateEmergencyAddress(deriveEmergencyAddress(addresses, own), location) : null,
        building: building ? deriveBuilding(addresses, building, location) : null,
        location,
        history: history.map(deriveFormerEmergencyAddress),
      };
    },
  };
}
