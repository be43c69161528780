import type { AddressCheck } from '../addresses/addresses.ts';
import type { CivicAddress } from '../domain/civic-address.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import type { Position, Shape } from '../domain/shape.ts';

/** A site of an organization (contract section 8, `locations`), as lists show it. */
export type LocationEntry = {
  id: string;
  organizationId: string;
  name: string;
  /** IANA name, `America/Chicago`. */
  timeZone: string;
  preferredLanguage: string;
  announcementLanguage: string;
  /** As entered. */
  postalAddress: PostalAddress;
  /** ISO 3166-1 alpha-2 as entered: `PR` stays `PR`. */
  country: string;
  position?: Position;
  notes?: string;
  callingEnabled: boolean;
  /** Digits dialled before an extension of this location from another one. */
  routingPrefix?: string;
  /** The name shown with calls of the location; absent = its own. */
  callingLineName?: string;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** A site of an organization with what places are found by. */
export type PlaceLocation = LocationEntry & {
  /** The postal address in civic elements; a territory always stands as `US` with its code in `A1`. */
  address: CivicAddress;
  /** How right the address is, against what and since when; null = not checked since it was stored. */
  addressCheck: AddressCheck | null;
};

/** The building of a location: the street address responders drive to. */
export type PlaceBuilding = {
  id: string;
  organizationId: string;
  locationId: string;
  /** As entered, or the location's while the building has none of its own. */
  postalAddress: PostalAddress;
  hasOwnAddress: boolean;
  address: CivicAddress;
  /** The position of the location, where the building is the location's own house; no other point is known. */
  position?: Position;
  /** How right that address is; null = not checked since it was stored. */
  addressCheck: AddressCheck | null;
  alertingEmail: string;
  createdAt: string;
  updatedAt: string;
};

/** Where help goes for calls that are located by a number of this location (contract section 7). */
export type EmergencyAddress = {
  id: string;
  organizationId: string;
  locationId: string;
  /** As entered, in the usual form. */
  postalAddress: PostalAddress;
  /** The same in civic elements. */
  address: CivicAddress;
  addressCheck: AddressCheck;
  /** The position of the location, where this is the location's own address. */
  position?: Position;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** What an emergency address was before it changed. */
export type FormerEmergencyAddress = {
  postalAddress: PostalAddress;
  addressCheck: AddressCheck;
  /** ISO 8601. */
  validFrom: string;
  validTo: string;
};

/** An emergency response location: floor, zone or room in a building. */
export type ResponseLocation = {
  id: string;
  organizationId: string;
  name: string;
  buildingId: string;
  locationId: string;
  /** The elements inside the building alone. */
  detail: CivicAddress;
  /** The building's address with `detail` laid over it: the dispatchable location. */
  civic: CivicAddress;
  shape?: Shape;
  /** Who is told of a call from here, beside whom the building, the location and the organization name. */
  alertEmails: readonly string[];
  /** E.164: numbers that a call from here may be shown with, so that a PSAP's callback leads here. */
  elins: readonly string[];
  /** Ids of response locations that were merged into this one: whatever names them means this. */
  mergedIds: readonly string[];
  createdAt: string;
  updatedAt: string;
};

/** One page of a list; `total` counts all that match. */
export type Page<Item> = { items: Item[]; total: number };

/** Which part of a list is wanted: `start` is an offset, `max` at most 2,000. */
export type PageRequest = { start?: number | undefined; max?: number | undefined };

/** A number that leads to an emergency response location (emergency location identification number). */
export type Elin = {
  /** E.164. */
  number: string;
  responseLocationId: string;
  responseLocationName: string;
  locationId: string;
  /** ISO 8601. */
  createdAt: string;
};

/** A floor of a building: what its response locations name in `FLR`. */
export type Floor = { floor: string; responseLocations: number };

/** What names places, counted; it follows wherever they go. */
export type PlaceReferences = { wireMapElements: number; deviceOverrides: number };
