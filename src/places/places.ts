import type { Scope } from '../domain/scope.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import type { BuildingChanges, NewBuilding } from './manage-buildings.ts';
import type { LocationChanges, LocationFilter, NewLocation } from './manage-locations.ts';
import type {
  NewResponseLocation,
  ResponseLocationChanges,
  ResponseLocationFilter,
} from './manage-response-locations.ts';
import type { Page, PageRequest, PlaceBuilding, PlaceLocation, ResponseLocation } from './place.ts';

export type { Page, PageRequest, PlaceBuilding, PlaceLocation, ResponseLocation };

/** Locations, their buildings, and the emergency response locations in them. */
export type Places = {
  createLocation(scope: Scope, input: NewLocation): Promise<PlaceLocation>;
  listLocations(scope: Scope, filter: LocationFilter): Promise<Page<PlaceLocation>>;
  getLocation(scope: Scope, locationId: string): Promise<PlaceLocation>;
  updateLocation(scope: Scope, locationId: string, changes: LocationChanges): Promise<PlaceLocation>;
  removeLocation(scope: Scope, locationId: string): Promise<void>;
  setCallingEnabled(scope: Scope, locationId: string, enabled: boolean): Promise<PlaceLocation>;

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

  // From memory: synchronous, never throw, never touch the database.
  location(organizationId: string, locationId: string): PlaceLocation | undefined;
  locationsOf(organizationId: string): readonly PlaceLocation[];
  building(organizationId: string, locationId: string): PlaceBuilding | undefined;
  buildingById(organizationId: string, buildingId: string): PlaceBuilding | undefined;
  responseLocation(organizationId: string, id: string): ResponseLocation | undefined;

  readonly snapshots: readonly Snapshot<unknown>[];
};
