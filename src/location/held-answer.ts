import type { LocationValue } from '../domain/location-value.ts';
import { ProblemError } from '../domain/problem.ts';
import { fillRandom } from '../support/random-pool.ts';
import type { HeldLocationType, LocationRequest, LocationResponse } from '../wire/held/held.ts';
import type { LocationSource, PidfDocument, PidfLocation } from '../wire/pidf-lo/pidf-lo.ts';
import type { LocatingRule } from './located-device.ts';
import type { IssuedLocationUri } from './location.ts';

const ALL: readonly HeldLocationType[] = ['geodetic', 'civic', 'locationURI'];

/** What can be given: a location by value, and a way to make a URI (undefined where none may be made). */
export type Available = {
  value: LocationValue;
  /** How it was found; null when the platform itself put a place on a call. */
  rule: LocatingRule | null;
  issueUri: (() => IssuedLocationUri | null) | undefined;
};

const MINUTE_MS = 60_000;
const RETENTION_MS = 24 * 60 * MINUTE_MS;
let expiry = new Date(0);

/**
 * Recipients may keep a location for a day from now. It is said, for without a word the day begins at the timestamp (RFC 4119
 * §2.2.2), and what was observed yesterday would have to be thrown away as soon as it is there. The same for a whole minute.
 */
function retentionExpiry(nowMs: number): Date {
  const atMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + RETENTION_MS;
  if (expiry.getTime() !== atMs) expiry = new Date(atMs);
  return expiry;
}

/** Rules that go by what the device says it measured, which nobody checked (RFC 7105 §4.4). */
const BY_MEASUREMENT: ReadonlySet<LocatingRule | null> = new Set<LocatingRule>([
  'switch-port',
  'switch-chassis',
  'bssid',
  'bssid-mask',
]);
const OF_DEVICE: readonly LocationSource[] = ['device'];

export function isByMeasurement(rule: LocatingRule | null): boolean {
  return BY_MEASUREMENT.has(rule);
}

/** An unlinked pseudonym, another one in every document (RFC 5985 §6.6). */
function entity(host: string): string {
  const pseudonym = Buffer.allocUnsafe(12);
  fillRandom(pseudonym);
  return `pres:${pseudonym.toString('hex')}@${host}`;
}

/**
 * A document with the civic address, the shape or both. Both are one place told in two ways: in one tuple with the coarse
 * one, the shape, first (RFC 5491 §3 rules 6 and 7); for whom wants the civic address first (RFC 5985 §6.2), in a tuple each
 * (rule 2).
 */
export function presenceOf(
  { value, rule }: Pick<Available, 'value' | 'rule'>,
  types: readonly HeldLocationType[],
  asked: { host: string; nowMs: number },
): PidfDocument {
  const { civic, shape, confidencePercent } = value;
  const withCivic = civic !== undefined && types.includes('civic');
  const withShape = shape !== undefined && types.includes('geodetic');
  const how: PidfLocation = {
    // RFC 4119 §2.2.2: to be said, also where nobody has a preference.
    retransmissionAllowed: false,
    retentionExpiry: retentionExpiry(asked.nowMs),
  };
  if (value.method !== undefined) how.method = value.method;
  if (value.timestamp !== undefined) how.timestamp = value.timestamp;
  if (BY_MEASUREMENT.has(rule)) how.source = OF_DEVICE;
  if (withShape && shape.type !== 'point') {
    if (confidencePercent === undefined) how.confidenceUnknown = true;
    else how.confidencePercent = confidencePercent;
  }
  const locations: PidfLocation[] = [];
  if (withCivic && withShape && types.indexOf('civic') < types.indexOf('geodetic')) {
    const { confidencePercent: _percent, confidenceUnknown: _unknown, ...rest } = how;
    locations.push({ ...rest, civic }, { ...how, shape });
  } else {
    if (withCivic) how.civic = civic;
    if (withShape) how.shape = shape;
    locations.push(how);
  }
  return { entity: entity(asked.host), locations };
}

function unavailable(types: readonly HeldLocationType[]): ProblemError {
  return new ProblemError('location-type-unavailable', `no location of type ${types.join(' ')} is known`);
}

/**
 * Chooses what goes into the answer (RFC 5985 §6.2): the types asked for; with `exact` each of these and no others, or an
 * error; without it what there is, when none of them is known.
 */
export function chooseResponse(
  request: Pick<LocationRequest, 'locationTypes' | 'exact'>,
  available: Available,
  from: { host: string; nowMs: number },
): LocationResponse {
  const { value, issueUri } = available;
  const wanted = request.locationTypes === 'any' ? ALL : request.locationTypes;
  const uri = wanted.includes('locationURI') ? (issueUri?.() ?? null) : null;
  const known = (type: HeldLocationType): boolean => {
    if (type === 'civic') return value.civic !== undefined;
    if (type === 'geodetic') return value.shape !== undefined;
    return uri !== null;
  };
  const given = wanted.filter(known);
  if (request.exact && given.length < wanted.length) throw unavailable(wanted);
  // Asked for a form we lack, and willing to take another: by value first, it serves an emergency call directly.
  const types = given.length > 0 ? given : (['geodetic', 'civic'] as const).filter(known);
  const response: LocationResponse = {};
  if (uri !== null) response.locationUriSet = { uris: [uri.uri], expires: uri.expires };
  if (types.some((type) => type !== 'locationURI')) response.presence = presenceOf(available, types, from);
  if (response.presence === undefined && response.locationUriSet === undefined) {
    const reference = issueUri?.() ?? null;
    if (reference === null) throw unavailable(wanted);
    response.locationUriSet = { uris: [reference.uri], expires: reference.expires };
  }
  return response;
}
