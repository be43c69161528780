import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { readFrameworkError } from './http-problems.ts';
import { lingerAfter } from './linger.ts';
import type { RestAnswer } from './rest-route.ts';

/** A request to a door that reads its own bytes (HELD, LoST, pages). */
export type RawRequest = {
  method: string;
  /** What was asked for, as it was written: the path and, where there is one, the query. */
  target: string;
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
  sourceAddress: (request: RawAsker) => string;
  clientCertificate: (socket: unknown) => string | undefined;
  describeProblem(error: ProblemError | null, trackingId: string): RestAnswer;
};

/** Who asks: as much of a request as every way to a door knows. */
export type RawAsker = {
  method?: string | undefined;
  url?: string | undefined;
  headers: IncomingMessage['headers'];
  socket: Pick<Socket, 'remoteAddress'>;
};

/** Where one answer goes. */
export type RawReply = {
  /** Whether it is too late for another answer. */
  readonly isBegun: boolean;
  /** Throws, with nothing sent, for headers that cannot be written. */
  send(answer: RawAnswer): void;
  destroy(): void;
};

type Mounted = { route: RawRoute; count: () => void };

/** A route and what its parameter is. */
export type RawDoor = { mounted: Mounted; params: Readonly<Record<string, string>> };

export type RawDoors = {
  mount(route: RawRoute): void;
  /** Takes the request when a route has its path; false leaves it to the REST server. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** The door that takes a POST with a body of so many bytes at a path; undefined where there is anything to refuse. */
  findPost(path: string, bytes: number): RawDoor | undefined;
  /** Has the request answered together with all others of this turn of the event loop. */
  serve(door: RawDoor, asker: RawAsker, body: Buffer, reply: RawReply): void;
};

type Settle = (reply: RawReply) => void;

type Arrived = {
  door: RawDoor;
  asker: RawAsker;
  reply: RawReply;
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

/** A reply on node:http. */
class HttpReply implements RawReply {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isBegun(): boolean {
    return this.#response.headersSent;
  }

  send({ status, contentType, headers, body }: Parameters<RawReply['send']>[0]): void {
    const response = this.#response;
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    // With its reason: a head that could not be written before this one has left its own behind.
    response.writeHead(status, STATUS_CODES[status], {
      'content-type': contentType,
      ...headers,
      'content-length': length,
    });
    // One byte a character, as nearly always: copied as it is instead of encoded.
    if (typeof body === 'string') response.end(body, length === body.length ? 'latin1' : 'utf8');
    else response.end(body);
  }

  destroy(): void {
    this.#response.destroy();
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

  function refuse(reply: RawReply, error: unknown, headers: Record<string, string> = {}): void {
    const trackingId = `WAYMARK_${randomUUID()}`;
    const problem = readFrameworkError(error);
    if (problem === null) logger.error({ err: error, trackingId }, 'a raw door failed');
    const described = deps.describeProblem(problem, trackingId);
    reply.send({
      status: described.status,
      contentType: 'application/json; charset=utf-8',
      headers: { trackingid: trackingId, ...described.headers, ...headers },
      body: JSON.stringify(described.body),
    });
  }

  function fail(reply: RawReply, error: unknown): void {
    if (!reply.isBegun) return refuse(reply, error);
    logger.error({ err: error }, 'a raw door failed while it answered');
    reply.destroy();
  }

  /**
   * Requests that came in this turn of the event loop. They are handled one right after the other, and then answered one right
   * after the other, so that code and data of each step stay in the processor's caches. One request alone gains nothing by it.
   */
  const arrived: Arrived[] = [];
  /** When this turn began, for all of them. */
  let turnMs = 0;

  function serve(door: RawDoor, asker: RawAsker, body: Buffer, reply: RawReply): void {
    door.mounted.count();
    if (arrived.length === 0) {
      turnMs = clock.monotonicMs();
      setImmediate(serveArrived);
    }
    arrived.push({ door, asker, reply, body, receivedMs: turnMs, made: undefined });
  }

  function serveArrived(): void {
    const batch = arrived.splice(0, MAX_BATCH);
    for (const one of batch) one.made = handle(one);
    for (const { made, reply } of batch) {
      try {
        made?.(reply);
      } catch (error) {
        // An answer that cannot be written is one caller's trouble, not that of the others.
        fail(reply, error);
      }
    }
    if (arrived.length === 0) return;
    turnMs = clock.monotonicMs();
    setImmediate(serveArrived);
  }

  /** Has a request handled, and answers how its answer is to be sent. */
  function handle({ door: { mounted, params }, asker, body, receivedMs }: Arrived): Settle {
    try {
      const made = mounted.route.handle({
        method: asker.method === 'HEAD' ? 'GET' : (asker.method ?? ''),
        target: asker.url ?? '',
        params,
        headers: asker.headers,
        body,
        sourceAddress: deps.sourceAddress(asker),
        clientCertificate: deps.clientCertificate(asker.socket),
        receivedMs,
      });
      if (!(made instanceof Promise)) return (reply) => reply.send(made);
      return (reply) => {
        made.then((late) => reply.send(late)).catch((error: unknown) => fail(reply, error));
      };
    } catch (error) {
      return (reply) => fail(reply, error);
    }
  }

  // Gone before the end: nobody waits for an answer.
  function noteEarlyEnd(error: Error): void {
    logger.debug({ err: error.message }, 'a request ended early');
  }

  function readBody(response: ServerResponse, limit: number, done: (body: Buffer) => void): void {
    const { req: request } = response;
    const tooLarge = (): void => {
      request.removeAllListeners('data');
      request.resume();
      lingerAfter(response);
      refuse(new HttpReply(response), new ProblemError('too-large', `The body is larger than ${limit} bytes.`), {
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
      // Nothing would ever find it.
      if (prefix.includes('/:')) throw new Error(`${route.path}: only the last segment can be a parameter`);
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
        refuse(new HttpReply(response), new ProblemError('method-not-allowed', `This resource supports ${allow}.`), {
          allow,
        });
        return true;
      }
      const door = { mounted, params: found.params };
      const reply = new HttpReply(response);
      if (method === 'GET') {
        // RFC 9110 §9.3.1 gives the body of a GET no meaning: it is not read.
        request.resume();
        serve(door, request, NO_BODY, reply);
      } else {
        readBody(response, mounted.route.bodyLimit, (body) => serve(door, request, body, reply));
      }
      return true;
    },
    findPost(path, bytes) {
      const found = find(path);
      const mounted = found?.candidates.find(({ route }) => route.methods.includes('POST'));
      return found && mounted && bytes <= mounted.route.bodyLimit ? { mounted, params: found.params } : undefined;
    },
    serve,
  };
}
