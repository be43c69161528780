/** Contract section 6, quality: `INVALID` = inactive or absent. */
export type CallbackQuality = 'RECOMMENDED' | 'NOT_RECOMMENDED' | 'INVALID';

/** Contract section 6, effectiveLevel: which rule gave the number, after fallback. */
export type CallbackRule = 'DIRECT_LINE' | 'LOCATION_ECBN' | 'LOCATION_MEMBER_NUMBER' | 'LOCATION_NUMBER' | 'NONE';

/** The number on which a PSAP calls back (ECBN). */
export type Callback = {
  /** E.164; null when neither the member nor the location has an active number. */
  number: string | null;
  quality: CallbackQuality;
  rule: CallbackRule;
};
