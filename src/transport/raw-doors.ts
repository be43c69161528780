import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { readFrameworkError } from './http-problems.ts';
import type { RestAnswer } from './rest-route.ts';

/** A request to a door that reads its own bytes (HELD, LoST, pages). */
export type RawRequest = {
  method: string;
  /** The one path parameter, by its name. */
  params: Readonly<Record<string, string>>;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The sender's address, behind the trusted proxies. */
  sourceAddress: string;
  /** SHA-256 of the client's certificate, lower-case hexadecimal; only over TLS, and only of one that a known authority issued. */
  clientCertificate: string | undefined;
  /** When its last byte was here, on the monotonic clock; to the turn of the event loop. */
  receivedMs: number;
};

export type RawAnswer = {
  status: number;
  contentType: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body: string | Buffer;
};

export type RawRoute = {
  methods: readonly ('GET' | 'POST')[];
  /** A whole path, or one whose last segment is a parameter: `/held/c/:companyId`. */
  path: string;
  bodyLimit: number;
  handle(request: RawRequest): RawAnswer | Promise<RawAnswer>;
};

export type RawDoorsDeps = {
  logger: Logger;
  metrics: Metrics;
  clock: Clock;
  sourceAddress: (request: IncomingMessage) => string;
  clientCertificate: (socket: unknown) => string | undefined;
  describeProblem(error: ProblemError | null, trackingId: string): RestAnswer;
};

export type RawDoors = {
  mount(route: RawRoute): void;
  /** Takes the request when a route has its path; false leaves it to the REST server. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
};

type Mounted = { route: RawRoute; count: () => void };
type Settle = (response: ServerResponse) => void;

type Arrived = {
  mounted: Mounted;
  params: Readonly<Record<string, string>>;
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
  receivedMs: number;
  made: Settle | undefined;
};

type Found = { candidates: readonly Mounted[]; params: Readonly<Record<string, string>> };

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
const NO_BODY = Buffer.alloc(0);
const PARAMETER = /^(.*\/):(\w+)$/;
const MAX_PARAMETER = 1_024;
/** So many requests are handled before anything else, a call for instance, has its turn. */
const MAX_BATCH = 64;

function decode(text: string): string | undefined {
  if (text.length > MAX_PARAMETER) return undefined;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign with no two hex digits behind it: no such resource.
    return undefined;
  }
}

/** HELD, LoST and pages directly on node:http: bytes in, bytes out, nothing between (the hot path of FIND and ROUTE). */
export function createRawDoors(deps: RawDoorsDeps): RawDoors {
  const { clock, logger } = deps;
  const requests = deps.metrics.tally('waymark_raw_requests_total', 'Requests to HELD, LoST and pages', ['route']);
  const whole = new Map<string, Mounted[]>();
  /** By what stands before the parameter: its name and the routes. */
  const prefixed = new Map<string, { name: string; candidates: Mounted[] }>();

  function find(path: string): Found | undefined {
    const candidates = whole.get(path);
    if (candidates) return { candidates, params: NO_PARAMS };
    const slash = path.lastIndexOf('/') + 1;
    const known = slash < path.length ? prefixed.get(path.slice(0, slash)) : undefined;
    const value = known && decode(path.slice(slash));
    return known && value !== undefined ? { candidates: known.candidates, params: { [known.name]: value } } : undefined;
  }

  function answer(response: ServerResponse, { status, contentType, headers, body }: RawAnswer): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    response.writeHead(status, { 'content-type': contentType, ...headers, 'content-length': length });
    // One byte a character, as nearly always: copied as it is instead of encoded.
    if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8');
    else response.end(body);
  }

  function refuse(response: ServerResponse, error: unknown, headers: Record<string, string> = {}): void {
    const trackingId = `WAYMARK_${randomUUID()}`;
    const problem = readFrameworkError(error);
    if (problem === null) logger.error({ err: error, trackingId }, 'a raw door failed');
    const described = deps.describeProblem(problem, trackingId);
    answer(response, {
      status: described.status,
      contentType: 'application/json; charset=utf-8',
      headers: { trackingid: trackingId, ...described.headers, ...headers },
      body: JSON.stringify(described.body),
    });
  }

  function fail(response: ServerResponse, error: unknown): void {
    if (!response.headersSent) return refuse(response, error);
    logger.error({ err: error }, 'a raw door failed while it answered');
    response.destroy();
  }

  /**
   * Requests that came in this turn of the event loop. They are handled one right after the other, and then answered one right
   * after the other, so that code and data of each step stay in the processor's caches. One request alone gains nothing by it.
   */
  const arrived: Arrived[] = [];
  /** When this turn began, for all of them. */
  let turnMs = 0;

  function serve(
    mounted: Mounted,
    params: Found['params'],
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ) {
    mounted.count();
    if (arrived.length === 0) {
      turnMs = clock.monotonicMs();
      setImmediate(serveArrived);
    }
    arrived.push({ mounted, params, request, response, body, receivedMs: turnMs, made: undefined });
  }

  function serveArrived(): void {
    const batch = arrived.splice(0, MAX_BATCH);
    for (const one of batch) one.made = handle(one);
    for (const { made, response } of batch) {
      try {
        made?.(response);
      } catch (error) {
        // An answer that cannot be written is one caller's trouble, not that of the others.
        fail(response, error);
      }
    }
    if (arrived.length === 0) return;
    turnMs = clock.monotonicMs();
    setImmediate(serveArrived);
  }

  /** Has a request handled, and answers how its response is to be made. */
  function handle({ mounted, params, request, body, receivedMs }: Arrived): Settle {
    try {
      const made = mounted.route.handle({
        method: request.method === 'HEAD' ? 'GET' : (request.method ?? ''),
        params,
        headers: request.headers,
        body,
        sourceAddress: deps.sourceAddress(request),
        clientCertificate: deps.clientCertificate(request.socket),
        receivedMs,
      });
      if (!(made instanceof Promise)) return (response) => answer(response, made);
      return (response) => {
        made.then(
          (late) => answer(response, late),
          (error: unknown) => fail(response, error),
        );
      };
    } catch (error) {
      return (response) => fail(response, error);
    }
  }

  // Gone before the end: nobody waits for an answer.
  function noteEarlyEnd(error: Error): void {
    logger.debug({ err: error.message }, 'a request ended early');
  }

  function readBody(
    request: IncomingMessage,
    response: ServerResponse,
    limit: number,
    done: (body: Buffer) => void,
  ): void {
    const tooLarge = (): void => {
      request.removeAllListeners('data');
      request.resume();
      refuse(response, new ProblemError('too-large', `The body is larger than ${limit} bytes.`), {
        connection: 'close',
      });
    };
    if (Number(request.headers['content-length'] ?? 0) > limit) return tooLarge();
    let chunks: Buffer[] | undefined;
    let first: Buffer = NO_BODY;
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) return tooLarge();
      if (first === NO_BODY) first = chunk;
      else (chunks ??= [first]).push(chunk);
    });
    request.on('end', () => {
      if (size <= limit) done(chunks ? Buffer.concat(chunks) : first);
    });
    request.on('error', noteEarlyEnd);
  }

  return {
    mount(route) {
      const mounted: Mounted = { route, count: requests(route.path) };
      const parameter = PARAMETER.exec(route.path);
      if (!parameter) {
        whole.set(route.path, [...(whole.get(route.path) ?? []), mounted]);
        return;
      }
      const [, prefix = '', name = ''] = parameter;
      const known = prefixed.get(prefix)?.candidates ?? [];
      prefixed.set(prefix, { name, candidates: [...known, mounted] });
    },
    take(request, response) {
      const url = request.url ?? '';
      const query = url.indexOf('?');
      const path = query === -1 ? url : url.slice(0, query);
      const found = find(path) ?? (path.length > 1 && path.endsWith('/') ? find(path.slice(0, -1)) : undefined);
      if (!found) return false;
      const method = request.method === 'HEAD' ? 'GET' : request.method;
      const mounted = found.candidates.find(({ route }) => route.methods.some((allowed) => allowed === method));
      if (!mounted) {
        const allow = found.candidates.flatMap(({ route }) => route.methods).join(', ');
        request.resume();
        refuse(response, new ProblemError('method-not-allowed', `This resource supports ${allow}.`), { allow });
        return true;
      }
      if (method === 'GET') {
        // RFC 9110 §9.3.1 gives the body of a GET no meaning: it is not read.
        request.resume();
        serve(mounted, found.params, request, response, NO_BODY);
      } else {
        readBody(request, response, mounted.route.bodyLimit, (body) =>
          serve(mounted, found.params, request, response, body),
        );
      }
      return true;
    },
  };
}
