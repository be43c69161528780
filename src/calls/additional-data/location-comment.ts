import type { LocatedBy } from './seal-subject.ts';

/** What a PSAP should know about how the location of a call was found (RFC 7852 §4.5), in English. */
export const LOCATION_COMMENTS: Readonly<Record<LocatedBy, string>> = {
  nothing: 'No location of the caller is known.',
  'conveyed-value': 'The location came with the call, from the caller’s phone or network, and was passed on unchanged.',
  'conveyed-reference':
    'The reference to the location came with the call, from the caller’s phone or network, and was passed on unchanged.',
  device:
    'The location is this provider’s, not the phone’s: it is where the caller’s device was found or is registered.',
  elin: 'The location is this provider’s, not the phone’s: it is the place that the caller’s number stands for.',
  number:
    'The location is this provider’s, not the phone’s: it is the place on record for the caller’s number. The caller may be elsewhere.',
  default:
    'The location is this provider’s, not the phone’s: it is the only site of the caller’s organization. The caller may be elsewhere.',
};
