/** A round length for a scale bar: `200 m`. */
export type ScaleLength = { meters: number; text: string };

const METERS_PER_FOOT = 0.3048;
const FEET_PER_MILE = 5_280;

/** The largest of 1, 2 and 5 times a power of ten that is not above `limit`. */
function roundBelow(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  const leading = limit / power;
  return (leading >= 5 ? 5 : leading >= 2 ? 2 : 1) * power;
}

/** Round lengths of at most `limitMeters`, metric and customary: people on site know one, responders may use the other. */
export function scaleLengths(limitMeters: number): { metric: ScaleLength; customary: ScaleLength } {
  const meters = roundBelow(Math.max(1, limitMeters));
  const metric = { meters, text: meters >= 1_000 ? `${meters / 1_000} km` : `${meters} m` };
  const limitFeet = limitMeters / METERS_PER_FOOT;
  if (limitFeet >= FEET_PER_MILE) {
    const miles = roundBelow(limitFeet / FEET_PER_MILE);
    return { metric, customary: { meters: miles * FEET_PER_MILE * METERS_PER_FOOT, text: `${miles} mi` } };
  }
  const feet = roundBelow(Math.max(1, limitFeet));
  return { metric, customary: { meters: feet * METERS_PER_FOOT, text: `${feet} ft` } };
}
