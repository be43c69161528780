import type { ColumnType, JSONColumnType } from 'kysely';

/** The location room's tables of devices and of what is noted beside requests. */
export interface DeviceTables {
  /** Exact places of devices, said by administrators. */
  deviceOverrides: {
    organizationId: string;
    /** As `readDeviceId` gives it. */
    deviceId: string;
    responseLocationId: string;
    expiresAt: Date | null;
    createdAt: Date;
    updatedAt: Date;
  };
  /** Addresses that devices registered for themselves, one for each network. */
  deviceAddresses: {
    id: string;
    organizationId: string;
    deviceId: string;
    /** A NetworkFingerprint. */
    network: JSONColumnType<Record<string, unknown>>;
    /** A PostalAddress. */
    address: JSONColumnType<Record<string, string>>;
    /** An AddressCheck. */
    addressCheck: JSONColumnType<Record<string, unknown>>;
    registeredAt: Date;
    /** To within some days. */
    lastUsedAt: Date;
  };
  /** Network elements that requests named and the wire map does not. */
  unmappedElements: {
    id: string;
    organizationId: string;
    /** A kind of wire map element. */
    kind: string;
    value: string;
    port: string;
    seenCount: string;
    firstSeenAt: Date;
    lastSeenAt: Date;
    /** A device that named it, as `readDeviceId` gives it; empty where none was named. */
    sampleDevice: string;
    /** The weak rule that located that device; null = none did. */
    rule: string | null;
    dismissedAt: Date | null;
    /** When people were last told of it. */
    toldAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
  };
  /** When a wire map element last located a device, to within an hour. */
  elementSightings: {
    organizationId: string;
    kind: string;
    value: string;
    port: string;
    lastSeenAt: Date;
  };
  /** How often a location URI was dereferenced. */
  locationUriUses: {
    organizationId: string;
    /** The random part of the reference. */
    referenceId: string;
    useCount: string;
    firstUsedAt: Date;
    lastUsedAt: Date;
    expiresAt: Date;
  };
}
