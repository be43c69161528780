import { shapeCenter } from '../../domain/shape.ts';
import type { MapRequest } from '../alert-message.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { uncertaintyMeters } from './uncertainty.ts';

/** The place that the map in a mail shows; null: it is not known well enough to show one. */
export function mapPlace({ call }: AlertOccasion): Omit<MapRequest, 'caption'> | null {
  const shape = call?.location?.shape;
  return shape ? { ...shapeCenter(shape), uncertaintyMeters: uncertaintyMeters(shape) } : null;
}
