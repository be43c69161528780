/**
 * How sure a route is, worst last. A closed union: whoever shows or weighs a route handles every case.
 *
 * - `inside`: the point or the whole shape lies in the answered boundary, farther from any neighbour than the data is coarse.
 * - `on-edge`: the point lies in the answered boundary but a neighbour is within `ON_EDGE_METERS`; the neighbour is a runner-up.
 * - `greatest-overlap`: the shape spans several boundaries; the one with the greatest overlap answers, the others are runners-up.
 * - `center`: the shape has no area or is too wide to be measured; its centre, or points all over it, decided.
 * - `nearest`: in no boundary; the nearest one within `NEAREST_LIMIT_METERS` answers.
 * - `civic-county`: the address names the county (or the state or territory has only one).
 * - `civic-province`: the address names the Canadian province or territory.
 * - `civic-postal`: the postal code decided (with the city's agreement where there is one).
 * - `civic-city`: the city name decided.
 * - `civic-state`: only the state is known; its most populous candidate answers. Treat as a guess.
 */
export const ROUTE_QUALITIES = [
  'inside',
  'on-edge',
  'greatest-overlap',
  'civic-county',
  'civic-province',
  'civic-postal',
  'civic-city',
  'center',
  'nearest',
  'civic-state',
] as const;

export type RouteQuality = (typeof ROUTE_QUALITIES)[number];

/** What a boundary maps to (RFC 5222 §5): who serves it and how to reach them. */
export type Mapping = {
  /** `us-county-<5-digit FIPS>`, `ca-province-<two letters>`, or the NGUID of an imported boundary. */
  sourceId: string;
  /** `waymark.default` for built-in data, else the importing agency. */
  source: string;
  displayName: string;
  /** SIP or SIPS URI of the destination. */
  uri: string;
  serviceNumber: string;
  /** When the boundary or its destination last changed (ISO 8601, UTC). */
  lastUpdated: string;
};

/** Where a boundary came from. */
export type BoundaryOrigin = {
  /** The imported layer, or `waymark.default`. */
  layer: string;
  /** Changes with everything that a client can see of it; equal on every node. */
  version: string;
  /** The import that brought this version; null for built-in data. */
  importId: string | null;
  /** When that was, or of when the built-in data are (ISO 8601, UTC). */
  updated: string;
};

/** A boundary that nearly answered. */
export type RunnerUp = { sourceId: string; displayName: string };

/** Where one location leads, and why. */
export type Route = {
  mapping: Mapping;
  /** The answered boundary. */
  boundary: BoundaryOrigin;
  quality: RouteQuality;
  /** One sentence that names the rule that won. */
  rule: string;
  /** Metres from the point (or the shape's centre) to the answered boundary's edge; null for civic answers. */
  distanceToEdgeMeters: number | null;
  runnersUp: readonly RunnerUp[];
  /** Contradictions that were noticed, e.g. civic and geodetic parts that lead to different places. */
  warnings: readonly string[];
  /** Registries leave open which PSAP serves the place and nobody chose: the relay centre shall take the call. */
  leadsToRelay: boolean;
};

/** Everything calls/ needs to send an emergency call somewhere. */
export type RouteDestination = Route & {
  /** The service URN that was asked for, canonical. */
  service: string;
  /** The PSAP's own URI; equals `mapping.uri`. */
  uri: string;
  /** Tried in this order when `uri` fails or stays silent. */
  alternateUris: readonly string[];
  /** How long `uri` may stay silent before the next is tried. */
  ringTimeoutMs: number;
  /** How long it may ring, and keep the call in a queue (182), before the next is tried; null: as long as SIP allows. */
  ringLimitMs: number | null;
  queueLimitMs: number | null;
  /** Decision 14: the Request-URI becomes the PSAP's URI instead of a service URN with Route. */
  plainSipUser: boolean;
};
