import { ProblemError } from '../domain/problem.ts';
import { SOS } from '../domain/service-urn.ts';
import type { Position, Shape } from '../domain/shape.ts';
import type { FindService, ListServicesByLocation, LostAnswer, UsableLostLocation } from '../wire/lost/lost.ts';
import type { NoService } from './find-service.ts';
import { type HttpReferral, type LostServer, lookUp } from './lost-server.ts';

/** South of this nobody calls: whoever stands there has sent the longitude first. */
const SOUTHERNMOST_LATITUDE = -60;

/**
 * Answers what our data cannot: asks the parent when the client wants that (RFC 5222 §8.3.3), else names it (§13.3). Throws the
 * problem when there is no parent, when the client has been there already, or when the location itself is at fault.
 */
export function referElsewhere(
  server: LostServer,
  query: FindService | ListServicesByLocation,
  location: UsableLostLocation,
  missed: NoService,
): HttpReferral | LostAnswer | Promise<LostAnswer> {
  const { parent, referral, serverName } = server;
  if (missed.problem === 'location-invalid') throw new ProblemError(missed.problem, missed.detail);
  if (parent === undefined || isFarSouth(location)) refuseExchanged(server, query, location);
  const isAuthoritative = missed.problem === 'service-not-provided';
  if (parent === undefined || isAuthoritative) throw toProblem(missed);
  if (query.recursive) return parent.ask(query, location);
  // The querier puts the servers it has contacted into the path (§6): it is not sent back and forth.
  if (query.path.includes(parent.name)) throw toProblem(missed);
  if (referral === 'http') return { type: 'http-referral', url: parent.url };
  return { type: 'redirect', target: parent.name, source: serverName, message: missed.detail, language: 'en' };
}

function toProblem({ detail, problem }: NoService): ProblemError {
  return new ProblemError(problem === 'service-not-provided' ? 'service-not-implemented' : problem, detail);
}

function isFarSouth({ value }: UsableLostLocation): boolean {
  return value.profile === 'geodetic-2d' && firstPosition(value.shape).latitude < SOUTHERNMOST_LATITUDE;
}

/** Coordinates that lead nowhere, and somewhere when they are exchanged, are told apart from a place without service. */
function refuseExchanged(
  server: LostServer,
  query: FindService | ListServicesByLocation,
  { id, value }: UsableLostLocation,
): void {
  if (value.profile !== 'geodetic-2d') return;
  const exchanged = exchange(value.shape);
  if (exchanged === undefined) return;
  const match = lookUp(server, { id, value: { profile: 'geodetic-2d', shape: exchanged } }, query.service ?? SOS);
  if (!match.found) return;
  const { latitude, longitude } = firstPosition(value.shape);
  throw new ProblemError(
    'location-invalid',
    `latitude ${latitude}, longitude ${longitude} lies outside every boundary; exchanged, it would lie in ` +
      `${match.served.mapping.displayName} (latitude comes first)`,
  );
}

function firstPosition(shape: Shape): Position {
  switch (shape.type) {
    case 'point':
      return shape.position;
    case 'polygon':
      return shape.exterior[0] ?? { latitude: 0, longitude: 0 };
    case 'circle':
    case 'ellipse':
    case 'arc-band':
      return shape.center;
  }
}

/** The shape with latitude and longitude exchanged; undefined where that is out of range. */
function exchange(shape: Shape): Shape | undefined {
  const turn = ({ latitude, longitude }: Position): Position => ({ latitude: longitude, longitude: latitude });
  const fits = ({ longitude }: Position): boolean => Math.abs(longitude) <= 90;
  switch (shape.type) {
    case 'point':
      return fits(shape.position) ? { type: 'point', position: turn(shape.position) } : undefined;
    case 'polygon':
      return shape.exterior.every(fits) ? { type: 'polygon', exterior: shape.exterior.map(turn) } : undefined;
    case 'circle':
    case 'ellipse':
    case 'arc-band':
      return fits(shape.center) ? { ...shape, center: turn(shape.center) } : undefined;
  }
}
