import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Right } from '../domain/rights.ts';
import type { Scope } from '../domain/scope.ts';
import type { Clock } from '../support/clock.ts';
import { sha256Hex } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { requireOwnPage, SESSION_COOKIE } from '../wire/http/session-cookie.ts';
import { noSuchResource, readFrameworkError } from './http-problems.ts';
import { lingerAfter } from './linger.ts';
import { createRateLimit, type RateLimits } from './rate-limit.ts';
import type { RestAnswer, RestRequest, RestRoute } from './rest-route.ts';
import { createStrangerLimit } from './stranger-limit.ts';
import { createInputValidator } from './validate-input.ts';

export type RestDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** What one token may ask of the REST doors; HELD, LoST and pages know no such limit. */
  limits: RateLimits;
  authenticate(credentials: {
    authorization: string | undefined;
    /** The secret in the cookie of a signed-in browser, where there is no `Authorization`. */
    session: string | undefined;
    organizationId: string | undefined;
    trackingId: string;
  }): Promise<Scope>;
  /** Reads `orgId`; throws a ProblemError that names it. */
  decodeOrganizationId(text: string): string;
  /**
   * Awaited after a write and before its answer, so that whoever writes and then calls sees the write in force. Must be
   * bounded by itself; its failure does not fail the request.
   */
  afterWrite?(): Promise<void>;
  /** The error envelope of the REST doors. */
  describeProblem(error: ProblemError | null, trackingId: string): RestAnswer;
};

type RestDoorsDeps = RestDeps & {
  /** The sender's address, behind the trusted proxies. */
  sourceAddress: (request: IncomingMessage) => string;
  /** The server that listens: it hands whatever is no raw door's to `rest`. */
  createServer(rest: RequestListener): Server;
  requestTimeoutMs: number;
  keepAliveTimeoutMs: number;
};

/** The doors that authenticate with tokens and sessions and speak JSON, behind one server. */
export type RestDoors = {
  readonly server: Server;
  mount(route: RestRoute): void;
  /** Base of absolute URLs in answers; set once the port is known. */
  setPublicUrl(url: string): void;
  /** Nothing can be mounted any more. */
  listen(at: { host: string; port: number }): Promise<void>;
  /** Takes no connection more, ends those that are idle, and resolves when what is under way has ended. */
  close(): Promise<void>;
};

/** Of JSON: parsing it is the one thing that cannot be done in pieces. */
const DEFAULT_BODY_LIMIT = 256 * 1024;
const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
const TRACKING_ID = /^[\w.:-]{1,128}$/;

function chooseTrackingId(request: FastifyRequest): string {
  const given = request.headers.trackingid;
  return typeof given === 'string' && TRACKING_ID.test(given) ? given : `WAYMARK_${randomUUID()}`;
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function fastifyPath(openApiPath: string): string {
  return openApiPath.replaceAll(/\{(\w+)\}/g, ':$1');
}

function requireAccess(scope: Scope, access: Right): void {
  if (access.roles.length === 0) throw new ProblemError('forbidden', 'This operation is open to nobody.');
  if (!access.roles.includes(scope.role)) {
    throw new ProblemError('forbidden', `This needs one of the roles ${access.roles.join(', ')}.`);
  }
  if (!access.anyScope.some((name) => scope.scopes.has(name))) {
    throw new ProblemError('forbidden', `This needs one of the scopes ${access.anyScope.join(', ')}.`);
  }
}

/** What stands for a token or a session in memory: the same however its Authorization header is written. */
function credentialKey({ authorization, session }: RequestCredentials): string | undefined {
  if (authorization !== undefined) return sha256Hex(/^\S+ +(\S+) *$/.exec(authorization)?.[1] ?? authorization);
  return session === undefined ? undefined : sha256Hex(session);
}

type RequestCredentials = { authorization: string | undefined; session: string | undefined };

/** Whether the request's route reads JSON by itself. */
function takesText(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { bodyAsText?: boolean }).bodyAsText === true;
}

/** Whether the request's route reads its body while it arrives. */
function takesStream(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { bodyAsStream?: boolean }).bodyAsStream === true;
}

async function readText(payload: AsyncIterable<Buffer>, limit = DEFAULT_BODY_LIMIT): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    bytes += chunk.length;
    if (bytes > limit) throw new ProblemError('too-large', `The request body is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A body that is sent as it is, under the content type that the route states. */
function isRaw(body: unknown): body is string | Buffer {
  return typeof body === 'string' || Buffer.isBuffer(body);
}

/** Limits, tracking ids, authentication, media types and error envelopes of every REST operation in one place. */
export function createRestDoors(deps: RestDoorsDeps): RestDoors {
  const { logger, metrics, sourceAddress } = deps;
  let publicUrl = 'http://127.0.0.1';
  const app: FastifyInstance = fastify({
    serverFactory: (rest) => deps.createServer(rest),
    logger: false,
    frameworkErrors: (error, request, reply) => sendProblem(reply, error, chooseTrackingId(request)),
    bodyLimit: DEFAULT_BODY_LIMIT,
    requestTimeout: deps.requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: deps.keepAliveTimeoutMs,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_024 },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  const rateLimit = createRateLimit(deps.clock, deps.limits);
  const strangers = createStrangerLimit(deps.clock);
  const limited = metrics.counter('waymark_rest_limited_total', 'REST requests over the limits of their token');
  const restSeconds = metrics.histogram(
    'waymark_rest_seconds',
    'Time to answer a REST request',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    ['operation', 'status'],
  );
  const methodsOfPath = new Map<string, Set<string>>();

  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const emptyBody = (body: string | Buffer): boolean => body.length === 0;
  app.addContentTypeParser(/^application\/([\w.-]+\+)?json\b/i, { parseAs: 'buffer' }, (request, bytes, done) => {
    // RFC 8259 §8.1: what is no UTF-8 would be stored with holes in it.
    if (!isUtf8(bytes as Buffer)) return done(new ProblemError('malformed', 'The request body is not UTF-8.'));
    const body = bytes.toString('utf8');
    if (takesText(request)) done(null, body);
    else if (emptyBody(body)) done(null, undefined);
    else void parseJson(request, body, done);
  });
  app.addContentTypeParser(/^text\/csv\b/i, async (request: FastifyRequest, payload: IncomingMessage) =>
    takesStream(request) ? payload : readText(payload, request.routeOptions.bodyLimit),
  );
  // Files of any kind, which the route reads and bounds while they arrive.
  app.addContentTypeParser(
    /^application\/octet-stream\b/i,
    async (request: FastifyRequest, payload: IncomingMessage) => {
      if (takesStream(request)) return payload;
      throw new ProblemError('unsupported-media-type', 'The body must be application/json.');
    },
  );
  // A write without body may carry any or no media type; a body of an unknown type is refused where one is expected.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    if (emptyBody(body)) done(null, undefined);
    else done(new ProblemError('unsupported-media-type', 'The body must be application/json.'));
  });

  function sendAnswer(reply: FastifyReply, answer: RestAnswer, trackingId: string): void {
    reply.code(answer.status).header('trackingid', trackingId).header('cache-control', 'no-store');
    for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
    if (answer.nextUrl !== undefined) reply.header('link', `<${answer.nextUrl}>; rel="next"`);
    if (answer.stream !== undefined && reply.request.method === 'HEAD') {
      // The framework would read all of it to throw it away.
      reply.send();
    } else if (answer.stream !== undefined) {
      const stream = Readable.from(answer.stream);
      stream.on('error', (error) => {
        // A problem is the reader's.
        if (error instanceof ProblemError) logger.info({ trackingId }, `an answer was ended: ${error.message}`);
        else logger.error({ err: error, trackingId }, 'an answer broke off');
      });
      reply.send(stream);
    } else if (answer.body === undefined) reply.send();
    else if (reply.getHeader('content-type') !== undefined && isRaw(answer.body)) reply.send(answer.body);
    else reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body));
  }

  function sendProblem(reply: FastifyReply, error: unknown, trackingId: string): void {
    const problem = readFrameworkError(error);
    if (problem === null) logger.error({ err: error, trackingId }, 'a request failed for a reason of ours');
    lingerAfter(reply.raw);
    sendAnswer(reply, deps.describeProblem(problem, trackingId), trackingId);
  }

  const trackingIdOf = (request: FastifyRequest): string =>
    (request as { trackingId?: string }).trackingId ?? chooseTrackingId(request);

  app.setErrorHandler((error, request, reply) => sendProblem(reply, error, trackingIdOf(request)));
  app.setNotFoundHandler((request, reply) => sendProblem(reply, noSuchResource(), chooseTrackingId(request)));

  function credentialsOf({ headers }: FastifyRequest): RequestCredentials {
    const { authorization } = headers;
    return {
      authorization,
      session: authorization === undefined ? SESSION_COOKIE.read(headers, publicUrl) : undefined,
    };
  }

  /** Counts a request in until its answer is sent; before the token is looked up, so that a flood costs no query. */
  function enter(request: FastifyRequest, reply: FastifyReply): void {
    const key = credentialKey(credentialsOf(request));
    if (key === undefined) return;
    try {
      reply.raw.once('close', rateLimit.enter(key));
    } catch (error) {
      limited.inc();
      throw error;
    }
  }

  async function scopeOf(request: FastifyRequest, route: RestRoute, trackingId: string): Promise<Scope> {
    const orgId = (request.query as { orgId?: unknown }).orgId;
    const credentials = { ...credentialsOf(request), trackingId };
    if (credentials.session !== undefined) requireOwnPage(request.method, request.headers);
    // The token is checked before orgId, so that a stranger learns nothing about organizations.
    const lookUp = (): Promise<Scope> => deps.authenticate({ ...credentials, organizationId: undefined });
    const key = credentialKey(credentials);
    const home = await (key === undefined ? lookUp() : strangers.guard(key, sourceAddress(request.raw), lookUp));
    requireAccess(home, route.access);
    if (orgId === undefined || orgId === '') return home;
    if (typeof orgId !== 'string') throw invalidField('orgId', 'is given more than once');
    return deps.authenticate({ ...credentials, organizationId: deps.decodeOrganizationId(orgId) });
  }

  /** Under our own address, also where the request line names another host (RFC 9112 §3.2.2). */
  function absoluteUrlOf(target: string): URL {
    return new URL(`${publicUrl}${target.replace(/^https?:\/\/[^/?#]*/i, '')}`);
  }

  function noteMethods(path: string, added: readonly string[]): void {
    const methods = methodsOfPath.get(path) ?? new Set<string>();
    for (const method of added) methods.add(method);
    // Every GET answers HEAD too (RFC 9110 §9.3.2): the framework does that.
    if (methods.has('GET')) methods.add('HEAD');
    methodsOfPath.set(path, methods);
  }

  function mountOne(route: RestRoute): void {
    const path = fastifyPath(route.path);
    noteMethods(path, [route.method]);
    const readBody = route.body && !route.bodyAsStream && createInputValidator(route.body, 'body');
    const readQuery = route.query && createInputValidator(route.query, 'query');
    const bodyType = route.bodyType ?? 'application/json';
    app.route({
      method: route.method,
      url: path,
      ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
      config: { bodyAsText: route.bodyAsText ?? false, bodyAsStream: route.bodyAsStream ?? false },
      // Before the body is read: a stranger cannot make us parse anything.
      async onRequest(request, reply) {
        const trackingId = chooseTrackingId(request);
        Object.assign(request, { trackingId, startedMs: performance.now() });
        enter(request, reply);
        const scope = await scopeOf(request, route, trackingId);
        Object.assign(request, { scope: { ...scope, remoteAddress: sourceAddress(request.raw) } });
        const type = request.headers['content-type'];
        if (route.body && !type?.toLowerCase().startsWith(bodyType)) {
          throw new ProblemError('unsupported-media-type', `The body must be ${bodyType}.`);
        }
        // No id of anything holds what no text column can.
        if (Object.values(request.params as Record<string, string>).some((value) => value.includes('\0'))) {
          throw noSuchResource();
        }
      },
      async handler(request, reply) {
        const extended = request as FastifyRequest & { trackingId: string; scope: Scope; startedMs: number };
        const rest: RestRequest = {
          scope: extended.scope,
          params: request.params as Record<string, string>,
          query: (readQuery ? readQuery(request.query) : request.query) as Record<string, unknown>,
          body: readBody ? readBody(request.body) : request.body,
          trackingId: extended.trackingId,
          header: (name) => firstOf(request.headers[name]),
          remoteAddress: extended.scope.remoteAddress ?? '',
          absoluteUrl: absoluteUrlOf(request.url),
        };
        const answer = await route.handle(rest as RestRequest<never, never>);
        if (route.method !== 'GET') await deps.afterWrite?.();
        sendAnswer(reply, answer, extended.trackingId);
        restSeconds
          .labels(route.operationId, String(answer.status))
          .observe((performance.now() - extended.startedMs) / 1_000);
        return reply;
      },
    });
  }

  function mountWrongMethods(): void {
    for (const [path, methods] of methodsOfPath) {
      const allow = [...methods].join(', ');
      const missing = HTTP_METHODS.filter((method) => !methods.has(method));
      if (missing.length === 0) continue;
      app.route({
        method: missing,
        url: path,
        onRequest(request, reply) {
          reply.header('allow', allow);
          sendProblem(
            reply,
            new ProblemError('method-not-allowed', `This resource supports ${allow}.`),
            chooseTrackingId(request),
          );
        },
        handler: () => undefined,
      });
    }
  }

  return {
    server: app.server,
    mount: mountOne,
    setPublicUrl(url) {
      publicUrl = url;
    },
    async listen(at) {
      mountWrongMethods();
      await app.listen(at);
    },
    close: () => app.close(),
  };
}
