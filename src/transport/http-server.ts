import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createClientCertificates } from './client-certificate.ts';
import { createPostConnections, type PostConnections } from './post-connections.ts';
import { createRawDoors, type RawRoute } from './raw-doors.ts';
import { createRestDoors, type RestDeps } from './rest-doors.ts';
import type { RestRoute } from './rest-route.ts';
import { createSourceAddress, type ForwardedHeader } from './source-address.ts';
import type { TlsFiles } from './tls-files.ts';
import { createNetworkMatcher, urlHost } from './trusted-networks.ts';

export type HttpServerDeps = RestDeps & {
  host: string;
  port: number;
  /** The same doors over TLS, on a port of their own. */
  tls?: { port: number; files: TlsFiles } | undefined;
  trustedProxies: readonly string[];
  /** The header that these proxies write; X-Forwarded-For unless told. */
  forwardedHeader?: ForwardedHeader;
  /** HTTP connections at the same time; 10,000 unless told. */
  maxConnections?: number;
};

export type HttpServer = {
  mountRest(routes: readonly RestRoute[]): void;
  mountRaw(route: RawRoute): void;
  /** Base of absolute URLs in answers; set once the port is known. */
  setPublicUrl(url: string): void;
  listen(): Promise<{ url: string; port: number; tlsUrl: string | undefined }>;
  close(): Promise<void>;
};

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
/** How long requests under way may go on after the server was told to close. */
const DRAIN_MS = 3_000;

/** One HTTP port for every door, raw and REST, and one behind TLS: connections, their limits and deadlines. */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { logger, metrics, clock } = deps;
  const sourceAddress = createSourceAddress({
    isTrustedProxy: createNetworkMatcher(deps.trustedProxies),
    header: deps.forwardedHeader ?? 'x-forwarded-for',
  });
  const clientCertificates = createClientCertificates();
  const doors = createRawDoors({
    logger,
    metrics,
    clock,
    sourceAddress,
    clientCertificate: (socket) => clientCertificates.of(socket),
    describeProblem: (problem, trackingId) => deps.describeProblem(problem, trackingId),
  });
  let serve: RequestListener | undefined;
  const rest = createRestDoors({
    ...deps,
    sourceAddress,
    createServer(takeRest) {
      serve = (request, response) => {
        if (!doors.take(request, response)) takeRest(request, response);
      };
      return createServer(TIMEOUTS, serve);
    },
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    keepAliveTimeoutMs: KEEP_ALIVE_TIMEOUT_MS,
  });
  const { server } = rest;
  const posts = answerPostsFirst();

  /** Lets whole POSTs to raw doors be answered before node:http sees their connection, which else it gets as ever. */
  function answerPostsFirst(): PostConnections {
    const ownWay = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    const connections = createPostConnections({
      clock,
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
  function limitConnections(limited: Server, closeMore?: () => void): void {
    let closedIdleMs = Number.NEGATIVE_INFINITY;
    limited.maxConnections = deps.maxConnections ?? MAX_CONNECTIONS;
    limited.on('drop', () => {
      const nowMs = clock.monotonicMs();
      if (nowMs - closedIdleMs < CLOSE_IDLE_EVERY_MS) return;
      closedIdleMs = nowMs;
      logger.warn({ connections: limited.maxConnections }, 'too many HTTP connections: idle ones are closed');
      limited.closeIdleConnections();
      closeMore?.();
    });
  }
  limitConnections(server, () => posts.closeIdle());
  const secure = deps.tls && createSecureServer(deps.tls.files);
  let endWatch: () => void = () => undefined;

  /** The same doors behind TLS. Client certificates are asked for where authorities are known, never required. */
  function createSecureServer(files: TlsFiles) {
    const material = files.current();
    const behindTls = createTlsServer(
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
    limitConnections(behindTls);
    if (material.ca !== undefined) behindTls.on('secureConnection', (socket) => clientCertificates.note(socket));
    // Strangers try ports; without a listener each of them would end in an error that nobody handles.
    behindTls.on('tlsClientError', (error) => logger.debug({ err: error.message }, 'a TLS handshake failed'));
    return behindTls;
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

  return {
    mountRest(routes) {
      for (const route of routes) rest.mount(route);
    },
    mountRaw: (route) => doors.mount(route),
    setPublicUrl: (url) => rest.setPublicUrl(url),
    async listen() {
      await rest.listen({ host: deps.host, port: deps.port });
      const address = server.address() as AddressInfo;
      const tlsUrl = deps.tls && (await listenSecurely(deps.tls.port, deps.tls.files));
      return { url: `http://${urlHost(address.address)}:${address.port}`, port: address.port, tlsUrl };
    },
    async close() {
      const timer = setTimeout(() => {
        server.closeAllConnections();
        posts.closeAll();
        secure?.closeAllConnections();
      }, DRAIN_MS);
      try {
        const closed = Promise.all([rest.close(), closeSecurely()]);
        posts.drain();
        await closed;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
