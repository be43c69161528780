import type { CivicAddress } from '../domain/civic-address.ts';

/** The address fields of the contract's building (section 4). */
export type BuildingAddressInput = {
  addressLine1?: string | null | undefined;
  addressLine2?: string | null | undefined;
  city?: string | null | undefined;
  stateOrProvince?: string | null | undefined;
  zipOrPostalCode?: string | null | undefined;
  country?: string | null | undefined;
};

/** Without `address` the building stands at the location's address, also after that changes. */
export type NewBuilding = {
  alertingEmail: string;
  address?: BuildingAddressInput | undefined;
  /** Elements that win over what the street line says (`RD`, `HNO` …). */
  civic?: CivicAddress | undefined;
};

/** Absent = stays. */
export type BuildingChanges = {
  alertingEmail?: string | undefined;
  address?: BuildingAddressInput | undefined;
  civic?: CivicAddress | undefined;
};
