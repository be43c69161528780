import type { LocationValue } from '../domain/location-value.ts';
import { SOS } from '../domain/service-urn.ts';
import { type Position, shapeCenter } from '../domain/shape.ts';
import { findService, ON_EDGE_METERS, type ServiceMatch } from './find-service.ts';
import type { Geocoder } from './geocoder.ts';
import type { Route, RouteDestination, RunnerUp } from './route.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

/**
 * Where a location leads for `service`, why, and what nearly won. Coordinates decide; the address decides when there are
 * none, when they lead nowhere, or when they lie outside every boundary and the address names a place. Null: no route.
 */
export function explainRoute(
  snapshot: RoutingSnapshot,
  location: LocationValue,
  service: string = SOS,
  geocode?: Geocoder,
): Route | null {
  return findDestination(snapshot, location, service, geocode);
}

/** The same answer with everything that a call needs. */
export function findDestination(
  snapshot: RoutingSnapshot,
  location: LocationValue,
  service: string,
  geocode?: Geocoder,
): RouteDestination | null {
  const byShape = location.shape && findService(snapshot, { service, location: { shape: location.shape } });
  const byCivic = location.civic && findService(snapshot, { service, location: { civic: location.civic } }, geocode);
  const shapeMatch = byShape?.found ? byShape : undefined;
  const civicMatch = byCivic?.found ? byCivic : undefined;
  const civicNamesPlace = civicMatch !== undefined && civicMatch.quality !== 'civic-state';
  const match = shapeMatch && !(shapeMatch.quality === 'nearest' && civicNamesPlace) ? shapeMatch : civicMatch;
  if (!match) return null;

  const runnersUp = match.runnersUp.map((number) => runnerUp(match, number));
  const warnings = [...match.warnings];
  const other = match === shapeMatch ? civicMatch : shapeMatch;
  if (other && other.served !== match.served) {
    const name = other.served.mapping.displayName;
    warnings.push(`${other === civicMatch ? 'the address leads' : 'the coordinates lead'} to ${name} instead`);
    runnersUp.unshift({ sourceId: other.served.mapping.sourceId, displayName: name });
  }
  const edge = match === shapeMatch && location.shape ? measureEdge(match, shapeCenter(location.shape)) : null;
  return {
    mapping: match.served.mapping,
    boundary: match.served.origin,
    quality: edge?.onEdge ? 'on-edge' : match.quality,
    rule: match.rule,
    distanceToEdgeMeters: edge ? edge.distanceToEdgeMeters : null,
    runnersUp: withoutRepeats([...(edge?.neighbours ?? []), ...runnersUp], match.served.mapping.sourceId),
    warnings,
    service: match.service,
    uri: match.served.mapping.uri,
    alternateUris: match.served.alternateUris,
    ringTimeoutMs: match.served.ringTimeoutMs,
    ringLimitMs: match.served.ringLimitMs,
    queueLimitMs: match.served.queueLimitMs,
    plainSipUser: match.served.plainSipUser,
    leadsToRelay: match.served.leadsToRelay,
  };
}

/** Distance to the answered boundary's edge, and whether a neighbour is so near that the data cannot tell them apart. */
function measureEdge(match: ServiceMatch, { latitude, longitude }: Position) {
  const { boundary, layer, quality } = match;
  const near =
    quality === 'inside'
      ? layer.index.within(latitude, longitude, ON_EDGE_METERS).filter((one) => one.boundary !== boundary)
      : [];
  const distance = layer.index.distanceToEdge(boundary, latitude, longitude);
  return {
    distanceToEdgeMeters: Number.isFinite(distance) ? Math.round(distance * 10) / 10 : null,
    onEdge: near.length > 0,
    neighbours: near.map((one) => runnerUp(match, one.boundary)),
  };
}

function runnerUp(match: ServiceMatch, number: number): RunnerUp {
  const mapping = match.layer.served[number]?.mapping;
  return { sourceId: mapping?.sourceId ?? '', displayName: mapping?.displayName ?? '' };
}

function withoutRepeats(list: readonly RunnerUp[], winner: string): RunnerUp[] {
  const seen = new Set([winner, '']);
  return list.filter(({ sourceId }) => {
    if (seen.has(sourceId)) return false;
    seen.add(sourceId);
    return true;
  });
}
