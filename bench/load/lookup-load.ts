/** Looks up points in the built-in boundaries: by our index, and by a plain scan over boxes and edges. */
import { SOS } from '../../src/domain/service-urn.ts';
import { defaultBoundaries } from '../../src/routing/default-boundaries.ts';
import { readDefaultPlaces } from '../../src/routing/default-data.ts';
import { findService } from '../../src/routing/find-service.ts';
import { createCivicLocator } from '../../src/routing/locate-civic.ts';
import { NO_ROUTING_ROWS } from '../../src/routing/routing-rows.ts';
import { buildRoutingSnapshot } from '../../src/routing/routing-snapshot.ts';
import { serveParent } from '../processes.ts';
import { samplePoints } from '../sample-points.ts';

/** `differences`: points on which both sides do not agree; checked on every run. */
export type LookupResult = { count: number; differences: number; seconds: number };

const CHUNK = 256;

const defaults = defaultBoundaries();
const snapshot = buildRoutingSnapshot(NO_ROUTING_ROWS, {
  defaults,
  locateCivic: createCivicLocator(defaults, readDefaultPlaces()),
  defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1`,
});
const { geometries } = snapshot.defaultLayer;

const NO_RING = new Float64Array(0);

type Box = [minX: number, minY: number, maxX: number, maxY: number];

const boxes: Box[] = geometries.map((polygons) => {
  const box: Box = [180, 90, -180, -90];
  for (const [outer = NO_RING] of polygons) {
    for (let i = 0; i < outer.length; i += 2) {
      const [x, y] = [outer[i] as number, outer[i + 1] as number];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box;
});

function holds(polygons: readonly (readonly Float64Array[])[], x: number, y: number): boolean {
  return polygons.some((rings) => {
    let isInside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const [x1, y1] = [ring[i] as number, ring[i + 1] as number];
        const [x2, y2] = [ring[j] as number, ring[j + 1] as number];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isInside = !isInside;
      }
    }
    return isInside;
  });
}

type Point = { latitude: number; longitude: number };

function byScan({ latitude, longitude }: Point): number {
  for (let i = 0; i < boxes.length; i++) {
    const [minX, minY, maxX, maxY] = boxes[i] as Box;
    if (longitude < minX || longitude > maxX || latitude < minY || latitude > maxY) continue;
    if (holds(geometries[i] as (typeof geometries)[number], longitude, latitude)) return i;
  }
  return -1;
}

function byIndex(position: Point): number {
  const found = findService(snapshot, { service: SOS, location: { shape: { type: 'point', position } } });
  return found.found && found.quality === 'inside' ? found.boundary : -1;
}

const points = samplePoints(8_192);

serveParent(({ side, ms }: { side: 'index' | 'scan'; ms: number }) => {
  const differences = points.slice(0, 1_000).filter((point) => byScan(point) !== byIndex(point)).length;
  const find = side === 'index' ? byIndex : byScan;
  let count = 0;
  const startedAt = performance.now();
  while (performance.now() - startedAt < ms) {
    for (let i = 0; i < CHUNK; i++) find(points[count++ % points.length] as Point);
  }
  return Promise.resolve({ count, differences, seconds: (performance.now() - startedAt) / 1_000 });
});
