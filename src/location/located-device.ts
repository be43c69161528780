import type { LocationValue } from '../domain/location-value.ts';
import type { DeviceIdentity, Measurements } from '../wire/held/held-messages.ts';

/**
 * What stands behind a location: the finest thing known. `building` and `location` when no ERL is known. What is located by
 * a number has the number's own emergency address (`number-address`, its id) or that of its location (`location-address`,
 * the location's id) where there is one.
 */
export type LocationTarget = {
  kind: 'erl' | 'building' | 'location' | 'number-address' | 'location-address';
  id: string;
};

/** The rules in the order in which they are tried; the first that names a place wins. */
export const LOCATING_RULES = [
  'switch-port',
  'switch-chassis',
  'bssid',
  'mac',
  'ip-range',
  'number',
  'site-default',
] as const;

export type LocatingRule = (typeof LOCATING_RULES)[number];

/** A rule that named a place; `element` is what matched, in words: `10.1.2.0/24`, `switch 00:1b:… port Gi1/0/12`. */
export type LocationCandidate = { rule: LocatingRule; element: string; target: LocationTarget };

export type DeviceQuestion = {
  organizationId: string;
  devices: readonly DeviceIdentity[];
  measurements?: Measurements | undefined;
  /** Where the request came from, behind the trusted proxies; IP text. */
  sourceAddress: string;
  nowMs: number;
  /** Stop at the first rule that names a place: for answers that do not tell what the other rules would have said. */
  winnerOnly?: boolean;
};

/** Which of an organization's places a target is in. */
export type TargetPlaces = { locationId: string; buildingId: string | null; erlId: string | null };

export type LocatedDevice =
  | {
      found: true;
      value: LocationValue;
      target: LocationTarget;
      places: TargetPlaces;
      rule: LocatingRule;
      element: string;
      /** The identity that the rule went by; absent for measurements and for the address the request came from. */
      identity?: DeviceIdentity;
      /** What other rules said, in their order; they lost. */
      candidates: readonly LocationCandidate[];
      /** In words, for traces: what was left out of account and why. */
      notes: readonly string[];
    }
  | { found: false; reason: string; notes: readonly string[] };
