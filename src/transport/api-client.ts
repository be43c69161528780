import { setTimeout as pause } from 'node:timers/promises';
import { readBounded } from './read-bounded.ts';

/** One page of a list, and where the server says the next one is (RFC 8288). */
export type ApiPage<Answer> = { body: Answer; nextUrl: string | undefined };

/** A client of Webex-compatible REST doors, our own and others', for the command line. */
export type ApiClient = {
  /** Sends and reads JSON (or text or a file for CSV); throws ApiError with the server's words for anything but 2xx. */
  request<Answer>(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** GET of a path or of an address that an earlier page named. */
  page<Answer>(path: string): Promise<ApiPage<Answer>>;
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

/** No answer, or none that can be read: nobody listens, the line broke, the time was over, no JSON. */
export class NoAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoAnswerError';
  }
}

export type ApiClientOptions = {
  baseUrl: string;
  token: string;
  /** How often a GET is repeated that got no answer or a 5xx; with pauses that double. None unless told. */
  repeats?: number;
  firstPauseMs?: number;
  timeoutMs?: number;
  /** Of one answer that is read as JSON. */
  maxBytes?: number;
};

type Envelope = { message?: unknown; errors?: unknown; trackingId?: string };

const TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const MAX_BYTES = 64 * 1024 * 1024;
/** Contract section 1: 5 seconds where `Retry-After` is missing, 60 at most. */
const USUAL_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 60;
/** So often one request waits for its turn. */
const BUSY_REPEATS = 30;
const TOO_MANY_REQUESTS = 429;
const MAX_WORDS = 2_000;

function describe(status: number, body: unknown): string {
  const envelope = (typeof body === 'object' && body !== null ? body : {}) as Envelope;
  const errors: unknown[] = Array.isArray(envelope.errors) ? envelope.errors : [];
  const details = errors
    .map((error) => (error as { description?: unknown } | null)?.description)
    .filter((text) => typeof text === 'string');
  const message = typeof envelope.message === 'string' ? envelope.message : `the server answered ${status}`;
  return [message, ...details.map((text) => `  - ${text}`)].join('\n').slice(0, MAX_WORDS);
}

function waitSeconds(retryAfter: string | null): number {
  const seconds = Number(retryAfter ?? '');
  return retryAfter === null || !Number.isFinite(seconds) || seconds < 0
    ? USUAL_WAIT_SECONDS
    : Math.min(seconds, LONGEST_WAIT_SECONDS);
}

/** The target of `rel="next"` (RFC 8288 §3); undefined when no link says so. */
function nextLink(header: string | null): string | undefined {
  for (const [, target, parameters] of (header ?? '').matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;,]|$))/i.test(parameters ?? '')) return target;
  }
  return undefined;
}

function noAnswer(host: string, error: unknown): NoAnswerError {
  if (error instanceof NoAnswerError) return error;
  const late = error instanceof Error && error.name === 'TimeoutError';
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = inner instanceof Error ? inner.message || String((inner as NodeJS.ErrnoException).code) : String(inner);
  return new NoAnswerError(`${host} ${late ? 'did not answer in time' : `did not answer: ${why}`}`, { cause: error });
}

/** Waits when the server says that it is asked too often, as long as it says; redirects are not followed. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { timeoutMs = TIMEOUT_MS, repeats = 0, firstPauseMs = FIRST_PAUSE_MS, maxBytes = MAX_BYTES } = options;

  async function sendOnce(url: URL, init: RequestInit): Promise<Response> {
    const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    if (answer.ok || answer.status === TOO_MANY_REQUESTS) return answer;
    const text = (await readBounded(answer, maxBytes, 'the answer')).toString('utf8');
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Not ours: a proxy's page. The status says enough.
      parsed = { message: `the server answered ${answer.status}` };
    }
    throw new ApiError(answer.status, describe(answer.status, parsed), parsed);
  }

  /** With patience for a server that is busy. */
  async function sendPatiently(url: URL, init: RequestInit): Promise<Response> {
    for (let turn = 0; ; turn += 1) {
      const answer = await sendOnce(url, init);
      if (answer.status !== TOO_MANY_REQUESTS) return answer;
      await answer.body?.cancel();
      if (turn === BUSY_REPEATS) {
        throw new ApiError(TOO_MANY_REQUESTS, `${url.host} still answers 429 after ${BUSY_REPEATS} waits`, undefined);
      }
      await pause(waitSeconds(answer.headers.get('retry-after')) * 1_000);
    }
  }

  /** `read` is part of what is repeated: an answer may break off in the middle. */
  async function send<Result>(
    method: string,
    path: string,
    read: (answer: Response) => Promise<Result>,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<Result> {
    const url = new URL(path, `${options.baseUrl}/`);
    const init: RequestInit = {
      method,
      headers: {
        authorization: `Bearer ${options.token}`,
        ...(body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
      }),
    };
    for (let turn = 0; ; turn += 1) {
      try {
        return await read(await sendPatiently(url, init));
      } catch (error) {
        const mayHelp = !(error instanceof ApiError) || error.status >= 500;
        // Only what changes nothing is repeated blindly: a write may have been done although its answer was lost.
        if (method === 'GET' && mayHelp && turn < repeats) await pause(firstPauseMs * 2 ** turn);
        else throw error instanceof ApiError ? error : noAnswer(url.host, error);
      }
    }
  }

  async function readJson<Answer>(answer: Response): Promise<Answer> {
    const text = (await readBounded(answer, maxBytes, 'the answer')).toString('utf8');
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    } catch (error) {
      throw new NoAnswerError(`${new URL(answer.url).host} answered no JSON`, { cause: error });
    }
  }

  return {
    baseUrl: options.baseUrl,
    request: <Answer>(method: string, path: string, body?: unknown, contentType?: string) =>
      send(method, path, (answer) => readJson<Answer>(answer), body, contentType),
    page: <Answer>(path: string) =>
      send('GET', path, async (answer) => ({
        body: await readJson<Answer>(answer),
        nextUrl: nextLink(answer.headers.get('link')),
      })),
    download: (method, path) => send(method, path, async (answer) => new Uint8Array(await answer.arrayBuffer())),
  };
}
