import type { Position, Shape } from '../domain/shape.ts';
import { METERS_PER_DEGREE } from './boundary-index.ts';

const RINGS = 6;
const SPOKES = 24;
const GRID = 24;
/** Of a polygon with more corners, evenly spaced ones are taken. */
const MAX_CORNERS = 200;

/**
 * Points all over a shape, at most some hundred, for shapes too wide to be measured on a plane. Latitudes beyond a pole and
 * longitudes beyond the antimeridian come out in range.
 */
export function samplePositions(shape: Shape): Position[] {
  switch (shape.type) {
    case 'point':
      return [shape.position];
    case 'circle':
      return spokes(shape.center, 0, 360, () => [0, shape.radiusMeters]);
    case 'ellipse':
      return spokes(shape.center, 0, 360, (bearing) => [0, ellipseRadius(shape, bearing)]);
    case 'arc-band':
      return spokes(shape.center, shape.startAngleDegrees, shape.openingAngleDegrees, () => [
        shape.innerRadiusMeters,
        shape.outerRadiusMeters,
      ]);
    case 'polygon':
      return inPolygon(shape.exterior);
  }
}

function ellipseRadius(ellipse: Extract<Shape, { type: 'ellipse' }>, bearing: number): number {
  const { orientationDegrees, semiMajorMeters: a, semiMinorMeters: b } = ellipse;
  const angle = ((bearing - orientationDegrees) * Math.PI) / 180;
  const divisor = Math.hypot(b * Math.cos(angle), a * Math.sin(angle));
  return divisor === 0 ? 0 : (a * b) / divisor;
}

/** Points between two distances from `center`, clockwise from north. */
function spokes(
  center: Position,
  startDegrees: number,
  openingDegrees: number,
  reach: (bearing: number) => readonly [from: number, to: number],
): Position[] {
  const positions = [center];
  for (let spoke = 0; spoke < SPOKES; spoke += 1) {
    const bearing = startDegrees + (openingDegrees * (spoke + 0.5)) / SPOKES;
    const [from, to] = reach(bearing);
    for (let ring = 1; ring <= RINGS; ring += 1) {
      positions.push(destination(center, bearing, from + ((to - from) * ring) / RINGS));
    }
  }
  return positions;
}

/** On a sphere: good to half a percent, and right around the poles. */
function destination({ latitude, longitude }: Position, bearingDegrees: number, meters: number): Position {
  const distance = (Math.min(meters / METERS_PER_DEGREE, 180) * Math.PI) / 180;
  const bearing = (bearingDegrees * Math.PI) / 180;
  const from = (latitude * Math.PI) / 180;
  const sine = Math.sin(from) * Math.cos(distance) + Math.cos(from) * Math.sin(distance) * Math.cos(bearing);
  const to = Math.asin(Math.max(-1, Math.min(1, sine)));
  const turn = Math.atan2(
    Math.sin(bearing) * Math.sin(distance) * Math.cos(from),
    Math.cos(distance) - Math.sin(from) * Math.sin(to),
  );
  return { latitude: (to * 180) / Math.PI, longitude: inRange(longitude + (turn * 180) / Math.PI) };
}

function inRange(longitude: number): number {
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

function inPolygon(exterior: readonly Position[]): Position[] {
  const origin = exterior[0]?.longitude ?? 0;
  // A ring over the antimeridian goes on beyond 180 degrees instead of round the world.
  const stride = Math.max(1, Math.ceil(exterior.length / MAX_CORNERS));
  const ring = exterior
    .filter((_, index) => index % stride === 0)
    .map(({ latitude, longitude }) => {
      const east = longitude - origin;
      return { latitude, longitude: origin + (east > 180 ? east - 360 : east < -180 ? east + 360 : east) };
    });
  const latitudes = ring.map(({ latitude }) => latitude);
  const longitudes = ring.map(({ longitude }) => longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const positions = [...ring];
  for (let row = 0; row < GRID; row += 1) {
    for (let column = 0; column < GRID; column += 1) {
      const position = {
        latitude: south + ((north - south) * (row + 0.5)) / GRID,
        longitude: west + ((east - west) * (column + 0.5)) / GRID,
      };
      if (isInside(position, ring)) positions.push(position);
    }
  }
  return positions.map(({ latitude, longitude }) => ({ latitude, longitude: inRange(longitude) }));
}

function isInside({ latitude, longitude }: Position, ring: readonly Position[]): boolean {
  let inside = false;
  let previous = ring.at(-1);
  for (const corner of ring) {
    if (previous && corner.latitude > latitude !== previous.latitude > latitude) {
      const share = (latitude - corner.latitude) / (previous.latitude - corner.latitude);
      if (longitude < corner.longitude + share * (previous.longitude - corner.longitude)) inside = !inside;
    }
    previous = corner;
  }
  return inside;
}
