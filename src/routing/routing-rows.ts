/** A PSAP (or any destination) as stored; dates as ISO 8601 text, so that rows survive as JSON. */
export type PsapRow = {
  id: string;
  name: string;
  /** `sip:` or `sips:`. */
  uri: string;
  /** Tried in this order after `uri`. */
  alternateUris: readonly string[];
  /** How long it may stay silent before the next is tried. */
  ringTimeoutMs: number;
  /** How long it may ring, and keep a call in a queue (182), before the next is tried; null: as long as SIP allows. */
  ringLimitMs: number | null;
  queueLimitMs: number | null;
  /** Decision 14: wants its own URI as Request-URI instead of the service URN with Route. */
  plainSipUser: boolean;
  /** The mapping it takes over (`us-county-48201`, an imported NGUID); null: it applies where a boundary names its URI. */
  sourceId: string | null;
  /** E.164: how to reach its people beside emergency calls. */
  phoneNumber: string | null;
  textTo911: boolean;
  updatedAt: string;
};

/** What PSAP registries and the operator's choices say of a built-in boundary. */
export type RegistryNaming = {
  sourceId: string;
  /** Who serves it, as far as registries tell; null: the relay centre answers. */
  psap: { psapId: string; name: string } | null;
  /** Why nobody is named: several may serve it, the operator wants the relay centre, the chosen one takes calls no more. */
  unnamed: 'several' | 'relay' | 'gone' | null;
  /** How many PSAPs registries name there. */
  possible: number;
};

/** GeoJSON MultiPolygon coordinates: polygons of rings of longitude, latitude. */
export type MultiPolygonCoordinates = readonly (readonly (readonly (readonly number[])[])[])[];

/** An imported service boundary as stored. */
export type BoundaryRow = {
  /** The NENA `NGUID`. */
  sourceId: string;
  /** Everything of a layer is replaced by the next import of that layer. */
  layer: string;
  /** The importing agency (`Agency_ID`), a dotted name. */
  source: string;
  serviceUrn: string;
  uri: string;
  displayName: string;
  serviceNumber: string;
  /** Polygons, packed by `encodeOutline`. */
  outline: Uint8Array;
  /** Hash of everything above that a client can see, for diffs and boundary keys. */
  version: string;
  updatedAt: string;
};

/** An imported boundary without its outline, and where it came from. */
export type BoundaryEntry = Omit<BoundaryRow, 'outline'> & {
  /** The import that brought this version. */
  importId: string;
};
