import type { ProblemError, ProblemKind } from '../domain/problem.ts';
import type { RestAnswer } from '../transport/rest-route.ts';

/** The status of the contract (section 1) for every kind of problem. */
const STATUS: Readonly<Record<ProblemKind, number>> = {
  malformed: 400,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'changed-meanwhile': 412,
  gone: 410,
  'unsupported-media-type': 415,
  // RFC 9110 §15.5.14; not in the contract's list, but no status of that list says it.
  'too-large': 413,
  locked: 423,
  'too-many-requests': 429,
  unavailable: 503,
  'location-type-unavailable': 404,
  'unsupported-message': 400,
  'location-invalid': 400,
  'location-profile-unrecognized': 400,
  'srs-invalid': 400,
  'service-not-implemented': 404,
  loop: 502,
  'upstream-timeout': 504,
  'upstream-failed': 502,
};

/** RFC 9110 §10.2.3: a client that is told nothing would come back at once (429) or never (503). */
const DEFAULT_RETRY_SECONDS: Readonly<Partial<Record<ProblemKind, number>>> = {
  'too-many-requests': 5,
  locked: 5,
  unavailable: 5,
};

export type WebexErrorBody = {
  message: string;
  errors: { description: string }[];
  trackingId: string;
};

/**
 * The error envelope of contract section 1. `null` stands for a fault of ours: the asker gets the tracking id, which the log
 * line carries too, and nothing else.
 */
export function webexProblem(problem: ProblemError | null, trackingId: string): RestAnswer & { body: WebexErrorBody } {
  if (problem === null) {
    const message = 'Something went wrong on the server.';
    return { status: 500, body: { message, errors: [{ description: message }], trackingId } };
  }
  const descriptions = problem.fields.map(({ path, message }) =>
    path === '' ? problem.message : `${path}: ${message}`,
  );
  const retryAfter = problem.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS[problem.kind];
  return {
    status: STATUS[problem.kind],
    headers: {
      ...(problem.kind === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
    body: {
      message: problem.message,
      errors: (descriptions.length === 0 ? [problem.message] : descriptions).map((description) => ({ description })),
      trackingId,
    },
  };
}
