import type { CivicAddress } from '../domain/civic-address.ts';
import { findRegion } from '../domain/regions.ts';
import { canonicalServiceUrn, isServiceUrn, parentServiceUrn, SOS, TEST_SOS } from '../domain/service-urn.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import { sha256Hex } from '../support/ids.ts';
import { runStepsAtOnce } from '../support/run-steps.ts';
import type { BoundaryBlock } from './boundary-block.ts';
import { type BoundaryIndex, openBoundaryIndex } from './boundary-index.ts';
import type { DefaultBoundaries, DefaultBoundary } from './default-boundaries.ts';
import type { CivicLocator } from './locate-civic.ts';
import type { BoundaryOrigin, Mapping } from './route.ts';
import type { BoundaryEntry, PsapRow, RegistryNaming } from './routing-rows.ts';

/** A boundary with what it maps to and how its destination wants to be called; made once, shared by all answers. */
export type ServedBoundary = {
  mapping: Mapping;
  /** `mapping.lastUpdated`, read once. */
  lastUpdated: Date;
  /** Names this very version of the boundary: 128 bits of the hash of its name and content (RFC 5222 §5.6). */
  key: string;
  /** The same region as an address, where there is one (RFC 5222 §5.5). */
  civic: CivicAddress | undefined;
  /** What an explanation tells of it. */
  origin: BoundaryOrigin;
  alternateUris: readonly string[];
  ringTimeoutMs: number;
  ringLimitMs: number | null;
  queueLimitMs: number | null;
  plainSipUser: boolean;
  /** It is open which PSAP serves it, or where that takes its calls: `mapping.uri` is the relay centre's. */
  leadsToRelay: boolean;
};

/** Boundaries that answer for one service. */
export type BoundaryLayer = {
  kind: 'imported' | 'default';
  /** The service the layer was made for. */
  service: string;
  index: BoundaryIndex;
  /** By boundary number. */
  served: readonly ServedBoundary[];
  /** Boundary number by the key of its version. */
  numberOfKey: ReadonlyMap<string, number>;
  /** Boundaries in which nobody provides the service (NENA i3). */
  notProvided: ReadonlySet<number>;
};

/** Everything a lookup needs, immutable: replaced as a whole when a boundary or a PSAP changes. */
export type RoutingSnapshot = {
  /** PSAPs that the operator entered. */
  psaps: readonly PsapRow[];
  defaults: DefaultBoundaries;
  locateCivic: CivicLocator;
  defaultLayer: BoundaryLayer;
  /** Canonical service URN to its imported layer. */
  importedLayers: ReadonlyMap<string, BoundaryLayer>;
  /** Layers of the services asked for lately, see `layersFor`. */
  layersByService: BoundedMap<string, readonly BoundaryLayer[]>;
};

/** Anybody may ask for any service: only so many answers are remembered. */
const MAX_REMEMBERED_SERVICES = 256;

export type SnapshotSources = {
  defaults: DefaultBoundaries;
  locateCivic: CivicLocator;
  /** The simulated PSAP of a built-in boundary that no PSAP took over; undefined: the relay centre takes its calls (decision 69). */
  defaultUri: (sourceId: string, country: 'US' | 'CA') => string | undefined;
  /** The relay centre, where calls also go from a built-in boundary of which registries leave open who serves it. */
  relayUri: (country: 'US' | 'CA') => string;
};

export const DEFAULT_SOURCE = 'waymark.default';

/** How long a destination may stay silent when nobody says otherwise. */
export const DEFAULT_RING_TIMEOUT_MS = 8_000;

/** An imported layer: the boundaries of one service, and their outlines packed in the order of this list. */
export type ImportedLayer = { service: string; boundaries: readonly BoundaryEntry[]; block: BoundaryBlock };

/** What a snapshot is made of. */
export type SnapshotParts = {
  psaps: readonly PsapRow[];
  namings: readonly RegistryNaming[];
  /** When PSAPs, registries or choices last changed what a boundary maps to, by sourceId, in ISO 8601. */
  changes: ReadonlyMap<string, string>;
  layers: readonly ImportedLayer[];
};

/** A snapshot and what it was made of. */
export type BuiltSnapshot = { parts: SnapshotParts; snapshot: RoutingSnapshot };

export const NO_PARTS: SnapshotParts = { psaps: [], namings: [], changes: new Map(), layers: [] };

/** Boundaries that are wired up between two pauses. */
const STEP = 100;

/** Builds the snapshot; pure. */
export function buildRoutingSnapshot(parts: SnapshotParts, sources: SnapshotSources): RoutingSnapshot {
  return runStepsAtOnce(snapshotSteps(parts, sources));
}

/**
 * The same in small steps, for whoever has to answer calls in between. Layers of the `former` snapshot are taken as they are where
 * all they were made of is the very same: what need not be made anew need not be collected either.
 */
export function* snapshotSteps(
  parts: SnapshotParts,
  sources: SnapshotSources,
  former?: BuiltSnapshot,
): Generator<void, RoutingSnapshot> {
  const { psaps, namings, changes, layers } = parts;
  const kept = former?.parts.psaps === psaps && former.parts.changes === changes ? former : undefined;
  const psapBySourceId = new Map<string, PsapRow>();
  const psapByUri = new Map<string, PsapRow>();
  for (const [number, psap] of psaps.entries()) {
    if (psap.sourceId !== null) psapBySourceId.set(psap.sourceId, psap);
    else psapByUri.set(psap.uri, psap);
    if (number % STEP === 0) yield;
  }
  const namingOf = new Map(namings.map((naming) => [naming.sourceId, naming]));
  const defaultLayer =
    kept?.parts.namings === namings
      ? kept.snapshot.defaultLayer
      : yield* buildDefaultLayer(sources, psapBySourceId, namingOf, changes);
  const importedLayers = new Map<string, BoundaryLayer>();
  for (const layer of layers) {
    const same = kept?.parts.layers.includes(layer) ? kept.snapshot.importedLayers.get(layer.service) : undefined;
    importedLayers.set(layer.service, same ?? (yield* buildImportedLayer(layer, psapBySourceId, psapByUri, changes)));
  }
  return {
    psaps,
    defaults: sources.defaults,
    locateCivic: sources.locateCivic,
    defaultLayer,
    importedLayers,
    layersByService: new BoundedMap(MAX_REMEMBERED_SERVICES),
  };
}

function* buildDefaultLayer(
  sources: SnapshotSources,
  psaps: ReadonlyMap<string, PsapRow>,
  namingOf: ReadonlyMap<string, RegistryNaming>,
  changes: ReadonlyMap<string, string>,
): Generator<void, BoundaryLayer> {
  const { defaults } = sources;
  const served: ServedBoundary[] = [];
  const numberOfKey = new Map<string, number>();
  for (const [number, boundary] of defaults.boundaries.entries()) {
    const { sourceId } = boundary;
    const row = { psap: psaps.get(sourceId), naming: namingOf.get(sourceId), changedAt: changes.get(sourceId) };
    const one = serveDefault(sources, number, boundary, row);
    served.push(one);
    numberOfKey.set(one.key, number);
    if (number % STEP === 0) yield;
  }
  return { kind: 'default', service: SOS, index: defaults.index, served, numberOfKey, notProvided: new Set() };
}

function serveDefault(
  { defaults, defaultUri, relayUri }: SnapshotSources,
  number: number,
  { country, name, region, sourceId }: DefaultBoundary,
  { changedAt, naming, psap }: Taken & { naming: RegistryNaming | undefined },
): ServedBoundary {
  const simulatedUri = defaultUri(sourceId, country);
  const isOpen = !psap && naming?.psap === null;
  const regionName = findRegion(region, country)?.name ?? region;
  const place = name === regionName ? name : `${name}, ${regionName}`;
  const level = country === 'US' ? 'county-level' : 'province-level';
  const lastUpdated = latest(defaults.updated, psap?.updatedAt, changedAt);
  const key = defaults.keys[number] ?? sourceId;
  return {
    mapping: {
      sourceId,
      source: DEFAULT_SOURCE,
      displayName: nameOf(
        psap,
        naming,
        `${level} default`,
        place,
        simulatedUri === undefined ? 'relay centre' : 'simulated PSAP',
      ),
      uri: psap?.uri ?? (isOpen ? undefined : simulatedUri) ?? relayUri(country),
      serviceNumber: '911',
      lastUpdated,
    },
    lastUpdated: new Date(lastUpdated),
    key,
    civic: country === 'US' && region !== 'GU' ? { country, A1: region, A2: name } : { country, A1: region },
    origin: { layer: DEFAULT_SOURCE, version: key, importId: null, updated: defaults.updated },
    ...callSettings(psap),
    leadsToRelay: isOpen || (!psap && simulatedUri === undefined),
  };
}

/** ISO 8601 sorts as text. */
function latest(first: string, ...others: readonly (string | undefined)[]): string {
  return others.reduce<string>((last, one) => (one !== undefined && one > last ? one : last), first);
}

/** `kind`: `county-level default`. `taker`: who takes the calls as long as no contact is set. */
function nameOf(
  psap: PsapRow | undefined,
  naming: RegistryNaming | undefined,
  kind: string,
  place: string,
  taker: string,
): string {
  if (psap) return `${psap.name} (${kind} boundary of ${place})`;
  if (!naming) return `${place} (${kind}, ${taker})`;
  const { psap: named } = naming;
  if (named) return `${named.name}, PSAP ${named.psapId} of the registry (${kind} of ${place}, ${taker})`;
  return `${place} (${kind}, ${whyUnnamed(naming)}: relay centre)`;
}

function whyUnnamed({ possible, unnamed }: RegistryNaming): string {
  if (unnamed === 'relay') return 'by choice';
  if (unnamed === 'gone') return 'the chosen PSAP takes calls no more';
  return `${possible === 1 ? '1 possible PSAP' : `${possible} possible PSAPs`}, none chosen`;
}

/** Destination of a boundary in which nobody provides the service (NENA i3). */
const NOT_PROVIDED = 'urn:emergency:servicenotimplemented';

/** The boundary of which this is the key, in the version that answers now. */
export function findByKey(
  { defaultLayer, importedLayers }: RoutingSnapshot,
  key: string,
): { layer: BoundaryLayer; boundary: number } | undefined {
  for (const layer of [...importedLayers.values(), defaultLayer]) {
    const boundary = layer.numberOfKey.get(key);
    if (boundary !== undefined) return { layer, boundary };
  }
  return undefined;
}

function* buildImportedLayer(
  { block, boundaries, service }: ImportedLayer,
  psapBySourceId: ReadonlyMap<string, PsapRow>,
  psapByUri: ReadonlyMap<string, PsapRow>,
  changes: ReadonlyMap<string, string>,
): Generator<void, BoundaryLayer> {
  const served: ServedBoundary[] = [];
  const numberOfKey = new Map<string, number>();
  const notProvided = new Set<number>();
  const dateOf = datesKeptOnce();
  for (const place of block.order) {
    const row = boundaries[place];
    if (!row) throw new Error(`the packed layer of ${service} has a boundary that is not listed`);
    const taken = psapBySourceId.get(row.sourceId);
    const psap = taken ?? psapByUri.get(row.uri);
    const one = serveImported(row, taken, { psap, changedAt: changes.get(row.sourceId) }, dateOf);
    if (one.mapping.uri === NOT_PROVIDED) notProvided.add(served.length);
    numberOfKey.set(one.key, served.length);
    served.push(one);
    if (served.length % STEP === 0) yield;
  }
  return { kind: 'imported', service, index: openBoundaryIndex(block), served, numberOfKey, notProvided };
}

/** Most boundaries of a layer changed with the same import. */
function datesKeptOnce(): (text: string) => Date {
  let last: { text: string; date: Date } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, date: new Date(text) };
    return last.date;
  };
}

/** Whose settings a boundary has, and when that last changed. */
type Taken = { psap: PsapRow | undefined; changedAt: string | undefined };

function serveImported(
  row: BoundaryEntry,
  taken: PsapRow | undefined,
  { changedAt, psap }: Taken,
  dateOf: (text: string) => Date,
): ServedBoundary {
  const lastUpdated = latest(row.updatedAt, psap?.updatedAt, changedAt);
  return {
    mapping: {
      sourceId: row.sourceId,
      source: row.source,
      displayName: taken?.name ?? row.displayName,
      uri: taken?.uri ?? row.uri,
      serviceNumber: row.serviceNumber,
      lastUpdated,
    },
    lastUpdated: dateOf(lastUpdated),
    key: sha256Hex(`${row.sourceId} ${row.version}`).slice(0, 32),
    civic: undefined,
    origin: { layer: row.layer, version: row.version, importId: row.importId, updated: row.updatedAt },
    ...callSettings(psap),
    leadsToRelay: false,
  };
}

const NO_URIS: readonly string[] = [];

function callSettings(
  psap: PsapRow | undefined,
): Pick<ServedBoundary, 'alternateUris' | 'ringTimeoutMs' | 'ringLimitMs' | 'queueLimitMs' | 'plainSipUser'> {
  return {
    alternateUris: psap?.alternateUris ?? NO_URIS,
    ringTimeoutMs: psap?.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS,
    ringLimitMs: psap?.ringLimitMs ?? null,
    queueLimitMs: psap?.queueLimitMs ?? null,
    plainSipUser: psap?.plainSipUser ?? false,
  };
}

/**
 * The layers that may answer for a service, in order: imported for that very service, imported for each parent (authority
 * for a parent implies the children), for a test service the same of the real one, then the built-in layer. Empty when
 * the service is none of ours.
 */
export function layersFor(snapshot: RoutingSnapshot, service: string): readonly BoundaryLayer[] {
  let layers = snapshot.layersByService.get(service);
  if (!layers) {
    layers = isServiceUrn(service) ? collectLayers(snapshot, canonicalServiceUrn(service)) : [];
    if (service.length <= 256) snapshot.layersByService.set(service, layers);
  }
  return layers;
}

function collectLayers(snapshot: RoutingSnapshot, canonical: string): BoundaryLayer[] {
  const layers: BoundaryLayer[] = [];
  const real = canonical.startsWith('urn:service:test.') ? canonical.replace(':test.', ':') : undefined;
  for (const start of [canonical, real]) {
    for (let urn = start; urn !== undefined; urn = parentServiceUrn(urn)) {
      const layer = snapshot.importedLayers.get(urn);
      if (layer) layers.push(layer);
    }
  }
  if (isUnder(canonical, SOS) || isUnder(canonical, TEST_SOS)) layers.push(snapshot.defaultLayer);
  return layers;
}

function isUnder(urn: string, root: string): boolean {
  return urn === root || urn.startsWith(`${root}.`);
}
