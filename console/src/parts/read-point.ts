import type { MapPosition } from './map-view.tsx';

/** `30.27, -97.74`: a point, as people copy it from maps. */
const POINT = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[, ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/;

/** A point that was typed; null: it is something else. */
export function readPoint(text: string): MapPosition | null {
  const [, latitude, longitude] = POINT.exec(text) ?? [];
  return latitude === undefined || longitude === undefined
    ? null
    : { latitude: Number(latitude), longitude: Number(longitude) };
}

/** To about a metre. */
export const pointText = ({ latitude, longitude }: MapPosition): string =>
  `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
