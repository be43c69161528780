import type { PageRequest } from './place.ts';

/** Contract section 8, POST locations: every field but `address2`, position and notes is needed. */
export type NewLocation = {
  name: string;
  timeZone: string;
  preferredLanguage: string;
  announcementLanguage: string;
  address: LocationAddressInput;
  latitude?: number | string | undefined;
  longitude?: number | string | undefined;
  notes?: string | undefined;
  callingEnabled?: boolean | undefined;
};

/** The address fields of the contract's `locations` resource. */
export type LocationAddressInput = {
  address1?: string | undefined;
  address2?: string | null | undefined;
  city?: string | undefined;
  state?: string | undefined;
  postalCode?: string | undefined;
  country?: string | undefined;
};

/** What PUT may change; absent = stays. */
export type LocationChanges = {
  name?: string | undefined;
  timeZone?: string | undefined;
  preferredLanguage?: string | undefined;
  announcementLanguage?: string | undefined;
  address?: LocationAddressInput | undefined;
  latitude?: number | string | null | undefined;
  longitude?: number | string | null | undefined;
  notes?: string | null | undefined;
};

export type LocationFilter = PageRequest & {
  /** Part of the name, in any case. */
  name?: string | undefined;
  id?: string | undefined;
  callingEnabled?: boolean | undefined;
  /** By name; `asc` unless told. */
  order?: 'asc' | 'desc' | undefined;
};
