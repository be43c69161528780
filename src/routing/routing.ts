import type { Audit } from '../audit/audit.ts';
import type { LocationValue } from '../domain/location-value.ts';
import { SOS } from '../domain/service-urn.ts';
import type { Position } from '../domain/shape.ts';
import type { Database } from '../storage/database.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createWorkFolder } from '../uploads/work-folder.ts';
import { defaultBoundaries } from './default-boundaries.ts';
import { explainRoute, findDestination } from './explain-route.ts';
import { findService, type NoService, type ServiceMatch, type ServiceQuery } from './find-service.ts';
import { preciseGeocoder } from './geocoder.ts';
import { type BoundaryDates, createBoundaryDates } from './import/boundary-dates-worker.ts';
import { createBoundaryImportJobs } from './import/boundary-import-jobs.ts';
import {
  type BoundaryFilter,
  type BoundarySummary,
  selectBoundarySummaries,
  selectLayers,
} from './import/boundary-records.ts';
import { createBoundaryVersions } from './import/boundary-versions.ts';
import { createImportBoundaries } from './import/import-boundaries.ts';
import { createPrepareAside } from './import/prepare-aside.ts';
import type { PrepareBoundaries } from './import/prepare-boundaries.ts';
import { createLostEndpoint, type LostEndpoint, type LostEndpointDeps } from './lost-endpoint.ts';
import { createPsapManagement } from './manage-psaps.ts';
import { type ImportedOutline, importedOutlines, type MapBox, type MapOutline, mapOutlines } from './map-outlines.ts';
import { createRegionOutlines } from './prepare-region-outlines.ts';
import { createPsapRegistry, type PsapRegistry } from './registry/psap-registry.ts';
import type { Route, RouteDestination } from './route.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

export type { LostParent } from './ask-parent.ts';
export type { CivicValidator, CivicVerdict } from './civic-validator.ts';
export type { NoService, ServiceMatch, ServiceQuery } from './find-service.ts';
export type { BoundaryImportJob, BoundaryImportOptions, BoundaryImportState } from './import/boundary-import-jobs.ts';
export type { BoundaryColumn, BoundaryFilter, BoundarySummary } from './import/boundary-records.ts';
export type { BoundaryVersion, UndoneBoundaries } from './import/boundary-versions.ts';
export type { BoundaryImport } from './import/import-boundaries.ts';
export type { BoundaryReport } from './import/store-boundaries.ts';
export type { LostHttpAnswer } from './lost-endpoint.ts';
export { toServerName } from './lost-path.ts';
export type { SavePsap } from './manage-psaps.ts';
export type { RegistryReport } from './registry/import-registry.ts';
export type { PsapChoice, WorklistColumn, WorklistFilter, WorklistItem } from './registry/psap-worklist.ts';
export {
  type BoundaryOrigin,
  type Mapping,
  type Route,
  type RouteDestination,
  type RouteQuality,
  type RunnerUp,
} from './route.ts';
export { createRoutingSnapshot } from './routing-data.ts';
export type { PsapColumn } from './routing-records.ts';
export type { PsapRow } from './routing-rows.ts';
export type { RoutingSnapshot } from './routing-snapshot.ts';

/** Public face of ROUTE: which destination serves a location. Answers come from memory and never wait for anything. */
export type Routing = Omit<ReturnType<typeof createBoundaryImportJobs>, 'stopBoundaryImports'> &
  ReturnType<typeof createBoundaryVersions> &
  ReturnType<typeof createPsapManagement> &
  PsapRegistry & {
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
    /** Boundaries that reach into a box, those around `place` first; for maps, from memory. */
    mapOutlines(place: Position, box: MapBox): MapOutline[];
    /** Imported boundaries that reach into a box, with their outlines, from memory. */
    importedOutlines(box: MapBox): { outlines: ImportedOutline[]; isComplete: boolean };
    /** The built-in regions as GeoJSON with few corners, packed by gzip; prepared at the first question, in a thread. */
    regionOutlines(): Promise<Uint8Array>;
    /** Replaces a layer of boundaries by a GeoJSON document; a dry run answers the difference only. Operator only. */
    importBoundaries: ReturnType<typeof createImportBoundaries>;
    /** Imported boundaries without their outlines, the first hundred unless told. */
    listBoundaries(filter?: BoundaryFilter, page?: { start: number; max: number }): Promise<BoundarySummary[]>;
    /** Layers that hold boundaries now. */
    listBoundaryLayers(): ReturnType<typeof selectLayers>;
    /** What comes true by the dates of boundaries. */
    boundaryDates: BoundaryDates;
    /** Ends imports and looking at dates. */
    stopBoundaries(): Promise<void>;
    /** The LoST door: request body in, HTTP answer out; never throws or rejects. Only it ever waits for the parent. */
    handleLost: LostEndpoint;
  };

/** `mappingLifetimeMs` is one day unless told. */
export type RoutingDeps = Omit<LostEndpointDeps, 'mappingLifetimeMs'> & {
  mappingLifetimeMs?: number;
  database: Database;
  audit: Audit;
  /** Where files of boundaries wait while they are read; a folder of the moment unless told. */
  importFolder?: string | undefined;
  /** Reads a file of boundaries; in a process of its own unless told. */
  prepareBoundaries?: PrepareBoundaries;
  /** What that process and GDAL, which it starts, get of the environment; nothing unless told. */
  toolEnvironment?: Readonly<Record<string, string>>;
};

const DAY_MS = 86_400_000;

export function createRouting(given: RoutingDeps): Routing {
  const geocode = given.geocode && preciseGeocoder(given.geocode, given.logger);
  const deps = { ...given, ...(geocode && { geocode }) };
  const { database, logger, snapshot } = deps;
  const prepare = deps.prepareBoundaries ?? createPrepareAside(deps.toolEnvironment ?? {});
  const workFolder = createWorkFolder(deps.importFolder, 'boundaries');
  const importJobs = createBoundaryImportJobs({ ...deps, workFolder, prepare });
  const boundaryDates = createBoundaryDates(deps);
  return {
    snapshot,
    findService: (query) => findService(snapshot(), query, geocode),
    explainRoute: (location, service = SOS) => explainRoute(snapshot(), location, service, geocode),
    destinationsFor: (location, service) =>
      guarded(logger, () => findDestination(snapshot(), location, service, geocode)),
    regionOutlines: createRegionOutlines(),
    mapOutlines: (place, box) => mapOutlines(snapshot(), place, box),
    importedOutlines: (box) => importedOutlines(snapshot(), box),
    importBoundaries: createImportBoundaries({ ...deps, workFolder, prepare }),
    ...importJobs,
    ...createBoundaryVersions(deps),
    listBoundaries: (filter = {}, page = { start: 0, max: 100 }) => selectBoundarySummaries(database.db, filter, page),
    listBoundaryLayers: () => selectLayers(database.db),
    boundaryDates,
    async stopBoundaries() {
      await boundaryDates.stop();
      await importJobs.stopBoundaryImports();
      await workFolder.remove();
    },
    ...createPsapManagement(deps),
    ...createPsapRegistry({ ...deps, areas: defaultBoundaries().boundaries }),
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
