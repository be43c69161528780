import { ProblemError, type ProblemKind } from '../domain/problem.ts';

type FrameworkError = Error & { code?: string; statusCode?: number };

const NOT_JSON = 'The request body is not valid JSON.';
const NO_RESOURCE = 'The URI requested is invalid or the resource requested does not exist.';

/** What the framework refuses, by its code; without words of ours, its own are shown. */
const PROBLEM_OF_CODE: Readonly<Record<string, { kind: ProblemKind; detail?: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { kind: 'unsupported-media-type' },
  FST_ERR_CTP_BODY_TOO_LARGE: { kind: 'too-large' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { kind: 'malformed' },
  FST_ERR_CTP_INVALID_JSON_BODY: { kind: 'malformed', detail: NOT_JSON },
  FST_ERR_CTP_EMPTY_JSON_BODY: { kind: 'malformed', detail: NOT_JSON },
  FST_ERR_BAD_URL: { kind: 'malformed', detail: 'The URI is not valid: a percent sign in it begins no character.' },
  FST_ERR_MAX_PARAM_LENGTH: { kind: 'not-found', detail: NO_RESOURCE },
};

/** SQLSTATE classes in which the database is away or overloaded: not the request is wrong. */
const DATABASE_AWAY = /^(08|53|57|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/;
/** Serialization failure, deadlock, lock timeout: the request gave way to another one that changes the same things. */
const GAVE_WAY = /^(40001|40P01|55P03)$/;

function isDatabaseAway(error: FrameworkError): boolean {
  if (error.code !== undefined && DATABASE_AWAY.test(error.code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|embedded database has stopped/.test(
    error.message,
  );
}

/** The answer for a URI that names nothing. */
export function noSuchResource(): ProblemError {
  return new ProblemError('not-found', NO_RESOURCE);
}

/** What the framework, the parser or the driver threw, as a problem; null for a bug of ours. */
export function readFrameworkError(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error)) return null;
  const framework = error as FrameworkError;
  const known = framework.code === undefined ? undefined : PROBLEM_OF_CODE[framework.code];
  if (known) return new ProblemError(known.kind, known.detail ?? error.message, { cause: error });
  if (framework.statusCode !== undefined && framework.statusCode >= 400 && framework.statusCode < 500) {
    return new ProblemError('malformed', error.message, { cause: error });
  }
  if (framework.code !== undefined && GAVE_WAY.test(framework.code)) {
    return new ProblemError('locked', 'Another request is changing this now; try again shortly.', {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  if (isDatabaseAway(framework)) {
    return new ProblemError('unavailable', 'The database does not answer now; try again shortly.', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
  return null;
}
