import type { LocationValue } from '../domain/location-value.ts';
import { ProblemError } from '../domain/problem.ts';
import { fillRandom } from '../support/random-pool.ts';
import type { HeldLocationType, LocationRequest, LocationResponse } from '../wire/held/held.ts';
import type { PidfDocument, PidfLocation } from '../wire/pidf-lo/pidf-lo.ts';
import type { IssuedLocationUri } from './location.ts';

const ALL: readonly HeldLocationType[] = ['geodetic', 'civic', 'locationURI'];

/** What can be given: a location by value, and a way to make a URI (undefined where none may be made). */
export type Available = { value: LocationValue; issueUri: (() => IssuedLocationUri | null) | undefined };

/** An unlinked pseudonym, another one in every document (RFC 5985 §6.6). */
function entity(host: string): string {
  const pseudonym = Buffer.allocUnsafe(12);
  fillRandom(pseudonym);
  return `pres:${pseudonym.toString('hex')}@${host}`;
}

/** A document with the civic address, the shape or both, in the order asked for. */
export function presenceOf(value: LocationValue, types: readonly HeldLocationType[], host: string): PidfDocument {
  const { civic, shape, ...how } = value;
  const withCivic = civic !== undefined && types.includes('civic');
  const withShape = shape !== undefined && types.includes('geodetic');
  const location: PidfLocation = {
    ...how,
    ...(withCivic ? { civic } : {}),
    ...(withShape ? { shape } : {}),
    civicFirst: withCivic && withShape && types.indexOf('civic') < types.indexOf('geodetic'),
  };
  return { entity: entity(host), locations: [location] };
}

function unavailable(types: readonly HeldLocationType[]): ProblemError {
  return new ProblemError('location-type-unavailable', `no location of type ${types.join(' ')} is known`);
}

/**
 * Chooses what goes into the answer (RFC 5985 §6.2): the types asked for; with `exact` these and no others or an error;
 * without it what there is, when none of them is known.
 */
export function chooseResponse(
  request: Pick<LocationRequest, 'locationTypes' | 'exact'>,
  { value, issueUri }: Available,
  host: string,
): LocationResponse {
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
  if (types.some((type) => type !== 'locationURI')) response.presence = presenceOf(value, types, host);
  if (response.presence === undefined && response.locationUriSet === undefined) {
    const reference = issueUri?.() ?? null;
    if (reference === null) throw unavailable(wanted);
    response.locationUriSet = { uris: [reference.uri], expires: reference.expires };
  }
  return response;
}
