import type { LocationValue } from '../domain/location-value.ts';
import type { ServiceNumber } from './service-number.ts';
import type { TrunkPeer } from './trunk.ts';

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
  /** Identities the call carries, best first: P-Asserted-Identity, From, Remote-Party-ID. */
  identities: readonly CallIdentity[];
  conveyed: readonly ConveyedLocation[];
};

/** An identity as asserted: `number` is E.164 or an extension, null when the URI carries none. */
export type CallIdentity = {
  header: 'P-Asserted-Identity' | 'From' | 'Remote-Party-ID';
  uri: string;
  number: string | null;
  displayName: string | null;
};
