import { SOS } from '../domain/service-urn.ts';
import type { Position } from '../domain/shape.ts';
import type { BoundaryGeometry } from './boundary-index.ts';
import type { BoundaryLayer, RoutingSnapshot } from './routing-snapshot.ts';

/** A boundary as maps show it. */
export type MapOutline = {
  name: string;
  /** A county, a province; or the area that a PSAP serves, as imported. */
  kind: 'region' | 'service-area';
  /** Whether the place that the map is about lies within. */
  isHome: boolean;
  polygons: BoundaryGeometry;
};

/** South, west, north, east in degrees. */
export type MapBox = readonly [south: number, west: number, north: number, east: number];

/** More is no map any more, and takes time from calls to unpack. */
const MAX_CORNERS = 40_000;
const MAX_OUTLINES = 60;

/** The built-in regions and the imported areas of PSAPs that reach into a box, those around `place` first. */
export function mapOutlines(snapshot: RoutingSnapshot, place: Position, box: MapBox): MapOutline[] {
  const outlines: MapOutline[] = [];
  let left = MAX_CORNERS;
  const imported = snapshot.importedLayers.get(SOS);
  const layers: readonly (BoundaryLayer | undefined)[] = [snapshot.defaultLayer, imported];
  for (const isHome of [true, false]) {
    for (const layer of layers) {
      if (layer === undefined) continue;
      const { index, kind } = layer;
      for (const boundary of isHome ? index.all(place.latitude, place.longitude) : index.inBox(...box)) {
        if (!isHome && index.contains(boundary, place.latitude, place.longitude)) continue;
        const corners = index.cornersOf(boundary);
        if (corners > left || outlines.length === MAX_OUTLINES) continue;
        left -= corners;
        outlines.push({
          name:
            (kind === 'default'
              ? snapshot.defaults.boundaries[boundary]?.name
              : layer.served[boundary]?.mapping.displayName) ?? '',
          kind: kind === 'default' ? 'region' : 'service-area',
          isHome,
          polygons: index.geometry(boundary),
        });
      }
    }
  }
  return outlines;
}

/** The area of an imported boundary as clients draw it: rings of longitude and latitude, closed (RFC 7946 §3.1.6). */
export type ImportedOutline = { sourceId: string; name: string; layer: string; polygons: number[][][][] };

const MAX_IMPORTED = 300;
/** About a metre. */
const DRAWN_STEPS = 100_000;

const drawn = (degrees: number): number => Math.round(degrees * DRAWN_STEPS) / DRAWN_STEPS;

function closedRing(ring: Float64Array): number[][] {
  const corners: number[][] = [];
  for (let i = 0; i < ring.length; i += 2) corners.push([drawn(ring[i] ?? 0), drawn(ring[i + 1] ?? 0)]);
  const [first] = corners;
  return first ? [...corners, first] : corners;
}

/** Imported areas that answer emergency calls and reach into a box; not all of them where there are too many to be drawn. */
export function importedOutlines(
  snapshot: RoutingSnapshot,
  box: MapBox,
): { outlines: ImportedOutline[]; isComplete: boolean } {
  const layer = snapshot.importedLayers.get(SOS);
  if (layer === undefined) return { outlines: [], isComplete: true };
  const { index, served } = layer;
  const outlines: ImportedOutline[] = [];
  let left = MAX_CORNERS;
  let isComplete = true;
  for (const boundary of index.inBox(...box)) {
    const corners = index.cornersOf(boundary);
    const one = served[boundary];
    if (corners > left || outlines.length === MAX_IMPORTED) isComplete = false;
    else if (one) {
      left -= corners;
      const polygons = index.geometry(boundary).map((rings) => rings.map(closedRing));
      const { displayName: name, sourceId } = one.mapping;
      outlines.push({ sourceId, name, layer: one.origin.layer, polygons });
    }
  }
  return { outlines, isComplete };
}
