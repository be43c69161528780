import type { StoredAddress } from '../addresses/address-data.ts';
import type { UncheckedAddress } from '../addresses/addresses.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable, Transaction } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { createSnapshot } from '../storage/snapshot.ts';
import type { Logger } from '../support/logger.ts';
import { createBringBackPlace } from './bring-back-place.ts';
import type { PlacesDeps } from './change-places.ts';
import { locateEmergencyAddress } from './derive-emergency-address.ts';
import { selectTakenElins } from './elin-records.ts';
import { emergencyAddressSnapshotDefinition } from './emergency-address-snapshot.ts';
import { createExportResponseLocations } from './export-response-locations.ts';
import {
  createImportResponseLocations,
  type ResponseLocationImport,
  type ResponseLocationImportOptions,
} from './import-response-locations.ts';
import { createListLocationOverviews, type LocationOverview } from './list-location-overviews.ts';
import { type LocationBrief, selectLocationBriefs } from './location-records.ts';
import {
  type BuildingChanges,
  type BuildingFilter,
  createBuildingManagement,
  type NewBuilding,
} from './manage-buildings.ts';
import { type CallingChanges, createCallingManagement } from './manage-calling.ts';
import {
  createEmergencyAddressManagement,
  type LocationAddresses,
  type LookedUpAddress,
} from './manage-emergency-addresses.ts';
import { createFloorManagement, type RenamedFloor } from './manage-floors.ts';
import {
  createLocationManagement,
  type LocationChanges,
  type LocationFilter,
  type NewLocation,
} from './manage-locations.ts';
import {
  createResponseLocationManagement,
  type ElinFilter,
  type NewResponseLocation,
  type ResponseLocationChanges,
  type ResponseLocationFilter,
} from './manage-response-locations.ts';
import { createMergeBuildings, type MergeBuildingsOptions, type MergedBuildings } from './merge-buildings.ts';
import { createMergeResponseLocations, type MergedResponseLocations } from './merge-response-locations.ts';
import { createMoveBuilding, type MovedBuilding } from './move-building.ts';
import {
  createMoveResponseLocation,
  type DryRunOption,
  type MovedResponseLocation,
  type ResponseLocationMove,
} from './move-response-location.ts';
import type {
  Elin,
  EmergencyAddress,
  Floor,
  LocationEntry,
  Page,
  PageRequest,
  PlaceBuilding,
  PlaceLocation,
  PlaceReferences,
  ResponseLocation,
} from './place.ts';
import { placesSnapshotDefinition } from './places-snapshot.ts';
import { createRemoveLocation } from './remove-location.ts';
import { storedAddresses } from './stored-addresses.ts';

export type { ElinColumn } from './elin-records.ts';
export type { LocationColumn } from './location-records.ts';
export type { ResponseLocationColumn } from './response-location-records.ts';
export type {
  BuildingChanges,
  BuildingFilter,
  CallingChanges,
  Elin,
  ElinFilter,
  EmergencyAddress,
  Floor,
  LocationAddresses,
  LocationBrief,
  LocationChanges,
  LocationEntry,
  LocationFilter,
  LocationOverview,
  LookedUpAddress,
  MergeBuildingsOptions,
  MergedBuildings,
  MergedResponseLocations,
  MovedBuilding,
  MovedResponseLocation,
  NewBuilding,
  NewLocation,
  NewResponseLocation,
  Page,
  PageRequest,
  PlaceBuilding,
  PlaceLocation,
  PlaceReferences,
  RenamedFloor,
  ResponseLocation,
  ResponseLocationChanges,
  ResponseLocationFilter,
  ResponseLocationImport,
  ResponseLocationImportOptions,
  ResponseLocationMove,
};

/** Locations, their buildings, and the emergency response locations in them. */
export type Places = {
  createLocation(scope: Scope, input: NewLocation): Promise<PlaceLocation>;
  listLocations(scope: Scope, filter: LocationFilter): Promise<Page<LocationEntry>>;
  /** The same with what is in each of them. */
  listLocationOverviews(scope: Scope, filter: LocationFilter): Promise<Page<LocationOverview>>;
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

  /** Puts a removed place back by `putBack`, while nobody moves places or hands out numbers. Throws `conflict`. */
  bringBackPlace(tx: Transaction, organizationId: string, placeId: string, putBack: () => Promise<void>): Promise<void>;

  createBuilding(scope: Scope, locationId: string, input: NewBuilding): Promise<PlaceBuilding>;
  listBuildings(scope: Scope, filter: BuildingFilter): Promise<Page<PlaceBuilding>>;
  getBuildingById(scope: Scope, id: string): Promise<PlaceBuilding>;
  getBuilding(scope: Scope, locationId: string): Promise<PlaceBuilding>;
  updateBuilding(scope: Scope, locationId: string, changes: BuildingChanges): Promise<PlaceBuilding>;
  updateBuildingById(scope: Scope, id: string, changes: BuildingChanges): Promise<PlaceBuilding>;
  removeBuilding(scope: Scope, id: string): Promise<void>;
  moveBuilding(scope: Scope, id: string, locationId: string, options?: DryRunOption): Promise<MovedBuilding>;
  /** The id of the first leads to the second from then on. */
  mergeBuildings(scope: Scope, id: string, into: string, options?: MergeBuildingsOptions): Promise<MergedBuildings>;
  listFloors(scope: Scope, buildingId: string): Promise<Floor[]>;
  renameFloor(
    scope: Scope,
    buildingId: string,
    names: { from: string; to: string },
    options?: DryRunOption,
  ): Promise<RenamedFloor>;

  createResponseLocation(scope: Scope, input: NewResponseLocation): Promise<ResponseLocation>;
  listResponseLocations(scope: Scope, filter: ResponseLocationFilter): Promise<Page<ResponseLocation>>;
  getResponseLocation(scope: Scope, id: string): Promise<ResponseLocation>;
  updateResponseLocation(scope: Scope, id: string, changes: ResponseLocationChanges): Promise<ResponseLocation>;
  removeResponseLocation(scope: Scope, id: string): Promise<void>;
  moveResponseLocation(
    scope: Scope,
    id: string,
    move: ResponseLocationMove,
    options?: DryRunOption,
  ): Promise<MovedResponseLocation>;
  /** The id of the first leads to the second from then on. */
  mergeResponseLocations(
    scope: Scope,
    id: string,
    into: string,
    options?: DryRunOption,
  ): Promise<MergedResponseLocations>;
  /** All rows or none; columns as exportResponseLocations writes them. */
  importResponseLocations(
    scope: Scope,
    csvText: string,
    options?: ResponseLocationImportOptions,
  ): Promise<ResponseLocationImport>;
  exportResponseLocations(scope: Scope, filter?: ResponseLocationFilter): Promise<string>;
  /** Those of these numbers that are ELINs, whichever organization's; inside a transaction, pass it. */
  findElins(
    db: Queryable,
    numbers: readonly string[],
  ): Promise<{ number: string; organizationId: string; responseLocationId: string }[]>;
  listElins(scope: Scope, filter: ElinFilter): Promise<Page<Elin>>;

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
  /** Those that were not merged into another. */
  responseLocationsOf(organizationId: string): Iterable<ResponseLocation>;
  /** Where an ELIN (E.164) leads, whichever organization's it is. */
  responseLocationOfElin(number: string): ResponseLocation | undefined;
  emergencyAddress(organizationId: string, locationId: string): EmergencyAddress | undefined;

  /** Every address of all organizations, to be looked at again. */
  storedAddresses(): Iterable<StoredAddress>;

  readonly snapshots: readonly Snapshot<unknown>[];
};

export function createPlaces(deps: PlacesDeps & { logger: Logger; snapshotFolder: string | undefined }): Places {
  const snapshot = createSnapshot({ folder: deps.snapshotFolder, logger: deps.logger }, placesSnapshotDefinition(deps));
  const emergencyAddresses = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    emergencyAddressSnapshotDefinition(deps),
  );
  const responseLocations = createResponseLocationManagement(deps);
  const locations = createLocationManagement(deps);
  const of = (organizationId: string) => snapshot.current().organizations.get(organizationId);
  return {
    ...locations,
    listLocationOverviews: createListLocationOverviews(deps, (scope, filter) => locations.listLocations(scope, filter)),
    ...createCallingManagement(deps),
    removeLocation: createRemoveLocation(deps),
    bringBackPlace: createBringBackPlace(deps),
    ...createBuildingManagement(deps),
    moveBuilding: createMoveBuilding(deps),
    mergeBuildings: createMergeBuildings(deps),
    ...createFloorManagement(deps),
    ...responseLocations,
    findElins: (db, numbers) => selectTakenElins(db, numbers, undefined),
    importResponseLocations: createImportResponseLocations(deps),
    exportResponseLocations: createExportResponseLocations(deps, (scope, filter) =>
      responseLocations.responseLocationPages(scope, filter),
    ),
    moveResponseLocation: createMoveResponseLocation(deps),
    mergeResponseLocations: createMergeResponseLocations(deps),
    ...createEmergencyAddressManagement(deps),
    readLocationBriefs: selectLocationBriefs,
    location: (organizationId, locationId) => of(organizationId)?.locations.get(locationId),
    locationsOf: (organizationId) => of(organizationId)?.locationList ?? [],
    building: (organizationId, locationId) => of(organizationId)?.buildingsByLocation.get(locationId),
    buildingById: (organizationId, buildingId) => of(organizationId)?.buildings.get(buildingId),
    responseLocation: (organizationId, id) => of(organizationId)?.responseLocations.get(id),
    *responseLocationsOf(organizationId) {
      for (const [id, one] of of(organizationId)?.responseLocations ?? []) if (one.id === id) yield one;
    },
    responseLocationOfElin(number) {
      const holder = snapshot.current().holders.get(number);
      return holder === undefined ? undefined : of(holder)?.byElin.get(number);
    },
    emergencyAddress(organizationId, locationId) {
      const known = emergencyAddresses.current().get(organizationId)?.get(locationId);
      return known && locateEmergencyAddress(known, of(organizationId)?.locations.get(locationId));
    },
    storedAddresses: () => storedAddresses(snapshot.current().organizations, emergencyAddresses.current()),
    snapshots: [snapshot, emergencyAddresses],
  };
}
