import type { CallStanding, FoundBy } from '../domain/call-record.ts';
import type { CivicAddress } from '../domain/civic-address.ts';
import type { LocationValue } from '../domain/location-value.ts';
import type { Position } from '../domain/shape.ts';
import type { RouteDestination } from '../routing/routing.ts';
import type { TrunkMatch, TrunkPeer } from './trunk.ts';

/** A caller whom members/ knows, with the callback number its rules chose. */
export type KnownCaller = {
  organizationId: string;
  /** null: the number is known but assigned to nobody, such as the main number of a location. */
  memberId: string | null;
  kind: 'PEOPLE' | 'PLACE' | 'VIRTUAL_LINE' | 'HUNT_GROUP' | null;
  /** Empty when nobody has the number. */
  displayName: string;
  /** E.164. */
  number?: string;
  extension?: string;
  locationId: string;
  callback: { number: string | null; quality: 'RECOMMENDED' | 'NOT_RECOMMENDED' | 'INVALID'; rule: string };
  /** It can be called on an active number of its own, not only on an extension. */
  hasOwnNumber: boolean;
  /** Its emergency calls may carry an ELIN; null where no member is behind the number. */
  mayUseElin: boolean | null;
};

/** What a call from a response location would carry for its caller. */
export type ElinOffer = {
  number: string;
  how: 'kept' | 'free' | 'taken';
  /** Who is no longer reached on it; null where nobody was. */
  displaced: string | null;
  /** For how long from now. */
  expiryMinutes: number;
  /** When it begins to lead to the caller: now, or just after the last use of the number, where the clock was set back since. */
  boundAtMs: number;
};

/** Who wants an ELIN of which place: `caller` is the number or extension by which the trunk reaches it. */
export type ElinWanted = {
  organizationId: string;
  responseLocationId: string;
  caller: string;
  memberId: string | null;
  trunkId: string | null;
};

/** A location of an organization, and the address that counts for calls located by its numbers (decision 39). */
export type KnownSite = {
  id: string;
  name: string;
  address: CivicAddress;
  /** Where that address is; absent where it is not known. */
  position?: Position;
  /** Which rule gave the address, as a sentence. */
  addressRule: string;
  preferredLanguage: string;
  /** What a location URI of ours for this address points at. */
  target: LocationTarget;
  buildingId: string | null;
};

/** What a location URI of ours points at. */
export type LocationTarget = {
  kind: 'erl' | 'building' | 'location' | 'number-address' | 'location-address' | 'device-address';
  id: string;
};

/** A location that this platform knows by itself, and the place of ours that it is. */
export type OwnLocation = {
  value: LocationValue;
  target: LocationTarget;
  locationId: string | null;
  buildingId: string | null;
  erlId: string | null;
  /** Which rule found it, as a sentence. */
  rule: string;
  /** The rule of FIND behind it; absent where none is known. */
  foundBy?: FoundBy;
  /** A self-registered address of a movable device (decision 11). */
  isNomadic: boolean;
};

/** A device as a call names it; null = not at all. */
export type DeviceAsked = { organizationId: string; device: string | null; number: string | null };

/** The place that an ELIN stands for. */
export type ElinLocation = OwnLocation & { organizationId: string; name: string };

export type ResolvedReference =
  | ({ found: true; organizationId: string } & OwnLocation)
  | { found: false; reason: 'unknown' | 'expired' | 'revoked' };

export type RelayCentre = {
  uri: string;
  name: string;
  /** Tried in this order after `uri`. */
  alternateUris?: readonly string[];
};

/**
 * Everything the decision about a call asks for: in-memory reads, synchronous. They should not throw; the decision
 * survives it if they do.
 */
export type CallLookups = {
  /** The trunk that a peer is, by the names in its certificate, else by its address and port. */
  trunkOf(peer: TrunkPeer): TrunkMatch;
  /** A caller by a number that only one organization has (decision 12). */
  findByNumber(e164: string): KnownCaller | undefined;
  findInOrganization(organizationId: string, numberOrExtension: string): KnownCaller | undefined;
  /** `number`, E.164: the caller's, whose own emergency address wins. */
  site(organizationId: string, locationId: string, number?: string): KnownSite | undefined;
  /** The site of an organization that has exactly one. */
  onlySite(organizationId: string): KnownSite | undefined;
  standing(organizationId: string, locationId: string | null): CallStanding;
  /** Where a device is by its own name or the caller's number, where FIND knows more of it than the number's site. */
  locateDevice(asked: DeviceAsked, nowMs: number): OwnLocation | undefined;
  /** The response location that an ELIN leads to, whichever organization's it is. */
  findElin(e164: string): ElinLocation | undefined;
  isOwnReference(uri: string): boolean;
  resolveReference(uri: string, nowMs: number): ResolvedReference;
  /** The ELIN that a call would carry now; undefined where the place has none. Binds nothing. */
  elinFor(wanted: ElinWanted, nowMs: number): ElinOffer | undefined;
  destinationsFor(location: LocationValue, service: string): RouteDestination | null;
  /** Why a destination should be tried after others; null when nothing speaks against it. */
  doubtOf(uri: string): string | null;
  /** The relay centres; Canada has its own (decision 11). A value, not a function: it is the last resort. */
  readonly relays: Readonly<Record<'US' | 'CA', RelayCentre>>;
};
