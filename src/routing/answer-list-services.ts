import { ProblemError } from '../domain/problem.ts';
import { parentServiceUrn, SOS } from '../domain/service-urn.ts';
import {
  type ListServices,
  type ListServicesByLocation,
  type ListServicesByLocationResponse,
  type LostAnswer,
  usableLocation,
} from '../wire/lost/lost.ts';
import { serviceBoundaries } from './answer-service-boundary.ts';
import { findService, type ServiceMatch } from './find-service.ts';
import { continuePath } from './lost-path.ts';
import { type HttpReferral, type LostServer, lookUp } from './lost-server.ts';
import { referElsewhere } from './refer-elsewhere.ts';
import { SOS_SERVICES } from './registered-services.ts';
import { layersFor, type RoutingSnapshot } from './routing-snapshot.ts';

/** RFC 5222 §10. */
export function answerListServices(server: LostServer, query: ListServices): LostAnswer {
  const snapshot = server.snapshot();
  if (query.service !== undefined && layersFor(snapshot, query.service).length === 0) {
    throw new ProblemError('service-not-implemented', 'nothing is known about this service');
  }
  return {
    type: 'listServicesResponse',
    services: childServices(snapshot, query.service),
    path: continuePath(query.path, server.serverName),
  };
}

/** RFC 5222 §11. */
export function answerListServicesByLocation(
  server: LostServer,
  query: ListServicesByLocation,
): HttpReferral | LostAnswer | Promise<LostAnswer> {
  const snapshot = server.snapshot();
  const location = usableLocation(query.locations);
  const place = location.value.profile === 'civic' ? { civic: location.value.civic } : { shape: location.value.shape };
  const services = childServices(snapshot, query.service).filter(
    (service) => findService(snapshot, { service, location: place }, server.geocode).found,
  );
  const match = lookUp(server, location, query.service ?? SOS);
  if (services.length === 0 && !match.found) return referElsewhere(server, query, location, match);
  return {
    type: 'listServicesByLocationResponse',
    services,
    path: continuePath(query.path, server.serverName),
    locationUsed: location.id,
    ...(match.found && query.serviceListBoundary
      ? listBoundary(server, match, query.serviceListBoundary, location.value.profile === 'civic')
      : {}),
  };
}

/** Top-level services, or the immediate children of `parent`. */
function childServices(snapshot: RoutingSnapshot, parent: string | undefined): string[] {
  const all = new Set([...SOS_SERVICES, ...snapshot.importedLayers.keys()]);
  const wanted = parent?.toLowerCase();
  return [...all].filter((service) => parentServiceUrn(service) === wanted).sort();
}

/**
 * Where the same services are offered (RFC 6197 §3.1): the region of one boundary, when every service known has the same authority
 * all over it. Where some service has boundaries of its own that nobody else stands in for, nothing is said.
 */
function listBoundary(
  server: LostServer,
  match: ServiceMatch,
  form: 'reference' | 'value',
  asCivic: boolean,
): Pick<ListServicesByLocationResponse, 'serviceListBoundaries' | 'serviceListBoundaryReference'> {
  const { importedLayers } = server.snapshot();
  if ([...importedLayers.keys()].some((service) => !SOS_SERVICES.includes(service))) return {};
  if (form === 'reference') {
    return { serviceListBoundaryReference: { source: server.serverName, key: match.served.key } };
  }
  const expires = new Date(server.clock.nowMs() + server.mappingLifetimeMs);
  const values = serviceBoundaries(server, match.layer, match.boundary, asCivic);
  const usable = values.some(({ profile }) => profile === (asCivic ? 'civic' : 'geodetic-2d'));
  return usable ? { serviceListBoundaries: values.map((boundary) => ({ ...boundary, expires })) } : {};
}
