import { ProblemError } from '../domain/problem.ts';
import { parentServiceUrn, SOS, TEST_SOS } from '../domain/service-urn.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import {
  type BoundaryPolygon,
  decodeLostQuery,
  encodeLostAnswer,
  type FindService,
  type GetServiceBoundary,
  type ListServices,
  type ListServicesByLocation,
  type LostAnswer,
  type LostException,
  type LostMapping,
  type LostPath,
  type LostQuery,
  type ServiceBoundary,
  type UsableLostLocation,
  usableLocation,
} from '../wire/lost/lost.ts';
import { ringPositions } from './boundary-index.ts';
import { findService, type NoService, type ServiceMatch, validateCivic } from './find-service.ts';
import { lostErrors } from './lost-problems.ts';
import { type BoundaryLayer, layersFor, type RoutingSnapshot } from './routing-snapshot.ts';

export type LostHttpAnswer = { status: number; contentType: string; body: string };

export type LostEndpoint = (body: Uint8Array) => LostHttpAnswer;

export type LostEndpointDeps = {
  snapshot: () => RoutingSnapshot;
  clock: Clock;
  logger: Logger;
  /** Our application unique string: a dotted name (RFC 5222 §4). */
  serverName: string;
  /** How long a client may keep a mapping. */
  mappingLifetimeMs: number;
};

/** The children of `urn:service:sos` that have a registration (RFC 5031 §4.2). */
const SOS_CHILDREN = [
  'ambulance',
  'animal-control',
  'fire',
  'gas',
  'marine',
  'mountain',
  'physician',
  'poison',
  'police',
];

/**
 * The LoST door (RFC 5222): bytes in, an HTTP answer out. Every answer, errors too, is HTTP 200 with `application/lost+xml`
 * (RFC 5222 §14: the status tells about HTTP, not about the query). It never throws.
 */
export function createLostEndpoint(deps: LostEndpointDeps): LostEndpoint {
  return (body) => ({ status: 200, contentType: 'application/lost+xml;charset=utf-8', body: answerBytes(deps, body) });
}

function answerBytes(deps: LostEndpointDeps, body: Uint8Array): string {
  try {
    return encodeLostAnswer(answerQuery(deps, decodeLostQuery(body)));
  } catch (error) {
    if (error instanceof ProblemError) return encodeLostAnswer(lostErrors(deps.serverName, error));
    const id = newId();
    deps.logger.error(
      { err: errorText(error), stack: error instanceof Error ? error.stack : undefined, id },
      'LoST query failed',
    );
    const problem = new ProblemError('unavailable', `internal error ${id}`);
    return encodeLostAnswer(lostErrors(deps.serverName, problem));
  }
}

function answerQuery(deps: LostEndpointDeps, query: LostQuery): LostAnswer {
  switch (query.type) {
    case 'findService':
      return answerFindService(deps, query);
    case 'getServiceBoundary':
      return answerGetServiceBoundary(deps, query);
    case 'listServices':
      return answerListServices(deps, query);
    case 'listServicesByLocation':
      return answerListServicesByLocation(deps, query);
  }
}

/** RFC 5222 §8. */
function answerFindService(deps: LostEndpointDeps, query: FindService): LostAnswer {
  const snapshot = deps.snapshot();
  const location = usableLocation(query.locations);
  const match = lookUp(snapshot, location, query.service);
  const civic = location.value.profile === 'civic' ? location.value.civic : undefined;
  const exceptions: LostException[] = [];
  if (match.quality === 'nearest' || match.quality === 'civic-state' || match.quality === 'center') {
    exceptions.push({ type: 'defaultMappingReturned', message: match.rule });
  }
  if (query.validateLocation && !civic) {
    exceptions.push({ type: 'locationValidationUnavailable', message: 'only civic locations are validated' });
  }
  return {
    type: 'findServiceResponse',
    mappings: [toMapping(deps, query, match, civic !== undefined)],
    ...(query.validateLocation && civic ? { locationValidation: validateCivic(snapshot, civic) } : {}),
    ...(exceptions.length > 0 ? { warnings: [{ source: deps.serverName, exceptions }] } : {}),
    path: pathOf(deps, query),
    locationUsed: location.id,
  };
}

function lookUp(snapshot: RoutingSnapshot, { value }: UsableLostLocation, service: string): ServiceMatch {
  const location = value.profile === 'civic' ? { civic: value.civic } : { shape: value.shape };
  return required(findService(snapshot, { service, location }));
}

function required(match: ServiceMatch | NoService): ServiceMatch {
  if (!match.found) throw new ProblemError(match.problem, match.detail);
  return match;
}

function toMapping(deps: LostEndpointDeps, query: FindService, match: ServiceMatch, asCivic: boolean): LostMapping {
  const { key, mapping } = match.served;
  // RFC 5222 §5.5: a boundary by value needs one in the query's profile; where there is none, a reference stands for it.
  const values = query.serviceBoundary === 'value' ? serviceBoundaries(match.layer, match.boundary, asCivic) : [];
  const byValue = values.some(({ profile }) => profile === (asCivic ? 'civic' : 'geodetic-2d'));
  return {
    source: mapping.source,
    sourceId: mapping.sourceId,
    lastUpdated: match.served.lastUpdated,
    expires: new Date(deps.clock.nowMs() + deps.mappingLifetimeMs),
    displayNames: [{ text: mapping.displayName, language: 'en' }],
    service: match.service,
    ...(byValue ? { serviceBoundaries: values } : { serviceBoundaryReference: { source: deps.serverName, key } }),
    uris: [mapping.uri],
    serviceNumber: mapping.serviceNumber,
  };
}

/** The region in the profiles there are; both when the civic one is wanted, for they are alternatives of each other. */
function serviceBoundaries(layer: BoundaryLayer, boundary: number, withCivic: boolean): ServiceBoundary[] {
  const civic = layer.served[boundary]?.civic;
  const polygons: BoundaryPolygon[] = layer.index.geometry(boundary).flatMap(([exterior, ...interiors]) =>
    exterior ? [{ exterior: ringPositions(exterior), interiors: interiors.map(ringPositions) }] : [],
  );
  const boundaries: ServiceBoundary[] = withCivic && civic ? [{ profile: 'civic', civic }] : [];
  if (polygons.length > 0) boundaries.push({ profile: 'geodetic-2d', polygons });
  return boundaries;
}

/** RFC 5222 §9. */
function answerGetServiceBoundary(deps: LostEndpointDeps, query: GetServiceBoundary): LostAnswer {
  const found = deps.snapshot().byKey.get(query.key);
  if (!found) throw new ProblemError('not-found', 'no boundary has this key; it may have changed since');
  return {
    type: 'getServiceBoundaryResponse',
    serviceBoundaries: serviceBoundaries(found.layer, found.boundary, true),
    path: [deps.serverName],
  };
}

/** RFC 5222 §10. */
function answerListServices(deps: LostEndpointDeps, query: ListServices): LostAnswer {
  return {
    type: 'listServicesResponse',
    services: childServices(deps.snapshot(), query.service, () => true),
    path: pathOf(deps, query),
  };
}

/** RFC 5222 §11. */
function answerListServicesByLocation(deps: LostEndpointDeps, query: ListServicesByLocation): LostAnswer {
  const snapshot = deps.snapshot();
  const location = usableLocation(query.locations);
  const place = location.value.profile === 'civic' ? { civic: location.value.civic } : { shape: location.value.shape };
  const services = childServices(snapshot, query.service, (service) => {
    return findService(snapshot, { service, location: place }).found;
  });
  if (services.length === 0) lookUp(snapshot, location, query.service ?? SOS);
  return { type: 'listServicesByLocationResponse', services, path: pathOf(deps, query), locationUsed: location.id };
}

/** Top-level services, or the immediate children of `parent`, that pass `offered`. */
function childServices(
  snapshot: RoutingSnapshot,
  parent: string | undefined,
  offered: (service: string) => boolean,
): string[] {
  if (parent !== undefined && layersFor(snapshot, parent).length === 0) {
    throw new ProblemError('service-not-implemented', 'nothing is known about this service');
  }
  const known = [SOS, TEST_SOS, ...SOS_CHILDREN.flatMap((child) => [`${SOS}.${child}`, `${TEST_SOS}.${child}`])];
  const all = new Set([...known, ...snapshot.importedLayers.keys()]);
  const wanted = parent?.toLowerCase();
  return [...all].filter((service) => parentServiceUrn(service) === wanted && offered(service)).sort();
}

function pathOf(deps: LostEndpointDeps, query: { path: readonly string[] }): LostPath {
  const [first, ...rest] = query.path;
  return first === undefined ? [deps.serverName] : [first, ...rest, deps.serverName];
}
