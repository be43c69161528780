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
import { type BoundaryLayer, findByKey } from './routing-snapshot.ts';

/** The region in the profiles there are; both when the civic one is wanted, for they are alternatives of each other. */
export function serviceBoundaries(
  { outlines }: Pick<LostServer, 'outlines'>,
  layer: BoundaryLayer,
  boundary: number,
  withCivic: boolean,
): ServiceBoundary[] {
  const { civic, key = '' } = layer.served[boundary] ?? {};
  const outline = outlines.get(key) ?? readOutline(layer, boundary);
  const boundaries: ServiceBoundary[] = withCivic && civic ? [{ profile: 'civic', civic }] : [];
  if (outline) {
    outlines.set(key, outline);
    boundaries.push(outline);
  }
  return boundaries;
}

function readOutline({ index }: BoundaryLayer, boundary: number): ServiceBoundary | undefined {
  const polygons: BoundaryPolygon[] = index
    .geometry(boundary)
    .flatMap(([exterior, ...interiors]) =>
      exterior ? [{ exterior: ringPositions(exterior), interiors: interiors.map(ringPositions) }] : [],
    );
  return polygons.length > 0 ? { profile: 'geodetic-2d', polygons } : undefined;
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

/** A boundary that was replaced is still known by its key if it was lately given by value. */
function boundariesOf(server: LostServer, key: string): ServiceBoundary[] {
  const found = findByKey(server.snapshot(), key);
  if (found) return serviceBoundaries(server, found.layer, found.boundary, true);
  const replaced = server.outlines.get(key);
  if (!replaced) throw new ProblemError('not-found', 'no boundary has this key; it may have changed since');
  return [replaced];
}
