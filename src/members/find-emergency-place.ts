import { isSameHouse } from '../domain/same-house.ts';
import type { Places } from '../places/places.ts';
import type { EmergencyPlace, NumberAddress } from './number-address.ts';
import type { NumberAddressIndex } from './number-address-snapshot.ts';

/** Where calls go that are located by a number: its own address, else the emergency address of its location (decision 39). */
export function createFindEmergencyPlace(deps: {
  index: () => NumberAddressIndex;
  places: Pick<Places, 'location' | 'emergencyAddress'>;
  /** Where the number stands now. */
  locationOfNumber: (organizationId: string, number: string) => string | undefined;
}) {
  const { places } = deps;

  function ofNumber(own: NumberAddress | undefined, locationId: string): EmergencyPlace | undefined {
    // Given for another location: the number has moved since, and help would go to where it was.
    if (!own?.address || own.locationId !== locationId) return undefined;
    const site = places.location(own.organizationId, locationId);
    const position = site && isSameHouse(own.address, site.address) ? site.position : undefined;
    return {
      target: { kind: 'number-address', id: own.id },
      locationId,
      address: own.address,
      ...(position && { position }),
      rule: `own emergency address of ${own.number}`,
    };
  }

  function ofLocation(organizationId: string, locationId: string): EmergencyPlace | undefined {
    const emergency = places.emergencyAddress(organizationId, locationId);
    if (emergency === undefined) return undefined;
    const name = places.location(organizationId, locationId)?.name ?? 'the location';
    return {
      target: { kind: 'location-address', id: locationId },
      locationId,
      address: emergency.address,
      ...(emergency.position && { position: emergency.position }),
      rule: `emergency address of ${name}, the location of the caller’s number`,
    };
  }

  return {
    findEmergencyPlace(organizationId: string, locationId: string, number?: string): EmergencyPlace | undefined {
      const own = number === undefined ? undefined : deps.index().get(organizationId)?.byNumber.get(number);
      return ofNumber(own, locationId) ?? ofLocation(organizationId, locationId);
    },

    /** The location that a number's own address leads to now, and the address while it counts; null = it does no more. */
    placeOfNumberAddress(
      organizationId: string,
      addressId: string,
    ): { locationId: string; place: EmergencyPlace | undefined } | undefined {
      const own = deps.index().get(organizationId)?.byId.get(addressId);
      if (own === undefined) return undefined;
      const locationId = deps.locationOfNumber(organizationId, own.number) ?? own.locationId;
      return { locationId, place: ofNumber(own, locationId) ?? ofLocation(organizationId, locationId) };
    },
  };
}
