import { METERS_PER_DEGREE } from '../boundary-index.ts';
import { type OutlinePolygons, STEPS_PER_DEGREE, twiceSignedArea } from '../boundary-outline.ts';

export type OutlineSize = {
  squareMeters: number;
  /** Degrees. */
  west: number;
  south: number;
  east: number;
  north: number;
  center: { latitude: number; longitude: number };
};

/** Extent and area of an outline; each ring on a plane at its own middle latitude. */
export function outlineSize(polygons: OutlinePolygons): OutlineSize {
  let area = 0;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rings of polygons) {
    for (const [number, ring] of rings.entries()) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = 0; i < ring.length; i += 2) {
        const x = ring[i] as number;
        const y = ring[i + 1] as number;
        if (x < west) west = x;
        if (x > east) east = x;
        if (y < low) low = y;
        if (y > high) high = y;
      }
      south = Math.min(south, low);
      north = Math.max(north, high);
      const scale = METERS_PER_DEGREE ** 2 * Math.cos((((low + high) / 2 / STEPS_PER_DEGREE) * Math.PI) / 180);
      const steps = Math.abs(twiceSignedArea(ring)) / 2 / STEPS_PER_DEGREE ** 2;
      area += (number === 0 ? 1 : -1) * steps * scale;
    }
  }
  const degrees = (steps: number): number => Math.round(steps) / STEPS_PER_DEGREE;
  return {
    squareMeters: area,
    west: degrees(west),
    south: degrees(south),
    east: degrees(east),
    north: degrees(north),
    center: { latitude: degrees((south + north) / 2), longitude: degrees((west + east) / 2) },
  };
}
