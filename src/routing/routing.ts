import type { LocationValue } from '../domain/location-value.ts';
import { SOS } from '../domain/service-urn.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { explainRoute, findDestination } from './explain-route.ts';
import { findService, type NoService, type ServiceMatch, type ServiceQuery } from './find-service.ts';
import { createLostEndpoint, type LostEndpoint, type LostEndpointDeps } from './lost-endpoint.ts';
import type { Route, RouteDestination } from './route.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

export type { NoService, ServiceMatch, ServiceQuery } from './find-service.ts';
export type { LostHttpAnswer } from './lost-endpoint.ts';
export {
  type Mapping,
  ROUTE_QUALITIES,
  type Route,
  type RouteDestination,
  type RouteQuality,
  type RunnerUp,
} from './route.ts';
export type { RoutingSnapshot } from './routing-snapshot.ts';

/** Public face of ROUTE: which destination serves a location. Answers come from memory and never wait for anything. */
export type Routing = {
  /** The data as of now; immutable. */
  snapshot(): RoutingSnapshot;
  /** RFC 5222 §8 without the XML. */
  findService(query: ServiceQuery): ServiceMatch | NoService;
  /** Where a location leads and why; null when nowhere. `service` is `urn:service:sos` unless told. */
  explainRoute(location: LocationValue, service?: string): Route | null;
  /**
   * The destination for `service` (a service URN) at `location`; null when the location is unusable or lies outside every
   * boundary (the caller then uses the relay centre). Never throws: a call must not fail here.
   */
  destinationsFor(location: LocationValue, service: string): RouteDestination | null;
  /** The LoST door: request body in, HTTP answer out; never throws. */
  handleLost: LostEndpoint;
};

/** `mappingLifetimeMs` is one day unless told. */
export type RoutingDeps = Omit<LostEndpointDeps, 'mappingLifetimeMs'> & { mappingLifetimeMs?: number };

const DAY_MS = 86_400_000;

export function createRouting(deps: RoutingDeps): Routing {
  const { logger, snapshot } = deps;
  return {
    snapshot,
    findService: (query) => findService(snapshot(), query),
    explainRoute: (location, service = SOS) => explainRoute(snapshot(), location, service),
    destinationsFor: (location, service) => guarded(logger, () => findDestination(snapshot(), location, service)),
    handleLost: createLostEndpoint({ ...deps, mappingLifetimeMs: deps.mappingLifetimeMs ?? DAY_MS }),
  };
}

/** An error of ours becomes "no route": the call goes to the relay centre instead of nowhere. */
function guarded<T>(logger: Logger, find: () => T): T | null {
  try {
    return find();
  } catch (error) {
    logger.error({ err: errorText(error) }, 'route lookup failed; the call takes the relay centre');
    return null;
  }
}
