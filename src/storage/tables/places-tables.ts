import type { JSONColumnType } from 'kysely';

export interface PlacesTables {
  /** Sites of an organization, as the contract's `locations` resource has them. */
  locations: {
    id: string;
    organizationId: string;
    name: string;
    /** The name as it is compared: unique in the organization, searched by part. */
    nameKey: string;
    timeZone: string;
    preferredLanguage: string;
    announcementLanguage: string;
    /** A PostalAddress, as entered. */
    address: JSONColumnType<Record<string, string>>;
    latitude: number | null;
    longitude: number | null;
    notes: string | null;
    callingEnabled: boolean;
    /** Digits dialled before an extension of this location from another one; unique in the organization. */
    routingPrefix: string | null;
    /** The name shown with calls of the location; null = that of the location. */
    callingLineName: string | null;
    /** An AddressCheck: how right the address is; null = not checked since it was stored. */
    addressCheck: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** The building of a location: a street address and who is told. */
  buildings: {
    id: string;
    organizationId: string;
    locationId: string;
    /** A PostalAddress; null = that of the location. */
    address: JSONColumnType<Record<string, string> | null, string | null, string | null>;
    /** Civic elements given in structured form; they win over what the street line says. */
    civic: JSONColumnType<Record<string, string>>;
    alertingEmail: string;
    /** An AddressCheck of the building's own address; null = it has none, or not checked since it was stored. */
    addressCheck: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** Emergency response locations: floor, zone, room in a building. */
  responseLocations: {
    id: string;
    organizationId: string;
    buildingId: string;
    name: string;
    nameKey: string;
    /** Civic elements inside the building. */
    detail: JSONColumnType<Record<string, string>>;
    /** A Shape. */
    shape: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
    alertEmails: string[];
    /** The one that this was merged into: whatever names this means that. Null = it stands for itself. */
    mergedInto: string | null;
    createdAt: Date;
    updatedAt: Date;
  };
  /** Ids of buildings that were merged into others. */
  mergedBuildings: { id: string; organizationId: string; survivorId: string; mergedAt: Date };
  /** Emergency location identification numbers: each leads to one response location. */
  elins: {
    /** E.164. */
    number: string;
    organizationId: string;
    responseLocationId: string;
    createdAt: Date;
  };
  /** The emergency address of a location: where help goes for its numbers that have none of their own. */
  locationEmergencyAddresses: {
    id: string;
    organizationId: string;
    locationId: string;
    /** A PostalAddress. */
    address: JSONColumnType<Record<string, string>>;
    /** An AddressCheck. */
    addressCheck: JSONColumnType<Record<string, unknown>>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** What emergency addresses of locations were before they changed. */
  locationEmergencyAddressHistory: {
    id: string;
    organizationId: string;
    locationId: string;
    address: JSONColumnType<Record<string, string>>;
    addressCheck: JSONColumnType<Record<string, unknown>>;
    validFrom: Date;
    validTo: Date;
  };
}
