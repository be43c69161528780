import type { ColumnType } from 'kysely';

export interface RoutingTables {
  /** Destinations of emergency calls. Platform-wide. */
  psaps: {
    id: string;
    name: string;
    uri: string;
    alternateUris: string[];
    ringTimeoutMs: number;
    ringLimitMs: number | null;
    queueLimitMs: number | null;
    plainSipUser: boolean;
    /** The mapping that this PSAP takes over. */
    sourceId: string | null;
    /** E.164: how to reach its people beside emergency calls. */
    phoneNumber: string | null;
    textTo911: boolean;
    updatedAt: Date;
  };
  /** One row per import of a PSAP registry, with what it left. */
  psapRegistryImports: {
    id: string;
    /** Names the registry: `fcc`, or what the operator calls it. */
    source: string;
    title: string;
    /** Token id or `operator`. */
    actor: string;
    importedAt: Date;
    restoredFrom: string | null;
    entryCount: number;
    added: number;
    changed: number;
    removed: number;
    /** Its rows as compressed JSON; null once it is too old to go back to. */
    entries: Uint8Array | null;
  };
  /** Rows of PSAP registries as of the last import. Platform-wide. */
  psapRegistryEntries: {
    source: string;
    /** The registry's id of the PSAP, made unique. */
    key: string;
    psapId: string;
    name: string;
    state: string;
    county: string;
    city: string;
    changeCodes: string[];
    comments: string;
    /** `YYYY-MM-DD`. */
    modifiedOn: string | null;
    textTo911: string | null;
    contact: string | null;
    isActive: boolean;
    /** Built-in boundaries that its county text names. */
    sourceIds: string[];
    match: string;
  };
  /** Which PSAP of a registry serves a built-in boundary, as the operator says; without an entry: the relay centre. */
  psapChoices: {
    sourceId: string;
    registrySource: string | null;
    entryKey: string | null;
    reason: string;
    actor: string;
    chosenAt: Date;
  };
  /** When PSAPs, registries or choices last changed what a boundary maps to. Platform-wide. */
  mappingChanges: {
    sourceId: string;
    changedAt: Date;
  };
  /** Every change of a layer of boundaries, counted from 1. */
  boundaryImports: {
    id: string;
    layer: string;
    revision: number;
    /** `boundaries.imported`, `boundaries.removed`, `boundaries.undone`. */
    action: string;
    /** Whether what it was can still be gone back to. */
    restorable: boolean;
    /** What the file was; null where there was none. */
    source: ColumnType<unknown, string | null, never>;
    /** Token id or `operator`. */
    actor: string;
    importedAt: Date;
    featureCount: number;
    added: number;
    changed: number;
    removed: number;
  };
  /** Imported service boundaries (NENA GIS data model). Platform-wide. */
  serviceBoundaries: {
    /** The NENA `NGUID`. */
    sourceId: string;
    layer: string;
    /** The change of its layer that made it what it is. */
    importId: string;
    source: string;
    serviceUrn: string;
    uri: string;
    displayName: string;
    serviceNumber: string;
    /** Polygons in WGS 84, repaired, packed by `encodeOutline`. */
    outline: Uint8Array;
    version: string;
    updatedAt: Date;
    /** The revision of its layer that made it what it is. */
    revision: number;
    /** `service`, or `provisioning`: nothing is routed by it. */
    kind: string;
    effectiveAt: Date | null;
    expiresAt: Date | null;
    /** Whether now is between its dates. */
    inForce: boolean;
  };
  /** What boundaries were before: each row was there from `revision` until `endedRevision`. */
  boundaryHistory: RoutingTables['serviceBoundaries'] & { endedRevision: number };
  /** Imports that run beside their request. */
  boundaryImportJobs: {
    id: string;
    layer: string;
    state: string;
    percent: number;
    report: ColumnType<unknown, string | null, string | null>;
    problem: ColumnType<unknown, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
}
