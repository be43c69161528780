import type { CivicAddress } from './civic-address.ts';
import type { Shape } from './shape.ts';

/** A location as FIND knows it and ROUTE uses it: civic, geodetic, or both describing the same place. */
export type LocationValue = {
  civic?: CivicAddress;
  shape?: Shape;
  /** RFC 4119 §2.2.6 / IANA Method Tokens: `Wiremap`, `Manual`, `802.11`, `GPS` … */
  method?: string;
  /** When this was determined. */
  timestamp?: Date;
  /** 0 to 100, percent (RFC 7459). */
  confidencePercent?: number;
};

/** Whether it tells where somebody is: a shape, or a civic address that says more than the country. */
export function namesPlace({ civic = {}, shape }: LocationValue): boolean {
  return shape !== undefined || Object.keys(civic).some((element) => element !== 'country');
}
