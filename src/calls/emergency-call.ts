import type { LocationValue } from '../domain/location-value.ts';
import type { ServiceNumber } from './service-number.ts';
import type { IdentityHeader, TrunkPeer } from './trunk.ts';

/** One location conveyed on a call, in the order of the Geolocation header (RFC 6442 §4.1). */
export type ConveyedLocation = {
  /** The reference as on the wire, `cid:` included; null for a location body that no header points at. */
  uri: string | null;
  /** By value in the body, by a reference of ours, or by somebody else's reference. */
  form: 'value' | 'own' | 'foreign';
  /** The location, when it is known: read from the body or dereferenced before the decision. */
  value: LocationValue | null;
  /** What was understood, repaired or not found, in words. */
  note: string;
};

/** What the decision needs of a call, free of SIP: made from an INVITE, or by hand to ask "what if". */
export type EmergencyCall = {
  service: ServiceNumber;
  requestUri: string;
  peer: TrunkPeer;
  /** Identities the call carries, best first: in the order of its trunk's `identityHeaders`. */
  identities: readonly CallIdentity[];
  conveyed: readonly ConveyedLocation[];
  /** What names the device, by the header that its trunk knows for that; absent = nothing does. */
  device?: string;
  /** What else was noticed in its headers, in words for the trace; absent = nothing. */
  remarks?: CallRemarks;
};

/** What a call says beside what it is decided by. */
export type CallRemarks = {
  /** About the caller: redirections, privacy. */
  identity: readonly string[];
  /** About the location: permission to route by it, errors, additional data. */
  location: readonly string[];
};

/** An identity as asserted: `number` is E.164 or an extension, null when the URI carries none. */
export type CallIdentity = {
  header: IdentityHeader;
  uri: string;
  number: string | null;
  displayName: string | null;
};
