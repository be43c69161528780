import type { ProblemKind } from '../domain/problem.ts';
import type { HeldErrorCode } from '../wire/held/held.ts';

/**
 * The HELD error (RFC 5985 §6.3) for every problem. It travels in HTTP 200; only credentials and methods, which are HTTP's
 * own affair, are answered by a status.
 */
export const HELD_ERRORS: Readonly<Record<ProblemKind, HeldErrorCode>> = {
  malformed: 'xmlError',
  invalid: 'requestError',
  unauthenticated: 'requestError',
  forbidden: 'requestError',
  'not-found': 'locationUnknown',
  'method-not-allowed': 'requestError',
  conflict: 'requestError',
  'changed-meanwhile': 'requestError',
  gone: 'locationUnknown',
  'unsupported-media-type': 'requestError',
  'too-large': 'requestError',
  locked: 'generalLisError',
  'too-many-requests': 'generalLisError',
  unavailable: 'generalLisError',
  'location-type-unavailable': 'cannotProvideLiType',
  'unsupported-message': 'unsupportedMessage',
  'location-invalid': 'requestError',
  'location-profile-unrecognized': 'requestError',
  'srs-invalid': 'requestError',
  'service-not-implemented': 'unsupportedMessage',
  loop: 'generalLisError',
  'upstream-timeout': 'timeout',
  'upstream-failed': 'generalLisError',
};
