/**
 * Every way in which a use case can fail, as one closed union.
 *
 * Rooms throw `ProblemError(kind, detail)`; each door (REST, HELD, LoST) owns a total
 * `Record<ProblemKind, …>`, so a new kind does not compile until every door answers it.
 */
export type ProblemKind =
  /** The bytes could not be read at all: broken JSON, XML, CSV, SIP. */
  | 'malformed'
  /** Readable, but a field has a value that is not allowed; `fields` says which. */
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  /** What was to be changed is not any more as the asker had read it (RFC 9110 §15.5.13). */
  | 'changed-meanwhile'
  | 'gone'
  | 'unsupported-media-type'
  | 'too-large'
  | 'locked'
  | 'too-many-requests'
  /** A part this request needs (usually the database) does not answer now. */
  | 'unavailable'
  /** The asked-for form of the location cannot be given (RFC 5985 §6.3 cannotProvideLiType). */
  | 'location-type-unavailable'
  /** The message type is not one this door knows (RFC 5985 §6.3 unsupportedMessage). */
  | 'unsupported-message'
  /** The location in the query contradicts itself or lies nowhere (RFC 5222 §13.1 locationInvalid). */
  | 'location-invalid'
  /** RFC 5222 §13.1 locationProfileUnrecognized. */
  | 'location-profile-unrecognized'
  /** RFC 5222 §13.1 SRSInvalid. */
  | 'srs-invalid'
  /** RFC 5222 §13.1 serviceNotImplemented. */
  | 'service-not-implemented'
  /** RFC 5222 §13.1 loop. */
  | 'loop'
  /** A peer server did not answer in time or answered nonsense. */
  | 'upstream-timeout'
  | 'upstream-failed';

/** One field at fault: `path` is a JSON pointer, XML path, CSV `row:column` or header name. */
export type FieldFault = { path: string; message: string };

export type ProblemOptions = {
  cause?: unknown;
  fields?: readonly FieldFault[];
  /** Whole seconds after which the same request may work (becomes `Retry-After`). */
  retryAfterSeconds?: number;
};

/** The only error type that use cases throw on purpose. `message` is safe to show to the asker. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly fields: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ProblemKind, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProblemError';
    this.kind = kind;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** `invalid` for one field at fault. */
export function invalidField(path: string, message: string): ProblemError {
  return new ProblemError('invalid', `${path}: ${message}`, { fields: [{ path, message }] });
}

/** For what is not there: `gone` when it is known to have been there, else `not-found` with the same words for every asker. */
export function missing(wasRemoved: boolean, what: string): ProblemError {
  return wasRemoved
    ? new ProblemError('gone', `${what} was removed`)
    : new ProblemError('not-found', `there is no ${what}`);
}

/** A problem on its way between threads or processes, where an error loses its class. */
export type ProblemMessage = { kind: ProblemKind; detail: string; fields: readonly FieldFault[] };

/** What is told of a problem; any other error is thrown again. */
export function toProblemMessage(error: unknown): ProblemMessage {
  if (!(error instanceof ProblemError)) throw error;
  return { kind: error.kind, detail: error.message, fields: error.fields };
}

export function fromProblemMessage({ detail, fields, kind }: ProblemMessage): ProblemError {
  return new ProblemError(kind, detail, { fields });
}
