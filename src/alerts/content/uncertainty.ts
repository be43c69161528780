import type { Shape } from '../../domain/shape.ts';

const METERS_PER_DEGREE = 111_320;

/** How far from the centre of a shape somebody may be, in whole metres; null: the shape says nothing of it. */
export function uncertaintyMeters(shape: Shape): number | null {
  switch (shape.type) {
    case 'point':
      return null;
    case 'circle':
      return Math.round(shape.radiusMeters);
    case 'ellipse':
      return Math.round(shape.semiMajorMeters);
    case 'arc-band':
      return Math.round(shape.outerRadiusMeters);
    case 'polygon': {
      const latitudes = shape.exterior.map(({ latitude }) => latitude);
      const longitudes = shape.exterior.map(({ longitude }) => longitude);
      const middle = (Math.min(...latitudes) + Math.max(...latitudes)) / 2;
      const height = (Math.max(...latitudes) - Math.min(...latitudes)) * METERS_PER_DEGREE;
      const width =
        (Math.max(...longitudes) - Math.min(...longitudes)) * METERS_PER_DEGREE * Math.cos((middle * Math.PI) / 180);
      return Number.isFinite(height) && Number.isFinite(width) ? Math.round(Math.hypot(height, width) / 2) : null;
    }
  }
}
