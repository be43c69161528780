/** A client of Waymark's own REST doors, for the command line. */
export type ApiClient = {
  /** Sends and reads JSON (or text for CSV); throws ApiError with the server's words for anything but 2xx. */
  request<Answer>(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** The answer's bytes. */
  download(method: string, path: string): Promise<Uint8Array>;
  baseUrl: string;
};

/** An answer other than 2xx, with what the server said. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, message: string, body: unknown) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }
}

type Envelope = { message?: string; errors?: { description?: string }[]; trackingId?: string };

const TIMEOUT_MS = 120_000;

function describe(status: number, body: unknown): string {
  const envelope = (typeof body === 'object' && body !== null ? body : {}) as Envelope;
  const details = (envelope.errors ?? []).map((error) => error.description).filter((text) => text !== undefined);
  return [envelope.message ?? `the server answered ${status}`, ...details.map((text) => `  - ${text}`)].join('\n');
}

export function createApiClient(options: { baseUrl: string; token: string }): ApiClient {
  async function send(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<Response> {
    const answer = await fetch(new URL(path, `${options.baseUrl}/`), {
      method,
      headers: {
        authorization: `Bearer ${options.token}`,
        ...(body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok) return answer;
    const text = await answer.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Not ours: a proxy's page. The status says enough.
      parsed = { message: `the server answered ${answer.status}` };
    }
    throw new ApiError(answer.status, describe(answer.status, parsed), parsed);
  }
  return {
    baseUrl: options.baseUrl,
    async request<Answer>(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
      const answer = await send(method, path, body, contentType);
      const text = await answer.text();
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },
    async download(method, path) {
      const answer = await send(method, path);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}
