import type { ProblemError, ProblemKind } from '../domain/problem.ts';
import type { LostErrors, LostErrorType } from '../wire/lost/lost.ts';

/** Which LoST error (RFC 5222 §13.1) answers which problem. */
export const LOST_ERROR: Record<ProblemKind, LostErrorType> = {
  malformed: 'badRequest',
  invalid: 'badRequest',
  unauthenticated: 'forbidden',
  forbidden: 'forbidden',
  'not-found': 'notFound',
  'method-not-allowed': 'badRequest',
  conflict: 'badRequest',
  'changed-meanwhile': 'badRequest',
  gone: 'notFound',
  'unsupported-media-type': 'badRequest',
  'too-large': 'badRequest',
  locked: 'internalError',
  'too-many-requests': 'internalError',
  unavailable: 'internalError',
  'location-type-unavailable': 'locationProfileUnrecognized',
  'unsupported-message': 'badRequest',
  'location-invalid': 'locationInvalid',
  'location-profile-unrecognized': 'locationProfileUnrecognized',
  'srs-invalid': 'SRSInvalid',
  'service-not-implemented': 'serviceNotImplemented',
  loop: 'loop',
  'upstream-timeout': 'serverTimeout',
  'upstream-failed': 'serverError',
};

/** An `errors` document for a problem, in the name of `source`. */
export function lostErrors(source: string, problem: ProblemError): LostErrors {
  const type = LOST_ERROR[problem.kind];
  const unsupportedProfiles = problem.fields.map(({ path }) => path).filter((profile) => profile !== '');
  return {
    type: 'errors',
    source,
    exceptions: [
      {
        type,
        message: problem.message,
        ...(type === 'locationProfileUnrecognized' && unsupportedProfiles.length > 0 ? { unsupportedProfiles } : {}),
      },
    ],
  };
}
