import type { CivicAddress } from '../domain/civic-address.ts';
import type { LocationValue } from '../domain/location-value.ts';
import type { Position, Shape } from '../domain/shape.ts';
import type { EmergencyPlace, Members } from '../members/members.ts';
import type { Places } from '../places/places.ts';
import type { RegisteredAddress } from './known-devices.ts';
import type { LocationTarget, TargetPlaces } from './located-device.ts';

/** Emergency addresses that numbers and locations have. */
export type EmergencyPlaces = Pick<Members, 'findEmergencyPlace' | 'placeOfNumberAddress'>;

/** Reads of the places and members rooms that finding needs, and the addresses that devices registered. */
export type KnownPlaces = Pick<Places, 'location' | 'building' | 'buildingById' | 'responseLocation'> &
  EmergencyPlaces & {
    registeredAddress(organizationId: string, id: string): RegisteredAddress | undefined;
  };

/** A place as of now. */
export type Place = { value: LocationValue; places: TargetPlaces };

function valueOf(civic: CivicAddress, shape: Shape | undefined, position: Position | undefined): LocationValue {
  const known: Shape | undefined = shape ?? (position && { type: 'point', position });
  return known === undefined ? { civic } : { civic, shape: known };
}

/**
 * The address and shape of a target; undefined when it no longer exists. A location with a building is at the building's
 * address. What has no shape of its own is at the position of that house, where it is known. An emergency address that was
 * deleted since, or whose number has moved, leads to what counts in its stead: a reference on a call that is under way must
 * lead somewhere.
 */
export function placeOfTarget(places: KnownPlaces, organizationId: string, target: LocationTarget): Place | undefined {
  switch (target.kind) {
    case 'erl': {
      const erl = places.responseLocation(organizationId, target.id);
      if (erl === undefined) return undefined;
      const position = places.buildingById(organizationId, erl.buildingId)?.position;
      return {
        value: valueOf(erl.civic, erl.shape, position),
        places: { locationId: erl.locationId, buildingId: erl.buildingId, erlId: erl.id },
      };
    }
    case 'building': {
      const building = places.buildingById(organizationId, target.id);
      if (building === undefined) return undefined;
      return {
        value: valueOf(building.address, undefined, building.position),
        places: { locationId: building.locationId, buildingId: building.id, erlId: null },
      };
    }
    case 'location': {
      const location = places.location(organizationId, target.id);
      if (location === undefined) return undefined;
      const building = places.building(organizationId, location.id);
      return {
        value: building
          ? valueOf(building.address, undefined, building.position)
          : valueOf(location.address, undefined, location.position),
        places: { locationId: location.id, buildingId: building?.id ?? null, erlId: null },
      };
    }
    case 'number-address': {
      const found = places.placeOfNumberAddress(organizationId, target.id);
      if (found === undefined) return undefined;
      return (
        placeOfEmergency(found.place) ??
        placeOfTarget(places, organizationId, { kind: 'location', id: found.locationId })
      );
    }
    case 'location-address':
      return (
        placeOfEmergency(places.findEmergencyPlace(organizationId, target.id)) ??
        placeOfTarget(places, organizationId, { kind: 'location', id: target.id })
      );
    case 'device-address': {
      const address = places.registeredAddress(organizationId, target.id);
      if (address === undefined) return undefined;
      return { value: { civic: address.civic }, places: { locationId: null, buildingId: null, erlId: null } };
    }
  }
}

function placeOfEmergency(found: EmergencyPlace | undefined): Place | undefined {
  if (found === undefined) return undefined;
  return {
    value: valueOf(found.address, undefined, found.position),
    places: { locationId: found.locationId, buildingId: null, erlId: null },
  };
}
