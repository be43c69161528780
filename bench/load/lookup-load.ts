/** Looks up points in a layer in one process: `findService` whole, as a call does it, with the layer packed and opened. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SOS } from '../../src/domain/service-urn.ts';
import { encodeOutline } from '../../src/routing/boundary-outline.ts';
import { defaultBoundaries } from '../../src/routing/default-boundaries.ts';
import { readDefaultPlaces } from '../../src/routing/default-data.ts';
import { findService } from '../../src/routing/find-service.ts';
import { createCivicLocator } from '../../src/routing/locate-civic.ts';
import { packLayer } from '../../src/routing/pack-layer.ts';
import type { BoundaryEntry } from '../../src/routing/routing-rows.ts';
import { buildRoutingSnapshot, NO_PARTS } from '../../src/routing/routing-snapshot.ts';
import { type LayerSize, layerPoints, nationalEntry, nationalLayer } from '../national-layer.ts';
import { serveParent } from '../processes.ts';
import { samplePoints } from '../sample-points.ts';

/** `national` packs a layer of that size; without it the built-in boundaries answer. */
export type LookupSetup = { kind: 'setup'; national: LayerSize | null };
export type LookupSetupResult = {
  corners: number;
  bytesPerCorner: number;
  heapBytesPerCorner: number;
  packSeconds: number;
};
export type LookupRun = { kind: 'run'; ms: number };
export type LookupResult = { count: number; seconds: number; cpuSeconds: number };
/** Which polygon of the layer holds each of the first points, -1 for none. */
export type LookupSample = { kind: 'sample'; count: number };

const CHUNK = 256;
const POINTS = 65_536;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const defaults = defaultBoundaries();
const sources = {
  defaults,
  locateCivic: createCivicLocator(defaults, readDefaultPlaces()),
  defaultUri: (sourceId: string) => `sip:${sourceId}@127.0.0.1`,
  relayUri: () => 'sip:relay@127.0.0.1',
};
let snapshot = buildRoutingSnapshot(NO_PARTS, sources);
let points = samplePoints(POINTS);
let isNational = false;

function setup({ national }: LookupSetup): LookupSetupResult {
  if (!national) {
    const { bytes, corners } = defaults.index;
    return { corners, bytesPerCorner: bytes / corners, heapBytesPerCorner: 0, packSeconds: 0 };
  }
  const before = heapBytes();
  const boundaries: BoundaryEntry[] = [];
  const outlines: Uint8Array[] = [];
  for (const ring of nationalLayer(national)) {
    outlines.push(encodeOutline([[ring]]));
    boundaries.push(nationalEntry(boundaries.length));
  }
  const ends = new Uint32Array(outlines.length);
  for (const [place, { length }] of outlines.entries()) ends[place] = (ends[place - 1] ?? 0) + length;
  const startedAt = performance.now();
  const block = packLayer({ bytes: Buffer.concat(outlines), ends });
  const packSeconds = (performance.now() - startedAt) / 1_000;
  outlines.length = 0;
  snapshot = buildRoutingSnapshot({ ...NO_PARTS, layers: [{ service: SOS, boundaries, block }] }, sources);
  points = layerPoints(POINTS);
  isNational = true;
  const { bytes, corners } = snapshot.importedLayers.get(SOS)?.index ?? defaults.index;
  return {
    corners,
    bytesPerCorner: bytes / corners,
    heapBytesPerCorner: (heapBytes() - before) / corners,
    packSeconds,
  };
}

function find(place: number): string | null {
  const position = points[place % POINTS];
  if (!position) return null;
  const found = findService(snapshot, { service: SOS, location: { shape: { type: 'point', position } } });
  return found.found && (found.layer.kind === 'imported' || !isNational) ? found.served.mapping.sourceId : null;
}

function run({ ms }: LookupRun): LookupResult {
  let count = 0;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  while (performance.now() - startedAt < ms) for (let i = 0; i < CHUNK; i++) find(count++);
  const { system, user } = process.cpuUsage(before);
  return { count, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (system + user) / 1e6 };
}

serveParent((message: LookupSetup | LookupRun | LookupSample) => {
  switch (message.kind) {
    case 'setup':
      return Promise.resolve(setup(message));
    case 'run':
      return Promise.resolve(run(message));
    case 'sample':
      return Promise.resolve(Array.from({ length: message.count }, (_, place) => find(place)));
  }
});
