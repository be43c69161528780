import type { AddressCheck, Addresses } from '../addresses/addresses.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { isSameHouse } from '../domain/same-house.ts';
import type { EmergencyAddressRow, FormerEmergencyAddressRow } from './emergency-address-records.ts';
import type { EmergencyAddress, FormerEmergencyAddress, PlaceLocation } from './place.ts';

/** An emergency address out of its row; the location's position is its own only where both name the same house. */
export function deriveEmergencyAddress(
  addresses: Pick<Addresses, 'civicFromPostal'>,
  row: EmergencyAddressRow,
  location: Pick<PlaceLocation, 'address' | 'position'> | undefined,
): EmergencyAddress {
  const postalAddress = row.address as unknown as PostalAddress;
  const address = addresses.civicFromPostal(postalAddress);
  const position = location && isSameHouse(address, location.address) ? location.position : undefined;
  return {
    id: row.id,
    organizationId: row.organizationId,
    locationId: row.locationId,
    postalAddress,
    address,
    addressCheck: row.addressCheck as unknown as AddressCheck,
    ...(position && { position }),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function deriveFormerEmergencyAddress(row: FormerEmergencyAddressRow): FormerEmergencyAddress {
  return {
    postalAddress: row.address as unknown as PostalAddress,
    addressCheck: row.addressCheck as unknown as AddressCheck,
    validFrom: row.validFrom.toISOString(),
    validTo: row.validTo.toISOString(),
  };
}
