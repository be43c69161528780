/** What the platform said when it could not do what was asked. */
export class ApiProblem extends Error {
  /** HTTP; 0 when no answer came. */
  readonly status: number;
  /** What is wrong with which field, as far as it is known. */
  readonly faults: readonly string[];
  /** Names the request in the platform's log. */
  readonly trackingId: string | null;

  constructor(status: number, message: string, faults: readonly string[] = [], trackingId: string | null = null) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.faults = faults;
    this.trackingId = trackingId;
  }
}

type Envelope = { message?: unknown; errors?: { description?: unknown }[]; trackingId?: unknown };

export function readProblem(status: number, body: unknown): ApiProblem {
  const { message, errors, trackingId } = (typeof body === 'object' && body !== null ? body : {}) as Envelope;
  const faults = (Array.isArray(errors) ? errors : []).map(({ description }) => String(description));
  const text = typeof message === 'string' ? message : `HTTP ${status}`;
  return new ApiProblem(
    status,
    text,
    faults.filter((fault) => fault !== text),
    typeof trackingId === 'string' ? trackingId : null,
  );
}
