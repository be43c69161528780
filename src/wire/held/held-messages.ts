import type { PidfDocument, ReadPidfDocument } from '../pidf-lo/presence.ts';

/** What a device may ask for besides `any` (RFC 5985 §6.2). */
export type HeldLocationType = 'civic' | 'geodetic' | 'locationURI';

/** Milliseconds the asker is ready to wait, or what the location is for (RFC 5985 §6.1). */
export type HeldResponseTime = number | 'emergencyRouting' | 'emergencyDispatch';

/** Who or what is to be located (RFC 6155 §3). */
export type DeviceIdentity =
  /** `address` in its canonical text (RFC 5952 for version 6). */
  | { kind: 'ip'; version: 4 | 6; address: string }
  /** `aa:bb:cc:dd:ee:ff`, or eight octets for an EUI-64. */
  | { kind: 'mac'; address: string }
  | { kind: 'udpport' | 'tcpport' | 'sctpport' | 'dccpport'; port: number }
  | { kind: 'nai' | 'uri' | 'fqdn'; value: string }
  /** Lower case hexadecimal. */
  | { kind: 'duid'; value: string }
  /** Decimal digits. */
  | { kind: 'msisdn' | 'imsi' | 'imei' | 'min' | 'mdn'; value: string };

/** Chassis or port of the neighbouring switch (RFC 7105 §5.1, IEEE 802.1AB §8.5.2 and §8.5.3). */
export type LldpIdentifier = {
  /** Subtype: chassis 4 is a MAC address, 5 a network address; port 3 is a MAC address, 4 a network address. */
  subtype: number;
  /** For comparing: MAC as `aa:bb:cc:dd:ee:ff`, IP address as text, else the octets as text, else as hexadecimal. */
  value: string;
  /** As the device wrote it, white space removed. */
  raw: string;
};

export type LldpMeasurement = { chassis: LldpIdentifier; port?: LldpIdentifier };

/** A Wi-Fi access point that the device hears (RFC 7105 §5.3). */
export type WifiMeasurement = {
  /** `aa:bb:cc:dd:ee:ff`. */
  bssid: string;
  /** The device is attached to this one. */
  serving: boolean;
  ssid?: string;
  channel?: number;
  /** Strength of the access point's signal at the device, dBm. */
  signalDbm?: number;
};

/** DHCP relay agent information (RFC 7105 §5.2); options in lower case hexadecimal. */
export type DhcpMeasurement = {
  giaddr: string;
  circuit?: string;
  remote?: string;
  remoteEnterprise?: number;
  subscriber?: string;
};

/** Location-related measurements of a request (RFC 7105). */
export type Measurements = {
  /** When they were made; only as read from a time with a time zone, for without one it may be hours off. */
  time?: Date;
  /** From when on they must not be used (§4.1.2). */
  expires?: Date;
  lldp: readonly LldpMeasurement[];
  wifi: readonly WifiMeasurement[];
  dhcp: readonly DhcpMeasurement[];
  /** What was measured at other times (§4.1.1: a container for each), the newest first; absent when there is none. */
  others?: readonly Measurements[];
};

/** `locationRequest` (RFC 5985 §5.1), also as the body of a dereference POST (RFC 6753 §4). */
export type LocationRequest = {
  /** In the order of preference. */
  locationTypes: 'any' | readonly HeldLocationType[];
  /** These types and no others, else an error; never true with `any`. */
  exact: boolean;
  responseTime?: HeldResponseTime;
  /** Identities of the device, empty when the asker means itself. */
  devices: readonly DeviceIdentity[];
  measurements: Measurements;
};

/** A request as read: `notes` tells in words, for a trace, what was not understood or repaired. */
export type ReadLocationRequest = LocationRequest & {
  notes: readonly string[];
  /** Somebody was named (RFC 6155 §2.2), by nothing that we can read: the asker is not meant. */
  namesUnreadable?: true;
};

/** `locationResponse` (RFC 5985 §5.2). */
export type LocationResponse = {
  locationUriSet?: LocationUriSet;
  presence?: PidfDocument;
  /** The identities of the request that the location was determined by (RFC 6155 §2.2). */
  devices?: readonly DeviceIdentity[];
};

export type LocationUriSet = { uris: readonly string[]; expires: Date };

/** RFC 5985 §6.3 and RFC 6155 §7.3, the codes registered by them. */
export const HELD_ERROR_CODES = [
  'requestError',
  'xmlError',
  'generalLisError',
  'locationUnknown',
  'unsupportedMessage',
  'timeout',
  'cannotProvideLiType',
  'notLocatable',
  'badIdentifier',
] as const;

export type HeldErrorCode = (typeof HELD_ERROR_CODES)[number];

/** `error` (RFC 5985 §5.3). */
export type HeldError = {
  code: HeldErrorCode;
  message?: string;
  language?: string;
  /** Names of the identities that would help (RFC 6155 §2.2): `mac`, `ip`. */
  requiredIdentifiers?: readonly string[];
};

/** What a LIS may answer, as its client reads it; a dereference by GET may answer with a bare `presence`. */
export type HeldAnswer =
  | { type: 'locationResponse'; locationUriSet?: LocationUriSet; presence?: ReadPidfDocument; notes: readonly string[] }
  | { type: 'error'; code: string; message?: string; language?: string; requiredIdentifiers?: readonly string[] };
