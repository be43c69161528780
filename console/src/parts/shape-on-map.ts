type Position = { latitude: number; longitude: number };

/** A shape of RFC 5491 §5 as the platform writes it: degrees and metres. */
type Shape =
  | { type: 'point'; position: Position }
  | { type: 'circle'; center: Position; radiusMeters: number }
  | {
      type: 'ellipse';
      center: Position;
      semiMajorMeters: number;
      semiMinorMeters: number;
      orientationDegrees: number;
    }
  | {
      type: 'arc-band';
      center: Position;
      innerRadiusMeters: number;
      outerRadiusMeters: number;
      startAngleDegrees: number;
      openingAngleDegrees: number;
    }
  | { type: 'polygon'; exterior: readonly Position[] };

export type ShapeOnMap = {
  /** The point that stands for it. */
  position: Position;
  /** How far from there one may be; null: the shape says nothing of it, or it is drawn as it is. */
  withinMeters: number | null;
  /** What it covers, as a ring of `[longitude, latitude]`; null: it is a point. */
  ring: number[][] | null;
};

const METERS_PER_DEGREE = 111_320;
const CORNERS = 64;
const RADIANS = Math.PI / 180;

/** What lies so far from a point in a direction, in degrees clockwise from north: exact enough for what a map of a county shows. */
function away({ latitude, longitude }: Position, meters: number, degrees: number): number[] {
  const north = meters * Math.cos(degrees * RADIANS);
  const east = meters * Math.sin(degrees * RADIANS);
  const shrink = Math.max(Math.cos(latitude * RADIANS), 0.01);
  return [longitude + east / (METERS_PER_DEGREE * shrink), latitude + north / METERS_PER_DEGREE];
}

/** Corners from one angle to another; the last stands for the whole way. */
function arc(center: Position, start: number, opening: number, metersAt: (degrees: number) => number): number[][] {
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const degrees = start + (opening * corner) / CORNERS;
    return away(center, metersAt(degrees), degrees);
  });
}

function middleOf(corners: readonly Position[]): Position {
  const sum = (read: (corner: Position) => number): number => corners.reduce((all, one) => all + read(one), 0);
  return {
    latitude: sum(({ latitude }) => latitude) / corners.length,
    longitude: sum(({ longitude }) => longitude) / corners.length,
  };
}

/** A shape as a map shows it; null: there is none, or it has no corner. */
export function shapeOnMap(given: unknown): ShapeOnMap | null {
  const shape = given as Shape | null | undefined;
  if (shape === null || shape === undefined) return null;
  switch (shape.type) {
    case 'point':
      return { position: shape.position, withinMeters: null, ring: null };
    case 'circle': {
      const { center, radiusMeters } = shape;
      return { position: center, withinMeters: radiusMeters, ring: arc(center, 0, 360, () => radiusMeters) };
    }
    case 'ellipse': {
      const { center, semiMajorMeters: major, semiMinorMeters: minor, orientationDegrees } = shape;
      const metersAt = (degrees: number): number => {
        const off = (degrees - orientationDegrees) * RADIANS;
        return (major * minor) / (Math.hypot(minor * Math.cos(off), major * Math.sin(off)) || 1);
      };
      return { position: center, withinMeters: major, ring: arc(center, 0, 360, metersAt) };
    }
    case 'arc-band': {
      const { center, innerRadiusMeters, outerRadiusMeters, startAngleDegrees, openingAngleDegrees } = shape;
      const inner = arc(center, startAngleDegrees, openingAngleDegrees, () => innerRadiusMeters);
      const outer = arc(center, startAngleDegrees, openingAngleDegrees, () => outerRadiusMeters);
      const ring = [...outer, ...inner.toReversed(), ...outer.slice(0, 1)];
      return { position: center, withinMeters: outerRadiusMeters, ring };
    }
    case 'polygon': {
      const [first] = shape.exterior;
      if (first === undefined) return null;
      const ring = [...shape.exterior, first].map(({ latitude, longitude }) => [longitude, latitude]);
      return { position: middleOf(shape.exterior), withinMeters: null, ring };
    }
    default:
      return null;
  }
}
