import type { UncheckedAddress } from '../addresses/addresses.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { createSnapshot } from '../storage/snapshot.ts';
import type { Logger } from '../support/logger.ts';
import type { PlacesDeps } from './change-places.ts';
import { locateEmergencyAddress } from './derive-emergency-address.ts';
import { emergencyAddressSnapshotDefinition } from './emergency-address-snapshot.ts';
import { type BuildingChanges, createBuildingManagement, type NewBuilding } from './manage-buildings.ts';
import { type CallingChanges, createCallingManagement } from './manage-calling.ts';
import {
  createEmergencyAddressManagement,
  type LocationAddresses,
  type LookedUpAddress,
} from './manage-emergency-addresses.ts';
import {
  createLocationManagement,
  type LocationChanges,
  type LocationFilter,
  type NewLocation,
} from './manage-locations.ts';
import {
  createResponseLocationManagement,
  type NewResponseLocation,
  type ResponseLocationChanges,
  type ResponseLocationFilter,
} from './manage-response-locations.ts';
import type {
  EmergencyAddress,
  LocationEntry,
  Page,
  PageRequest,
  PlaceBuilding,
  PlaceLocation,
  ResponseLocation,
} from './place.ts';
import { type LocationBrief, selectLocationBriefs } from './places-records.ts';
import { placesSnapshotDefinition } from './places-snapshot.ts';
import { createRemoveLocation } from './remove-location.ts';

export type {
  BuildingChanges,
  CallingChanges,
  EmergencyAddress,
  LocationAddresses,
  LocationBrief,
  LocationChanges,
  LocationEntry,
  LocationFilter,
  LookedUpAddress,
  NewBuilding,
  NewLocation,
  NewResponseLocation,
  Page,
  PageRequest,
  PlaceBuilding,
  PlaceLocation,
  ResponseLocation,
  ResponseLocationChanges,
  ResponseLocationFilter,
};

/** Locations, their buildings, and the emergency response locations in them. */
export type Places = {
  createLocation(scope: Scope, input: NewLocation): Promise<PlaceLocation>;
  listLocations(scope: Scope, filter: LocationFilter): Promise<Page<LocationEntry>>;
  getLocation(scope: Scope, locationId: string): Promise<PlaceLocation>;
  updateLocation(scope: Scope, locationId: string, changes: LocationChanges): Promise<PlaceLocation>;
  removeLocation(scope: Scope, locationId: string): Promise<void>;
  enableCalling(scope: Scope, locationId: string, changes?: LocationChanges): Promise<PlaceLocation>;
  disableCalling(scope: Scope, locationId: string): Promise<PlaceLocation>;
  getCallingLocation(scope: Scope, locationId: string): Promise<PlaceLocation>;
  updateCalling(
    scope: Scope,
    locationId: string,
    changes: CallingChanges,
    along?: (tx: Transaction) => Promise<void>,
  ): Promise<PlaceLocation>;
  /** Every location as stored now, or that one; inside a transaction, pass it. For who needs no more of 10,000 of them. */
  readLocationBriefs(db: Queryable, organizationId: string, locationId?: string): Promise<LocationBrief[]>;

  createBuilding(scope: Scope, locationId: string, input: NewBuilding): Promise<PlaceBuilding>;
  listBuildings(scope: Scope, page: PageRequest): Promise<Page<PlaceBuilding>>;
  getBuilding(scope: Scope, locationId: string): Promise<PlaceBuilding>;
  updateBuilding(scope: Scope, locationId: string, changes: BuildingChanges): Promise<PlaceBuilding>;
  removeBuilding(scope: Scope, locationId: string): Promise<void>;

  createResponseLocation(scope: Scope, input: NewResponseLocation): Promise<ResponseLocation>;
  listResponseLocations(scope: Scope, filter: ResponseLocationFilter): Promise<Page<ResponseLocation>>;
  getResponseLocation(scope: Scope, id: string): Promise<ResponseLocation>;
  updateResponseLocation(scope: Scope, id: string, changes: ResponseLocationChanges): Promise<ResponseLocation>;
  removeResponseLocation(scope: Scope, id: string): Promise<void>;

  setEmergencyAddress(scope: Scope, locationId: string, given: UncheckedAddress): Promise<EmergencyAddress>;
  updateEmergencyAddress(
    scope: Scope,
    locationId: string,
    addressId: string,
    given: UncheckedAddress,
  ): Promise<EmergencyAddress>;
  lookUpEmergencyAddress(scope: Scope, locationId: string, given: UncheckedAddress): Promise<LookedUpAddress>;
  readLocationAddresses(scope: Scope, locationId: string): Promise<LocationAddresses>;

  // From memory: synchronous, never throw, never touch the database.
  location(organizationId: string, locationId: string): PlaceLocation | undefined;
  locationsOf(organizationId: string): readonly PlaceLocation[];
  building(organizationId: string, locationId: string): PlaceBuilding | undefined;
  buildingById(organizationId: string, buildingId: string): PlaceBuilding | undefined;
  responseLocation(organizationId: string, id: string): ResponseLocation | undefined;
  emergencyAddress(organizationId: string, locationId: string): EmergencyAddress | undefined;

  readonly snapshots: readonly Snapshot<unknown>[];
};

export function createPlaces(deps: PlacesDeps & { logger: Logger; snapshotFolder: string | undefined }): Places {
  const snapshot = createSnapshot({ folder: deps.snapshotFolder, logger: deps.logger }, placesSnapshotDefinition(deps));
  const emergencyAddresses = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    emergencyAddressSnapshotDefinition(deps),
  );
  const of = (organizationId: string) => snapshot.current().get(organizationId);
  return {
    ...createLocationManagement(deps),
    ...createCallingManagement(deps),
    removeLocation: createRemoveLocation(deps),
    ...createBuildingManagement(deps),
    ...createResponseLocationManagement(deps),
    ...createEmergencyAddressManagement(deps),
    readLocationBriefs: selectLocationBriefs,
    location: (organizationId, locationId) => of(organizationId)?.locations.get(locationId),
    locationsOf: (organizationId) => of(organizationId)?.locationList ?? [],
    building: (organizationId, locationId) => of(organizationId)?.buildingsByLocation.get(locationId),
    buildingById: (organizationId, buildingId) => of(organizationId)?.buildings.get(buildingId),
    responseLocation: (organizationId, id) => of(organizationId)?.responseLocations.get(id),
    emergencyAddress(organizationId, locationId) {
      const known = emergencyAddresses.current().get(organizationId)?.get(locationId);
      return known && locateEmergencyAddress(known, of(organizationId)?.locations.get(locationId));
    },
    snapshots: [snapshot, emergencyAddresses],
  };
}
