export interface RoutingTables {
  /** Destinations of emergency calls. Platform-wide. */
  psaps: {
    id: string;
    name: string;
    uri: string;
    alternateUris: string[];
    ringTimeoutMs: number;
    plainSipUser: boolean;
    /** The mapping that this PSAP takes over. */
    sourceId: string | null;
    updatedAt: Date;
  };
  /** One row per import of a layer. */
  boundaryImports: {
    id: string;
    layer: string;
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
    /** The import that last changed this row. */
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
  };
}
