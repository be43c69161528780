import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
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
import { createClientCertificates } from './client-certificate.ts';
import { noSuchResource, readFrameworkError } from './http-problems.ts';
import { lingerAfter } from './linger.ts';
import { createPostConnections, type PostConnections } from './post-connections.ts';
import { createRateLimit, type RateLimits } from './rate-limit.ts';
import { createRawDoors, type RawRoute } from './raw-doors.ts';
import type { RestAnswer, RestRequest, RestRoute } from './rest-route.ts';
import { createSourceAddress, type ForwardedHeader } from './source-address.ts';
import { createStrangerLimit } from './stranger-limit.ts';
import type { TlsFiles } from './tls-files.ts';
import { createNetworkMatcher, urlHost } from './trusted-networks.ts';
import { createInputValidator } from './validate-input.ts';

export type { RawAnswer, RawRequest, RawRoute } from './raw-doors.ts';

export type HttpServerDeps = {
  host: string;
  port: number;
  /** The same doors over TLS, on a port of their own. */
  tls?: { port: number; files: TlsFiles } | undefined;
  trustedProxies: readonly string[];
  /** The header that these proxies write; X-Forwarded-For unless told. */
  forwardedHeader?: ForwardedHeader;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** What one token may ask of the REST doors; HELD, LoST and pages know no such limit. */
  limits: RateLimits;
  /** HTTP connections at the same time; 10,000 unless told. */
  maxConnections?: number;
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

export type HttpServer = {
  mountRest(routes: readonly RestRoute[]): void;
  mountRaw(route: RawRoute): void;
  /** Base of absolute URLs in answers; set once the port is known. */
  setPublicUrl(url: string): void;
  listen(): Promise<{ url: string; port: number; tlsUrl: string | undefined }>;
  close(): Promise<void>;
};

/** Of JSON: parsing it is the one thing that cannot be done in pieces. */
const DEFAULT_BODY_LIMIT = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Whoever connects and says nothing, or says it byte by byte, is gone after so long. */
const HEADERS_TIMEOUT_MS = 10_000;
const CHECK_CONNECTIONS_MS = 2_000;
/** Each is a file descriptor, and SIP over TCP, the journal and the database need some too. */
const MAX_CONNECTIONS = 10_000;
const CLOSE_IDLE_EVERY_MS = 1_000;
const TIMEOUTS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
};
const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
/** How long requests under way may go on after the server was told to close. */
const DRAIN_MS = 3_000;
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

/** One HTTP port for every door: limits, tracking ids, authentication and error envelopes in one place. */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { logger, metrics } = deps;
  let publicUrl = 'http://127.0.0.1';
  const sourceAddress = createSourceAddress({
    isTrustedProxy: createNetworkMatcher(deps.trustedProxies),
    header: deps.forwardedHeader ?? 'x-forwarded-for',
  });
  const clientCertificates = createClientCertificates();
  const doors = createRawDoors({
    logger,
    metrics,
    clock: deps.clock,
    sourceAddress,
    clientCertificate: (socket) => clientCertificates.of(socket),
    describeProblem: (problem, trackingId) => deps.describeProblem(problem, trackingId),
  });
  let serve: RequestListener | undefined;
  const app: FastifyInstance = fastify({
    serverFactory: (rest) => {
      serve = (request, response) => {
        if (!doors.take(request, response)) rest(request, response);
      };
      return createServer(TIMEOUTS, serve);
    },
    logger: false,
    frameworkErrors: (error, request, reply) => sendProblem(reply, error, chooseTrackingId(request)),
    bodyLimit: DEFAULT_BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_024 },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  });
  const posts = answerPostsFirst(app.server);
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

  /** Lets whole POSTs to raw doors be answered before node:http sees their connection, which else it gets as ever. */
  function answerPostsFirst(server: Server): PostConnections {
    const ownWay = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    const connections = createPostConnections({
      clock: deps.clock,
      doors,
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      keepAliveTimeoutMs: KEEP_ALIVE_TIMEOUT_MS,
      handOver(socket) {
        for (const listener of ownWay) listener.call(server, socket);
      },
    });
    server.on('connection', (socket) => connections.take(socket));
    return connections;
  }

  // Full: those that only keep their connection for later make room for the next that comes.
  function limitConnections(server: Server, closeMore?: () => void): void {
    let closedIdleMs = Number.NEGATIVE_INFINITY;
    server.maxConnections = deps.maxConnections ?? MAX_CONNECTIONS;
    server.on('drop', () => {
      const nowMs = deps.clock.monotonicMs();
      if (nowMs - closedIdleMs < CLOSE_IDLE_EVERY_MS) return;
      closedIdleMs = nowMs;
      logger.warn({ connections: server.maxConnections }, 'too many HTTP connections: idle ones are closed');
      server.closeIdleConnections();
      closeMore?.();
    });
  }
  limitConnections(app.server, () => posts.closeIdle());
  const secure = deps.tls && createSecureServer(deps.tls.files);
  let endWatch: () => void = () => undefined;

  /** The same doors behind TLS. Client certificates are asked for where authorities are known, never required. */
  function createSecureServer(files: TlsFiles) {
    const material = files.current();
    const server = createTlsServer(
      {
        ...TIMEOUTS,
        ...material,
        minVersion: 'TLSv1.2',
        handshakeTimeout: HEADERS_TIMEOUT_MS,
        requestCert: material.ca !== undefined,
        rejectUnauthorized: false,
      },
      serve,
    );
    limitConnections(server);
    if (material.ca !== undefined) server.on('secureConnection', (socket) => clientCertificates.note(socket));
    // Strangers try ports; without a listener each of them would end in an error that nobody handles.
    server.on('tlsClientError', (error) => logger.debug({ err: error.message }, 'a TLS handshake failed'));
    return server;
  }

  async function listenSecurely(port: number, files: TlsFiles): Promise<string> {
    if (secure === undefined) throw new Error('there is no TLS server');
    secure.listen({ host: deps.host, port });
    await once(secure, 'listening');
    endWatch = files.watch((material) => secure.setSecureContext(material));
    const address = secure.address() as AddressInfo;
    return `https://${urlHost(address.address)}:${address.port}`;
  }

  async function closeSecurely(): Promise<void> {
    endWatch();
    if (secure?.listening !== true) return;
    const closed = once(secure, 'close');
    secure.close();
    secure.closeIdleConnections();
    await closed;
  }

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
    mountRest(routes) {
      for (const route of routes) mountOne(route);
    },
    mountRaw: (route) => doors.mount(route),
    setPublicUrl(url) {
      publicUrl = url;
    },
    async listen() {
      mountWrongMethods();
      await app.listen({ host: deps.host, port: deps.port });
      const address = app.server.address() as AddressInfo;
      const tlsUrl = deps.tls && (await listenSecurely(deps.tls.port, deps.tls.files));
      return { url: `http://${urlHost(address.address)}:${address.port}`, port: address.port, tlsUrl };
    },
    async close() {
      const timer = setTimeout(() => {
        app.server.closeAllConnections();
        posts.closeAll();
        secure?.closeAllConnections();
      }, DRAIN_MS);
      try {
        const closed = Promise.all([app.close(), closeSecurely()]);
        posts.drain();
        await closed;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
