import type { Actor, Audit } from '../audit/audit.ts';
import type { LocationValue } from '../domain/location-value.ts';
import { SOS } from '../domain/service-urn.ts';
import type { Database } from '../storage/database.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { explainRoute, findDestination } from './explain-route.ts';
import { findService, type NoService, type ServiceMatch, type ServiceQuery } from './find-service.ts';
import { createImportBoundaries, createRemoveBoundaries } from './import-boundaries.ts';
import { createLostEndpoint, type LostEndpoint, type LostEndpointDeps } from './lost-endpoint.ts';
import { createPsapManagement, type SavePsap } from './manage-psaps.ts';
import type { Route, RouteDestination } from './route.ts';
import {
  type BoundaryImportRow,
  type BoundarySummary,
  selectBoundaryImports,
  selectBoundarySummaries,
} from './routing-records.ts';
import type { PsapRow } from './routing-rows.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

export type { LostParent } from './ask-parent.ts';
export type { CivicValidator, CivicVerdict } from './civic-validator.ts';
export type { NoService, ServiceMatch, ServiceQuery } from './find-service.ts';
export type { BoundaryDiff, BoundaryImport } from './import-boundaries.ts';
export type { LostHttpAnswer } from './lost-endpoint.ts';
export { toServerName } from './lost-path.ts';
export type { SavePsap } from './manage-psaps.ts';
export {
  type Mapping,
  ROUTE_QUALITIES,
  type Route,
  type RouteDestination,
  type RouteQuality,
  type RunnerUp,
} from './route.ts';
export { routingSnapshotDefinition } from './routing-data.ts';
export type { BoundaryImportRow, BoundarySummary } from './routing-records.ts';
export type { PsapRow } from './routing-rows.ts';
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
  /** Replaces a layer of imported boundaries by a GeoJSON file; a dry run answers the difference only. Operator only. */
  importBoundaries: ReturnType<typeof createImportBoundaries>;
  /** Removes a layer of imported boundaries; `not-found` when there is none of that name. Operator only. */
  removeBoundaries: ReturnType<typeof createRemoveBoundaries>;
  /** Imported boundaries without their outlines, of one layer or of all. */
  listBoundaries(layer?: string): Promise<BoundarySummary[]>;
  /** The newest imports, newest first. */
  listImports(max: number): Promise<BoundaryImportRow[]>;
  savePsap(actor: Actor, wanted: SavePsap): Promise<PsapRow>;
  listPsaps(): Promise<PsapRow[]>;
  removePsap(actor: Actor, id: string): Promise<void>;
  /** The LoST door: request body in, HTTP answer out; never throws or rejects. Only it ever waits for the parent. */
  handleLost: LostEndpoint;
};

/** `mappingLifetimeMs` is one day unless told. */
export type RoutingDeps = Omit<LostEndpointDeps, 'mappingLifetimeMs'> & {
  mappingLifetimeMs?: number;
  database: Database;
  audit: Audit;
};

const DAY_MS = 86_400_000;

export function createRouting(deps: RoutingDeps): Routing {
  const { database, logger, snapshot } = deps;
  return {
    snapshot,
    findService: (query) => findService(snapshot(), query),
    explainRoute: (location, service = SOS) => explainRoute(snapshot(), location, service),
    destinationsFor: (location, service) => guarded(logger, () => findDestination(snapshot(), location, service)),
    importBoundaries: createImportBoundaries(deps),
    removeBoundaries: createRemoveBoundaries(deps),
    listBoundaries: (layer) => selectBoundarySummaries(database.db, layer),
    listImports: (max) => selectBoundaryImports(database.db, max),
    ...createPsapManagement(deps),
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
