import type { LocationValue } from '../domain/location-value.ts';
import type { DeviceIdentity, Measurements } from '../wire/held/held-messages.ts';
import type { LocatingRule } from './resolution-table.ts';

export type { LocatingRule } from './resolution-table.ts';

/**
 * What stands behind a location: the finest thing known. `building` and `location` when no ERL is known. What is located by
 * a number has the number's own emergency address (`number-address`, its id) or that of its location (`location-address`,
 * the location's id) where there is one. `device-address` is an address that a device registered for itself (its id).
 */
export type LocationTarget = {
  kind: 'erl' | 'building' | 'location' | 'number-address' | 'location-address' | 'device-address';
  id: string;
};

/** A rule that named a place; `element` is what matched, in words: `10.1.2.0/24`, `switch 00:1b:… port Gi1/0/12`. */
export type LocationCandidate = {
  rule: LocatingRule;
  element: string;
  target: LocationTarget;
  /** It names a place at another location than the winner's. */
  contradicts: boolean;
};

export type DeviceQuestion = {
  organizationId: string;
  devices: readonly DeviceIdentity[];
  measurements?: Measurements | undefined;
  /** The request names somebody by nothing that can be read: the source address is not that somebody's (RFC 6155 §2.2). */
  namesUnreadable?: boolean | undefined;
  /** Where the request came from, behind the trusted proxies; IP text. */
  sourceAddress: string;
  nowMs: number;
  /** Stop at the first rule that names a place: for answers that do not tell what the other rules would have said. */
  winnerOnly?: boolean;
};

/** Which of an organization's places a target is in; no location for an address that a device registered for itself. */
export type TargetPlaces = { locationId: string | null; buildingId: string | null; erlId: string | null };

export type LocatedDevice =
  | {
      found: true;
      value: LocationValue;
      target: LocationTarget;
      places: TargetPlaces;
      rule: LocatingRule;
      element: string;
      /** How old the observation is that the rule went by; 0 for what the request itself shows. */
      ageMs: number;
      /** The element of the wire map that matched, as the map has it: value, or chassis, line break and port. */
      elementKey?: string;
      /** Addresses of the request that counted. */
      countedAddresses: readonly string[];
      /** The identity that the rule went by; absent for measurements and for the address the request came from. */
      identity?: DeviceIdentity;
      /** What other rules said, in their order; they lost. At most 100. */
      candidates: readonly LocationCandidate[];
      /** In words, for traces: what was left out of account and why. */
      notes: readonly string[];
    }
  | {
      found: false;
      reason: string;
      /** The device registers addresses for itself, and has none for the network that it is in now. */
      needsAddress: boolean;
      countedAddresses: readonly string[];
      notes: readonly string[];
    };
