import { ProblemError } from '../domain/problem.ts';
import type {
  BoundaryPolygon,
  GetServiceBoundary,
  GetServiceListBoundary,
  LostAnswer,
  ServiceBoundary,
} from '../wire/lost/lost.ts';
import { ringPositions } from './boundary-index.ts';
import type { LostServer } from './lost-server.ts';
import type { BoundaryLayer } from './routing-snapshot.ts';

/** The region in the profiles there are; both when the civic one is wanted, for they are alternatives of each other. */
export function serviceBoundaries(layer: BoundaryLayer, boundary: number, withCivic: boolean): ServiceBoundary[] {
  const civic = layer.served[boundary]?.civic;
  const polygons: BoundaryPolygon[] = layer.index
    .geometry(boundary)
    .flatMap(([exterior, ...interiors]) =>
      exterior ? [{ exterior: ringPositions(exterior), interiors: interiors.map(ringPositions) }] : [],
    );
  const boundaries: ServiceBoundary[] = withCivic && civic ? [{ profile: 'civic', civic }] : [];
  if (polygons.length > 0) boundaries.push({ profile: 'geodetic-2d', polygons });
  return boundaries;
}

/** RFC 5222 §9. */
export function answerGetServiceBoundary(server: LostServer, query: GetServiceBoundary): LostAnswer {
  return {
    type: 'getServiceBoundaryResponse',
    serviceBoundaries: boundariesOf(server, query.key),
    path: [server.serverName],
  };
}

/** RFC 6197 §3.2. */
export function answerGetServiceListBoundary(server: LostServer, query: GetServiceListBoundary): LostAnswer {
  const expires = new Date(server.clock.nowMs() + server.mappingLifetimeMs);
  return {
    type: 'getServiceListBoundaryResponse',
    serviceListBoundaries: boundariesOf(server, query.key).map((boundary) => ({ ...boundary, expires })),
    path: [server.serverName],
  };
}

function boundariesOf({ snapshot }: LostServer, key: string): ServiceBoundary[] {
  const found = snapshot().byKey.get(key);
  if (!found) throw new ProblemError('not-found', 'no boundary has this key; it may have changed since');
  return serviceBoundaries(found.layer, found.boundary, true);
}
