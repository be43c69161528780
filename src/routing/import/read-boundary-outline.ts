import type { LayerFeature, Point } from '../../layers/layer.ts';
import { METERS_PER_DEGREE } from '../boundary-index.ts';
import { decodeOutline, encodeOutline, type OutlinePolygons } from '../boundary-outline.ts';
import { repairOutline, unwrapPolygon } from '../repair-outline.ts';
import type { NoteFinding } from './boundary-finding.ts';
import { outlineSize } from './outline-size.ts';

export type ReadOutline = { outline: Uint8Array; polygons: OutlinePolygons };

type At = { layer: string; row: string; boundary: string };

/** A repair that moves less is rounding. */
const LEAST_SQUARE_METERS = 1;
const LEAST_SHARE = 1e-6;

/** The outline of a row, repaired and packed; null with a finding where it has none that encloses anything. */
export function readBoundaryOutline(feature: LayerFeature, at: At, note: NoteFinding): ReadOutline | null {
  const { geometry, fault } = feature;
  if (fault !== null) {
    note({ ...at, rule: 'unreadable-geometry', message: `its geometry ${fault}` });
    return null;
  }
  if (geometry === null) {
    note({ ...at, rule: 'null-geometry', message: 'has no geometry' });
    return null;
  }
  if (geometry.kind !== 'polygons') {
    note({ ...at, rule: 'unreadable-geometry', message: `its geometry is ${geometry.kind}, not polygons` });
    return null;
  }
  const { polygons } = geometry;
  const stray = polygons.flat(2).find(([x, y]) => !(Math.abs(x) <= 360 && Math.abs(y) <= 90));
  if (stray !== undefined) {
    noteStray(stray, at, note);
    return null;
  }
  const drawn = polygons
    .map((rings) => rings.filter((ring) => ring.length >= 3))
    .filter(([outer]) => outer !== undefined && outer.length >= 3);
  if (drawn.length === 0) {
    note({ ...at, rule: 'no-area', message: 'its geometry has fewer than three corners' });
    return null;
  }
  const outline = encodeOutline(repairOutline(drawn));
  const repaired = decodeOutline(outline);
  const size = outlineSize(repaired);
  if (repaired.length === 0) {
    note({ ...at, rule: 'no-area', message: 'its geometry encloses no area' });
    return null;
  }
  noteRepair(drawn, size, at, note);
  return { outline, polygons: repaired };
}

function noteStray([x, y]: Point, at: At, note: NoteFinding): void {
  const isSwapped = Math.abs(y) <= 180 && Math.abs(x) <= 90;
  const rule = isSwapped ? 'swapped-axes' : 'not-degrees';
  const why = isSwapped
    ? 'latitude seems to stand before longitude'
    : 'these look like metres or feet: the file must say of which coordinate system';
  note({ ...at, rule, message: `${x}, ${y} is no longitude and latitude; ${why}` });
}

function noteRepair(drawn: Point[][][], size: ReturnType<typeof outlineSize>, at: At, note: NoteFinding): void {
  const before = drawnArea(drawn.map(unwrapPolygon));
  const change = size.squareMeters - before;
  if (Math.abs(change) <= Math.max(LEAST_SQUARE_METERS, before * LEAST_SHARE)) return;
  note({
    ...at,
    rule: 'repaired',
    message: `its rings cross or overlap: ${squareMeters(before)} as drawn, ${squareMeters(size.squareMeters)} as repaired`,
    squareMeters: Math.round(change),
    ...size.center,
  });
}

export function squareMeters(area: number): string {
  return area >= 1e6 ? `${(area / 1e6).toFixed(2)} km²` : `${Math.round(area)} m²`;
}

/** Outer rings less holes, whatever their direction, on a plane for each. */
function drawnArea(polygons: readonly (readonly (readonly Point[])[])[]): number {
  let area = 0;
  for (const rings of polygons) {
    for (const [number, ring] of rings.entries()) {
      let [twice, south, north] = [0, 90, -90];
      const [x0, y0] = ring[0] ?? [0, 0];
      for (const [i, [x, y]] of ring.entries()) {
        const [nextX, nextY] = ring[(i + 1) % ring.length] ?? [0, 0];
        twice += (x - x0) * (nextY - y0) - (nextX - x0) * (y - y0);
        south = Math.min(south, y);
        north = Math.max(north, y);
      }
      const scale = METERS_PER_DEGREE ** 2 * Math.cos((((south + north) / 2) * Math.PI) / 180);
      area += ((number === 0 ? 1 : -1) * Math.abs(twice) * scale) / 2;
    }
  }
  return area;
}
