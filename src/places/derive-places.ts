import type { AddressCheck, Addresses } from '../addresses/addresses.ts';
import { type CivicAddress, mergeCivicAddress } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { isSameHouse } from '../domain/same-house.ts';
import type { Shape } from '../domain/shape.ts';
import type { BuildingRow } from './building-records.ts';
import type { ElinRow } from './elin-records.ts';
import type { LocationEntryRow, LocationRow } from './location-records.ts';
import type { LocationEntry, PlaceBuilding, PlaceLocation, ResponseLocation } from './place.ts';
import type { PlaceRows } from './places-records.ts';
import type { ResponseLocationRow } from './response-location-records.ts';

/** A location as lists show it; without civic elements, which cost more than all the rest. */
export function deriveLocationEntry(row: LocationEntryRow): LocationEntry {
  const postalAddress = row.address as unknown as PostalAddress;
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    timeZone: row.timeZone,
    preferredLanguage: row.preferredLanguage,
    announcementLanguage: row.announcementLanguage,
    postalAddress,
    country: postalAddress.country,
    ...(row.latitude === null || row.longitude === null
      ? {}
      : { position: { latitude: row.latitude, longitude: row.longitude } }),
    ...(row.notes === null ? {} : { notes: row.notes }),
    callingEnabled: row.callingEnabled,
    ...(row.routingPrefix === null ? {} : { routingPrefix: row.routingPrefix }),
    ...(row.callingLineName === null ? {} : { callingLineName: row.callingLineName }),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Makes places of stored rows: addresses in civic elements, each place with what it inherits from the one around it. */
export function deriveLocation(addresses: Addresses, row: LocationRow): PlaceLocation {
  return {
    ...deriveLocationEntry(row),
    address: addresses.civicFromPostal(row.address as unknown as PostalAddress),
    addressCheck: row.addressCheck as AddressCheck | null,
  };
}

export function deriveBuilding(addresses: Addresses, row: BuildingRow, location: PlaceLocation): PlaceBuilding {
  const own = row.address as unknown as PostalAddress | null;
  const postalAddress = own ?? location.postalAddress;
  const address = addresses.civicFromPostal(postalAddress, row.civic);
  // A point routes before an address: that of another house would send help to the wrong place.
  const position = own === null || isSameHouse(address, location.address) ? location.position : undefined;
  return {
    id: row.id,
    organizationId: row.organizationId,
    locationId: row.locationId,
    postalAddress,
    hasOwnAddress: own !== null,
    address,
    ...(position && { position }),
    addressCheck: own === null ? location.addressCheck : (row.addressCheck as AddressCheck | null),
    alertingEmail: row.alertingEmail,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What belongs to a response location and stands in rows of its own. */
export type ResponseLocationBelongings = { elins: readonly string[]; mergedIds: readonly string[] };

const NO_BELONGINGS: ResponseLocationBelongings = { elins: [], mergedIds: [] };

export function deriveResponseLocation(
  row: ResponseLocationRow,
  building: PlaceBuilding,
  { elins, mergedIds }: ResponseLocationBelongings,
): ResponseLocation {
  const detail = row.detail as CivicAddress;
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    buildingId: row.buildingId,
    locationId: building.locationId,
    detail,
    civic: mergeCivicAddress(building.address, detail),
    ...(row.shape === null ? {} : { shape: row.shape as unknown as Shape }),
    alertEmails: row.alertEmails,
    elins,
    mergedIds,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** All places of one organization. */
export type OrganizationPlaces = {
  locations: PlaceLocation[];
  buildings: PlaceBuilding[];
  responseLocations: ResponseLocation[];
  /** Buildings that were merged, and into which. */
  mergedBuildings: { id: string; survivorId: string }[];
};

/** By response location: its ELINs, and the ids that were merged into it. */
export function gatherBelongings(rows: {
  responseLocations: readonly ResponseLocationRow[];
  elins: readonly ElinRow[];
}): (id: string) => ResponseLocationBelongings {
  const elins = Map.groupBy(rows.elins, ({ responseLocationId }) => responseLocationId);
  const merged = Map.groupBy(rows.responseLocations, ({ mergedInto }) => mergedInto);
  return (id) => {
    const own = { elins: elins.get(id), mergedIds: merged.get(id) };
    if (own.elins === undefined && own.mergedIds === undefined) return NO_BELONGINGS;
    return {
      elins: own.elins?.map(({ number }) => number).sort() ?? [],
      mergedIds: own.mergedIds?.map((row) => row.id).sort() ?? [],
    };
  };
}

/** Rows of any number of organizations to places, by organization. */
export function derivePlaces(addresses: Addresses, rows: PlaceRows): Map<string, OrganizationPlaces> {
  const places = new Map<string, OrganizationPlaces>();
  const locations = new Map<string, PlaceLocation>();
  const buildings = new Map<string, PlaceBuilding>();
  const of = (organizationId: string): OrganizationPlaces => {
    let found = places.get(organizationId);
    if (found === undefined) {
      found = { locations: [], buildings: [], responseLocations: [], mergedBuildings: [] };
      places.set(organizationId, found);
    }
    return found;
  };
  for (const row of rows.locations) {
    const location = deriveLocation(addresses, row);
    locations.set(location.id, location);
    of(row.organizationId).locations.push(location);
  }
  for (const row of rows.buildings) {
    const location = locations.get(row.locationId);
    if (location === undefined) continue;
    const building = deriveBuilding(addresses, row, location);
    buildings.set(building.id, building);
    of(row.organizationId).buildings.push(building);
  }
  const belongings = gatherBelongings(rows);
  for (const row of rows.responseLocations) {
    const building = buildings.get(row.buildingId);
    if (building === undefined || row.mergedInto !== null) continue;
    of(row.organizationId).responseLocations.push(deriveResponseLocation(row, building, belongings(row.id)));
  }
  for (const { organizationId, id, survivorId } of rows.mergedBuildings) {
    of(organizationId).mergedBuildings.push({ id, survivorId });
  }
  return places;
}
