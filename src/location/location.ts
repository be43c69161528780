import type { StoredAddress } from '../addresses/address-data.ts';
import type { Addresses } from '../addresses/addresses.ts';
import type { Audit } from '../audit/audit.ts';
import type { LocationValue } from '../domain/location-value.ts';
import type { Scope } from '../domain/scope.ts';
import type { PlaceReferences, Places } from '../places/places.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { type ChangedElements, createChangeElements, type ElementsChange } from './change-elements.ts';
import type { HeldAccounts } from './check-credentials.ts';
import { createDescribeLocationUri, type LocationUriDescription } from './describe-location-uri.ts';
import type { FindMemberTarget, LocateDeviceDeps } from './device-inquiry.ts';
import { selectAllAddresses } from './device-records.ts';
import { deviceSnapshotDefinition, postalAddressOf } from './device-snapshot.ts';
import { createExplainLocation, type LocationExplanation } from './explain-location.ts';
import { createExportWireMap } from './export-wire-map.ts';
import { createHeldEndpoint, type HeldEndpoint } from './held-endpoint.ts';
import { createImportJobs, type ImportJob, type ImportJobEntry } from './import-jobs.ts';
import { createImportWireMap, type ImportDeps, type ImportOptions, type WireMapImport } from './import-wire-map.ts';
import { createLintWireMap } from './lint-stored-wire-map.ts';
import type { LintReport } from './lint-wire-map.ts';
import { createLocateDevice } from './locate-device.ts';
import type { DeviceQuestion, LocatedDevice, LocatingRule, LocationTarget, TargetPlaces } from './located-device.ts';
import { locationUriSnapshotDefinition } from './location-uri-snapshot.ts';
import { createLocationUris } from './location-uris.ts';
import {
  createAddressRangeManagement,
  type NewOwnAddressRange,
  type OwnAddressRange,
} from './manage-address-ranges.ts';
import { createDeviceManagement, type DeviceManagement } from './manage-devices.ts';
import { createUnmappedManagement, type UnmappedManagement } from './manage-unmapped.ts';
import {
  createWireMapManagement,
  type NewWireMapElement,
  type WireMapElementChanges,
  type WireMapFilter,
} from './manage-wire-map.ts';
import type { EmergencyPlaces, KnownPlaces } from './place-of-target.ts';
import { countPlaceReferences } from './place-reference-records.ts';
import { createRequestNotes } from './request-notes.ts';
import { createRevokeLocationUri } from './revoke-location-uri.ts';
import {
  createWireMapVersions,
  type UndoneWireMap,
  type VersionListRequest,
  type WireMapVersion,
} from './undo-wire-map.ts';
import type { TellUnmapped } from './unmapped-news.ts';
import type { WireMapElement } from './wire-map-element.ts';
import { createWireMapSnapshot } from './wire-map-snapshot.ts';
import { startWireMapUpkeep } from './wire-map-upkeep.ts';

export type { ChangedElements, ElementsChange } from './change-elements.ts';
export type { LocationUriDescription } from './describe-location-uri.ts';
export type { LocationExplanation } from './explain-location.ts';
export type { HeldDereferenceRequest, HeldEndpoint, HeldHttpAnswer, HeldHttpRequest } from './held-endpoint.ts';
export type { ImportJob, ImportJobEntry } from './import-jobs.ts';
export type { ImportedElement, ImportOptions, RowError, WireMapImport } from './import-wire-map.ts';
export type { LintReport } from './lint-wire-map.ts';
export type {
  DeviceQuestion,
  LocatedDevice,
  LocatingRule,
  LocationCandidate,
  LocationTarget,
  TargetPlaces,
} from './located-device.ts';
export type { NewOwnAddressRange, OwnAddressRange } from './manage-address-ranges.ts';
export type {
  DeviceAddress,
  DeviceAddressAnswer,
  DeviceOverrideView,
  DeviceView,
  NetworkInput,
} from './manage-devices.ts';
export type { MappedElement, UnmappedElement, UnmappedFilter } from './manage-unmapped.ts';
export type { NewWireMapElement, WireMapElementChanges, WireMapFilter } from './manage-wire-map.ts';
export type { UnmappedColumn } from './request-note-records.ts';
export type { UndoneWireMap, VersionListRequest, WireMapVersion } from './undo-wire-map.ts';
export type { UnmappedNews } from './unmapped-news.ts';
export type { ElementKind, WireMapElement } from './wire-map-element.ts';
export type { ElementColumn } from './wire-map-records.ts';

export type IssuedLocationUri = { uri: string; expires: Date };

export type ResolvedLocationUri =
  | {
      found: true;
      /** The random part of the reference. */
      id: string;
      organizationId: string;
      target: LocationTarget;
      places: TargetPlaces;
      /** How the device was found when the URI was made; null when the platform put the place on a call itself. */
      rule: LocatingRule | null;
      /** The target's address as of now; its timestamp says when the device was found there. */
      value: LocationValue;
      expires: Date;
    }
  | { found: false; reason: 'unknown' | 'expired' | 'revoked' };

/** FIND: the location information server. */
export type Location = DeviceManagement &
  UnmappedManagement & {
    // From memory: synchronous, never throw, never touch the database.
    locateDevice(question: DeviceQuestion): LocatedDevice;
    /** The same with every rule asked, and what each is worth. Throws `invalid` for a source address that is none. */
    explainLocation(question: Omit<DeviceQuestion, 'winnerOnly'>): LocationExplanation;
    /** null only on a node that never saw the database: it has no key yet. */
    issueLocationUri(
      organizationId: string,
      target: LocationTarget,
      rule?: LocatingRule | null,
      lifetimeMs?: number,
    ): IssuedLocationUri | null;
    /** Takes a location URI of ours or its last part. */
    resolveLocationUri(uriOrReference: string, nowMs: number): ResolvedLocationUri;
    isOwnLocationUri(uri: string): boolean;
    readonly held: HeldEndpoint;

    createElement(scope: Scope, input: NewWireMapElement): Promise<WireMapElement>;
    listElements(scope: Scope, filter: WireMapFilter): Promise<{ items: WireMapElement[]; hasMore: boolean }>;
    getElement(scope: Scope, id: string): Promise<WireMapElement>;
    updateElement(scope: Scope, id: string, changes: WireMapElementChanges): Promise<WireMapElement>;
    removeElement(scope: Scope, id: string): Promise<void>;
    /** Changes or removes many elements at once; a dry run only tells what would change. */
    changeElements(
      scope: Scope,
      wanted: ElementsChange,
      options?: { dryRun?: boolean | undefined },
    ): Promise<ChangedElements>;
    importWireMap(scope: Scope, csvText: string, options?: ImportOptions): Promise<WireMapImport>;
    /** Takes a file of up to two million rows in and reads it beside; a dry run unless `dryRun` is false. */
    startWireMapImport(scope: Scope, source: AsyncIterable<Uint8Array>, options?: ImportOptions): Promise<ImportJob>;
    getWireMapImport(scope: Scope, id: string): Promise<ImportJob>;
    /** Imports of the last seven days, the latest first. */
    listWireMapImports(
      scope: Scope,
      window: { start?: number | undefined; max?: number | undefined },
    ): Promise<{ items: ImportJobEntry[]; total: number }>;
    /** Stores what a dry run has checked within the last hour, on whichever node. */
    applyWireMapImport(scope: Scope, id: string): Promise<ImportJob>;
    /** Ends imports that are under way: nothing of them is stored. */
    stopWireMapImports(): Promise<void>;
    /** Ends the thread that searches large wire maps; whoever still asks is answered by the database. */
    stopSearch(): void;
    lintWireMap(scope: Scope): Promise<LintReport>;
    listWireMapVersions(scope: Scope, window?: VersionListRequest): Promise<{ items: WireMapVersion[]; total: number }>;
    /** Makes the wire map what it was at version `to`, or before its last change. */
    undoWireMap(scope: Scope, to?: number): Promise<UndoneWireMap>;
    /** Throws `invalid` (kind) before the first line. */
    exportWireMap(scope: Scope, filter?: WireMapFilter): Promise<AsyncIterable<string>>;

    createAddressRange(scope: Scope, input: NewOwnAddressRange): Promise<OwnAddressRange>;
    listAddressRanges(scope: Scope): Promise<OwnAddressRange[]>;
    removeAddressRange(scope: Scope, id: string): Promise<void>;

    /** How many network elements and devices name these response locations, as the transaction sees it. */
    countPlaceReferences(tx: Transaction, organizationId: string, ids: readonly string[]): Promise<PlaceReferences>;

    /** `uri` is a location URI of ours or its last part. */
    revokeLocationUri(scope: Scope, uri: string): Promise<void>;
    /** What a location URI of ours says, and how often it was followed. */
    describeLocationUri(scope: Scope, uri: string): Promise<LocationUriDescription>;

    /** Forgets what is past its retention, now and every hour; the returned function ends it. */
    startUpkeep(): () => void;
    /** Writes what was noted beside requests; resolves also when that fails. */
    settleNotes(): Promise<void>;

    /** Addresses that devices registered, of all organizations, to be looked at again. */
    storedAddresses(): AsyncIterable<StoredAddress>;
    readonly snapshots: readonly Snapshot<unknown>[];
  };

export type LocationDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  snapshotFolder: string | undefined;
  /** Where imported files wait while they are read; undefined: a folder of the moment. */
  importFolder?: string | undefined;
  accounts: HeldAccounts;
  addresses: Pick<Addresses, 'readEmergencyAddress' | 'civicFromPostal'>;
  places: Places;
  findMemberTarget: FindMemberTarget;
  /** From the members room: emergency addresses of numbers and locations. */
  members: EmergencyPlaces;
  /** How long an address that a device registered counts without being used. */
  addressRetentionMs: number;
  /** Tells of elements that nobody mapped; absent: nobody is told. */
  tellUnmapped?: TellUnmapped | undefined;
  /** WAYMARK_PUBLIC_URL; a function, for the port may be known only after listening. */
  publicUrl: () => string;
};

export function createLocation(deps: LocationDeps): Location {
  const { database, places, clock, logger } = deps;
  const folder = { folder: deps.snapshotFolder, logger };
  const wireMaps = createWireMapSnapshot({ database, logger, folder: deps.snapshotFolder });
  const uriSnapshot = createSnapshot(folder, locationUriSnapshotDefinition({ database }));
  const devices = createSnapshot(
    folder,
    deviceSnapshotDefinition({ database, civicFromPostal: deps.addresses.civicFromPostal }),
  );
  const notes = createRequestNotes(deps);
  const { findEmergencyPlace, placeOfNumberAddress } = deps.members;
  const knownPlaces: KnownPlaces = {
    ...places,
    findEmergencyPlace,
    placeOfNumberAddress,
    registeredAddress: (organizationId, id) => devices.current().get(organizationId)?.address(id),
  };
  const locateDeps: LocateDeviceDeps = {
    wireMaps: () => wireMaps.current(),
    places: knownPlaces,
    findMemberTarget: deps.findMemberTarget,
    devices: () => devices.current(),
    addressRetentionMs: deps.addressRetentionMs,
    noteAddressUse: (organizationId, address, nowMs) => notes.noteAddressUse(organizationId, address, nowMs),
  };
  const locateDevice = createLocateDevice(locateDeps);
  // Who only asks why keeps no address from being forgotten.
  const explainLocation = createExplainLocation(createLocateDevice({ ...locateDeps, noteAddressUse: () => undefined }));
  const locationUris = createLocationUris({
    index: () => uriSnapshot.current(),
    places: knownPlaces,
    clock,
    publicUrl: deps.publicUrl,
  });
  const wireMap = createWireMapManagement(deps);
  const importDeps: ImportDeps = { ...deps, wireMapState: (id) => wireMaps.state(id) };
  const importJobs = createImportJobs({ ...importDeps, importFolder: deps.importFolder });
  const deviceManagement = createDeviceManagement(deps);
  return {
    locateDevice,
    explainLocation,
    issueLocationUri: (organizationId, target, rule, lifetimeMs) =>
      locationUris.issueLocationUri(organizationId, target, rule, lifetimeMs),
    resolveLocationUri: (uri, nowMs) => locationUris.resolveLocationUri(uri, nowMs),
    isOwnLocationUri: (uri) => locationUris.isOwnLocationUri(uri),
    held: createHeldEndpoint({
      accounts: deps.accounts,
      locateDevice,
      locationUris,
      notes,
      clock,
      logger,
      metrics: deps.metrics,
      publicUrl: deps.publicUrl,
    }),
    ...wireMap,
    ...deviceManagement,
    ...createUnmappedManagement({ ...deps, wireMap, devices: deviceManagement }),
    ...createAddressRangeManagement(deps),
    changeElements: createChangeElements(deps),
    importWireMap: createImportWireMap(importDeps),
    ...importJobs,
    ...createWireMapVersions(deps),
    lintWireMap: createLintWireMap(importDeps),
    exportWireMap: createExportWireMap(deps),
    countPlaceReferences,
    revokeLocationUri: createRevokeLocationUri({ database, audit: deps.audit, clock, locationUris }),
    describeLocationUri: createDescribeLocationUri({ database, nowMs: () => clock.nowMs(), locationUris }),
    startUpkeep() {
      const ends = [notes.startUpkeep(), startWireMapUpkeep(importDeps, importJobs)];
      return () => {
        for (const end of ends) end();
      };
    },
    settleNotes: () => notes.settle(),
    async *storedAddresses() {
      for (const row of await selectAllAddresses(database.db)) {
        const { organizationId, id } = row;
        yield { organizationId, kind: 'device', subjectId: id, address: postalAddressOf(row) };
      }
    },
    snapshots: [wireMaps, uriSnapshot, devices],
  };
}
