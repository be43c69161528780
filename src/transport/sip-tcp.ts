import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createStreamFramer } from '../wire/sip/stream-framer.ts';
import type { SipFlow } from './sip-flow.ts';

export type SipTcpLimits = {
  readonly maxMessageBytes: number;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number;
  /** A message must be complete so long after its first byte. */
  readonly messageTimeoutMs: number;
  /** A peer that does not read is dropped when so many bytes wait for it. */
  readonly maxQueuedBytes: number;
};

/** Every TCP connection of the transport, those that came and those that we opened, and the listening sockets. */
export type SipTcp = {
  listen(host: string, port: number): Promise<number>;
  /** Sends on the connection of that flow if it still stands; undefined when it does not. */
  sendOnFlow(bytes: Buffer, flow: SipFlow): Promise<void> | undefined;
  /** Sends on a connection to that address, opening one if there is none. */
  send(bytes: Buffer, address: string, port: number, localAddress: string | undefined): Promise<void>;
  close(): Promise<void>;
};

const PONG = Buffer.from('\r\n');
const KEEP_ALIVE_DELAY_MS = 30_000;

type Connection = { readonly socket: Socket; readonly flow: SipFlow };

function keyOf(address: string, port: number): string {
  return `${address}|${port}`;
}

export function createSipTcp(deps: {
  clock: Clock;
  logger: Logger;
  limits: SipTcpLimits;
  isTrusted(address: string): boolean;
  onUntrusted(address: string): void;
  onMessage(bytes: Buffer, flow: SipFlow): void;
}): SipTcp {
  const { clock, logger, limits } = deps;
  const servers: Server[] = [];
  const connections = new Map<string, Connection>();
  const opening = new Map<string, Promise<Connection>>();

  function adopt(socket: Socket): Connection {
    const flow: SipFlow = {
      protocol: 'tcp',
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      localAddress: socket.localAddress ?? '',
      localPort: socket.localPort ?? 0,
    };
    const connection: Connection = { socket, flow };
    const key = keyOf(flow.remoteAddress, flow.remotePort);
    connections.set(key, connection);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    socket.setTimeout(limits.idleTimeoutMs, () => socket.destroy());

    let hasCompleted = false;
    const framer = createStreamFramer({
      maxBytes: limits.maxMessageBytes,
      onMessage(bytes) {
        hasCompleted = true;
        deps.onMessage(bytes, flow);
      },
      onPing: () => void socket.write(PONG),
    });
    let cancelDeadline: (() => void) | undefined;
    socket.on('data', (chunk: Buffer) => {
      hasCompleted = false;
      try {
        framer.push(chunk);
      } catch (error) {
        logger.warn({ err: error, remoteAddress: flow.remoteAddress }, 'SIP over TCP: stream given up');
        socket.pause();
        socket.destroySoon();
        return;
      }
      // On a busy connection hardly any read ends between two messages: the time is that of one message.
      if (hasCompleted || !framer.isMidMessage) {
        cancelDeadline?.();
        cancelDeadline = undefined;
      }
      if (framer.isMidMessage) cancelDeadline ??= clock.after(limits.messageTimeoutMs, () => socket.destroy());
    });
    socket.on('error', (error) =>
      logger.debug({ err: error, remoteAddress: flow.remoteAddress }, 'SIP over TCP: error'),
    );
    socket.on('close', () => {
      cancelDeadline?.();
      if (connections.get(key) === connection) connections.delete(key);
    });
    return connection;
  }

  function write({ socket }: Connection, bytes: Buffer): Promise<void> {
    if (socket.writableLength > limits.maxQueuedBytes) {
      socket.destroy();
      return Promise.reject(new ProblemError('upstream-failed', 'TCP: the peer does not read'));
    }
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => {
        if (error) reject(new ProblemError('upstream-failed', `TCP: ${error.message}`, { cause: error }));
        else resolve();
      });
    });
  }

  function open(address: string, port: number, localAddress: string | undefined): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, ...(localAddress === undefined ? {} : { localAddress }) });
      const cancelTimeout = clock.after(limits.connectTimeoutMs, () => {
        socket.destroy();
        reject(new ProblemError('upstream-timeout', `TCP: no connection within ${limits.connectTimeoutMs} ms`));
      });
      socket.once('error', (error) => {
        cancelTimeout();
        reject(new ProblemError('upstream-failed', `TCP: ${errorText(error)}`, { cause: error }));
      });
      socket.once('connect', () => {
        cancelTimeout();
        resolve(adopt(socket));
      });
    });
  }

  function usable(key: string): Connection | undefined {
    const connection = connections.get(key);
    return connection?.socket.writable ? connection : undefined;
  }

  function connectionTo(address: string, port: number, localAddress: string | undefined): Promise<Connection> {
    const key = keyOf(address, port);
    const current = opening.get(key);
    if (current) return current;
    const attempt = open(address, port, localAddress).finally(() => opening.delete(key));
    opening.set(key, attempt);
    return attempt;
  }

  return {
    listen(host, port) {
      const server = createServer((socket) => {
        const address = socket.remoteAddress ?? '';
        if (deps.isTrusted(address)) adopt(socket);
        else {
          deps.onUntrusted(address);
          socket.destroy();
        }
      });
      server.maxConnections = limits.maxConnections;
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, ipv6Only: isIPv6(host) }, () => {
          server.removeListener('error', reject);
          server.on('error', (error) => logger.error({ err: error, host }, 'SIP over TCP: listening socket error'));
          servers.push(server);
          const bound = server.address();
          resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
        });
      });
    },
    sendOnFlow(bytes, flow) {
      const connection = usable(keyOf(flow.remoteAddress, flow.remotePort));
      return connection && write(connection, bytes);
    },
    async send(bytes, address, port, localAddress) {
      const connection = usable(keyOf(address, port)) ?? (await connectionTo(address, port, localAddress));
      await write(connection, bytes);
    },
    async close() {
      const closing = servers
        .splice(0)
        .map((server) => new Promise<void>((resolve) => void server.close(() => resolve())));
      for (const { socket } of connections.values()) socket.destroy();
      await Promise.allSettled(opening.values());
      for (const { socket } of connections.values()) socket.destroy();
      await Promise.all(closing);
    },
  };
}
