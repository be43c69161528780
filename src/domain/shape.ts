/**
 * Geodetic shapes of RFC 5491 §5 in WGS 84 (EPSG:4326, 2D; a point may have an altitude: EPSG:4979), angles in degrees,
 * distances in metres.
 * A polygon's ring may be open or closed as read; `exterior` never repeats its first point here.
 */
export type Position = { latitude: number; longitude: number };

export type Point = {
  type: 'point';
  position: Position;
  /** Above the ellipsoid of WGS 84. */
  altitudeMeters?: number;
};
export type Circle = { type: 'circle'; center: Position; radiusMeters: number };
export type Ellipse = {
  type: 'ellipse';
  center: Position;
  semiMajorMeters: number;
  semiMinorMeters: number;
  /** Degrees clockwise from north to the semi-major axis. */
  orientationDegrees: number;
};
export type ArcBand = {
  type: 'arc-band';
  center: Position;
  innerRadiusMeters: number;
  outerRadiusMeters: number;
  startAngleDegrees: number;
  openingAngleDegrees: number;
};
export type Polygon = { type: 'polygon'; exterior: readonly Position[] };

export type Shape = Point | Circle | Ellipse | ArcBand | Polygon;

/** The same on the ground: for those who know two dimensions only (RFC 5222 §12.2). */
export function withoutAltitude(shape: Shape): Shape {
  return shape.type === 'point' && shape.altitudeMeters !== undefined
    ? { type: 'point', position: shape.position }
    : shape;
}

/** The point that stands for a shape when only one point can be used. */
export function shapeCenter(shape: Shape): Position {
  switch (shape.type) {
    case 'point':
      return shape.position;
    case 'circle':
    case 'ellipse':
    case 'arc-band':
      return shape.center;
    case 'polygon': {
      let latitude = 0;
      let longitude = 0;
      for (const vertex of shape.exterior) {
        latitude += vertex.latitude;
        longitude += vertex.longitude;
      }
      const count = Math.max(1, shape.exterior.length);
      return { latitude: latitude / count, longitude: longitude / count };
    }
  }
}

/** True when latitude and longitude are finite and in range (longitude 180 and -180 are both allowed). */
export function isPosition(position: Position): boolean {
  return Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180;
}
