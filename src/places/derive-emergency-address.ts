import type { AddressCheck, Addresses } from '../addresses/addresses.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { isSameHouse } from '../domain/same-house.ts';
import type { EmergencyAddressRow, FormerEmergencyAddressRow } from './emergency-address-records.ts';
import type { EmergencyAddress, FormerEmergencyAddress, PlaceLocation } from './place.ts';

/** An emergency address out of its row, before it is known where that is. */
export function deriveEmergencyAddress(
  addresses: Pick<Addresses, 'civicFromPostal'>,
  row: EmergencyAddressRow,
): EmergencyAddress {
  const postalAddress = row.address as unknown as PostalAddress;
  return {
    id: row.id,
    organizationId: row.organizationId,
    locationId: row.locationId,
    postalAddress,
    address: addresses.civicFromPostal(postalAddress),
    addressCheck: row.addressCheck as unknown as AddressCheck,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The same at the location's position, which is its own only where both name the same house. */
export function locateEmergencyAddress(
  emergency: EmergencyAddress,
  location: Pick<PlaceLocation, 'address' | 'position'> | undefined,
): EmergencyAddress {
  const position = location && isSameHouse(emergency.address, location.address) ? location.position : undefined;
  return position ? { ...emergency, position } : emergency;
}

export function deriveFormerEmergencyAddress(row: FormerEmergencyAddressRow): FormerEmergencyAddress {
  return {
    postalAddress: row.address as unknown as PostalAddress,
    addressCheck: row.addressCheck as unknown as AddressCheck,
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo.toISOString(),
  };
}
