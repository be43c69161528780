import { ProblemError, type ProblemKind } from '../domain/problem.ts';

type FrameworkError = Error & { code?: string; statusCode?: number };

const KIND_OF_CODE: Readonly<Record<string, ProblemKind>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed',
  FST_ERR_BAD_URL: 'malformed',
};

/** SQLSTATE classes in which the database is away or overloaded, not the request wrong. */
const DATABASE_AWAY = /^(08|53|57P|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/;

function isDatabaseAway(error: FrameworkError): boolean {
  if (error.code !== undefined && DATABASE_AWAY.test(error.code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|embedded database has stopped/.test(
    error.message,
  );
}

/** What the framework, the parser or the driver threw, as a problem; null for a bug of ours. */
export function readFrameworkError(error: unknown): ProblemError | null {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error)) return null;
  const framework = error as FrameworkError;
  const kind = framework.code === undefined ? undefined : KIND_OF_CODE[framework.code];
  if (kind === 'malformed') {
    return new ProblemError('malformed', `The request body is not valid JSON: ${error.message}`, { cause: error });
  }
  if (kind !== undefined) return new ProblemError(kind, error.message, { cause: error });
  if (error instanceof SyntaxError) {
    return new ProblemError('malformed', `The request body is not valid JSON: ${error.message}`, { cause: error });
  }
  if (framework.statusCode !== undefined && framework.statusCode >= 400 && framework.statusCode < 500) {
    return new ProblemError('malformed', error.message, { cause: error });
  }
  if (isDatabaseAway(framework)) {
    return new ProblemError('unavailable', 'The database does not answer now; try again shortly.', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
  return null;
}
