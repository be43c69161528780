import type { StoredAddress } from '../addresses/address-data.ts';
import { indoorLine } from '../domain/civic-address.ts';
import type { EmergencyAddressIndex } from './emergency-address-snapshot.ts';
import type { PlacesIndex } from './places-index.ts';

/** Every address of places, of all organizations: what is looked at again when address data change. */
export function* storedAddresses(
  places: PlacesIndex['organizations'],
  emergency: EmergencyAddressIndex,
): Generator<StoredAddress> {
  for (const [organizationId, { locationList, buildings, responseLocations }] of places) {
    for (const { id, postalAddress } of locationList) {
      yield { organizationId, kind: 'location', subjectId: id, address: postalAddress };
    }
    for (const [id, building] of buildings) {
      // A building without an address of its own stands with its location; a merged one with its survivor.
      if (!building.hasOwnAddress || id !== building.id) continue;
      yield { organizationId, kind: 'building', subjectId: id, address: building.postalAddress };
    }
    for (const [id, { buildingId, detail, id: own }] of responseLocations) {
      const building = buildings.get(buildingId);
      if (building === undefined || id !== own) continue;
      const { address2: _above, ...address } = building.postalAddress;
      const address2 = indoorLine(detail) || building.postalAddress.address2;
      yield {
        organizationId,
        kind: 'response-location',
        subjectId: id,
        address: { ...address, ...(address2 !== undefined && { address2 }) },
      };
    }
  }
  for (const [organizationId, byLocation] of emergency) {
    for (const { id, postalAddress } of byLocation.values()) {
      yield { organizationId, kind: 'location-emergency-address', subjectId: id, address: postalAddress };
    }
  }
}
