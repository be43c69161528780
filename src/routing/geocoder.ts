import type { CivicAddress } from '../domain/civic-address.ts';
import type { Position } from '../domain/shape.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';

/** Where an address lies and how that is known; `point` and `interpolated` are good enough to route by. */
export type GeocodedAddress = { position: Position; precision: string; uncertaintyMeters: number };

/** From memory; undefined where nothing is known of the address as it was given. */
export type Geocoder = (civic: CivicAddress) => GeocodedAddress | undefined;

const PRECISE: ReadonlySet<string> = new Set(['point', 'interpolated']);

/** Only what is precise enough to choose between boundaries; an error of ours leaves the address to its county. */
export function preciseGeocoder(geocode: Geocoder, logger: Logger): Geocoder {
  return (civic) => {
    try {
      const found = geocode(civic);
      return found !== undefined && PRECISE.has(found.precision) ? found : undefined;
    } catch (error) {
      logger.error({ err: errorText(error) }, 'an address could not be placed; its county decides');
      return undefined;
    }
  };
}
