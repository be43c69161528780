import { STEPS_PER_DEGREE } from '../boundary-outline.ts';
import { type DefaultBoundaries, defaultBoundaries } from '../default-boundaries.ts';
import type { NoteFinding } from './boundary-finding.ts';
import type { LintedBoundary } from './lint-coverage.ts';
import { outlineSize } from './outline-size.ts';

type Position = { latitude: number; longitude: number };

/** Corners of a boundary, and polygons of it, that are looked at. */
const TRIED = 24;
/** Places tried along each side of a polygon's extent. */
const GRID = 5;

/**
 * Boundaries that lie where nobody expects them: outside the United States and Canada (with the axes swapped, perhaps), or in
 * another state than most of the file.
 */
export function lintWhereabouts(boundaries: readonly LintedBoundary[], note: NoteFinding): void {
  const defaults = defaultBoundaries();
  const found = boundaries.map((boundary) => ({ boundary, ...whereaboutsOf(samplePositions(boundary), defaults) }));
  const states = new Map<string, number>();
  for (const { state } of found) if (state !== undefined) states.set(state, (states.get(state) ?? 0) + 1);
  const [usual, count = 0] = [...states].sort((a, b) => b[1] - a[1])[0] ?? [];
  const isOfOneState = count > boundaries.length / 2;
  const areAllElsewhere = found.every(({ isElsewhere }) => isElsewhere);
  for (const { boundary, state, isElsewhere, isSwapped } of found) {
    const { layer, row, sourceId, size } = boundary;
    const at = { layer, row, boundary: sourceId, ...size.center };
    const { latitude, longitude } = size.center;
    if (isElsewhere && isSwapped) {
      note({
        ...at,
        rule: 'swapped-axes',
        message: `lies at latitude ${latitude}, longitude ${longitude}: latitude seems to stand before longitude`,
      });
    } else if (isElsewhere && areAllElsewhere) {
      note({
        ...at,
        rule: 'nowhere-near',
        message: 'lies, like all of the file, outside the United States and Canada: is its coordinate system right?',
      });
    } else if (isElsewhere) {
      note({ ...at, rule: 'outside-coverage', message: 'lies outside the United States and Canada' });
    } else if (isOfOneState && state !== undefined && state !== usual) {
      note({ ...at, rule: 'other-state', message: `lies in ${state}, most of the file in ${usual}` });
    }
  }
}

/** Corners spread over all polygons, and places spread over the extent of each: an island may be drawn far out at sea. */
function samplePositions({ polygons }: LintedBoundary): Position[] {
  const corners = polygons.reduce((sum, [outer]) => sum + (outer?.length ?? 0) / 2, 0);
  const step = Math.max(1, Math.floor(corners / TRIED));
  const positions: Position[] = [];
  let number = 0;
  for (const [place, rings] of polygons.entries()) {
    const [outer = new Int32Array()] = rings;
    for (let i = 0; i < outer.length; i += 2, number++) {
      if (number % step !== 0) continue;
      positions.push({
        longitude: (outer[i] ?? 0) / STEPS_PER_DEGREE,
        latitude: (outer[i + 1] ?? 0) / STEPS_PER_DEGREE,
      });
    }
    if (place < TRIED) positions.push(...gridOver(rings));
  }
  return positions;
}

function gridOver(rings: readonly Int32Array[]): Position[] {
  const { west, south, east, north } = outlineSize([rings]);
  return Array.from({ length: GRID * GRID }, (_, i) => ({
    longitude: west + ((east - west) * ((i % GRID) + 0.5)) / GRID,
    latitude: south + ((north - south) * (Math.floor(i / GRID) + 0.5)) / GRID,
  }));
}

type Whereabouts = { state: string | undefined; isElsewhere: boolean; isSwapped: boolean };

function whereaboutsOf(
  positions: readonly Position[],
  { countries, index, boundaries }: DefaultBoundaries,
): Whereabouts {
  const isInside = ({ latitude, longitude }: Position): boolean => countries.first(latitude, longitude) >= 0;
  const isElsewhere = !positions.some(isInside);
  const swapped = isElsewhere
    ? positions.filter(({ latitude, longitude }) => isInside({ latitude: longitude, longitude: latitude })).length
    : 0;
  const states = new Map<string, number>();
  let known = 0;
  for (const { latitude, longitude } of positions) {
    const region = boundaries[index.first(latitude, longitude)]?.region;
    if (region === undefined) continue;
    known += 1;
    states.set(region, (states.get(region) ?? 0) + 1);
  }
  const [state, count = 0] = [...states].sort((a, b) => b[1] - a[1])[0] ?? [];
  return {
    state: count * 2 > known ? state : undefined,
    isElsewhere,
    isSwapped: swapped * 2 > positions.length,
  };
}
