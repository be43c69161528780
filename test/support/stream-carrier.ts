/**
 * Carries the plain TCP of a SIP program that knows no better: over TLS where wanted, and over another connection when one
 * breaks, as a real phone or PSAP would open or accept one.
 */
import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';

/** PEM; `ca` knows the certificate of the other side. */
export type CarrierTls = { ca: string; cert?: string; key?: string };

export type StreamCarrier = {
  readonly port: number;
  /** The protocol of the newest connection, e.g. `TLSv1.3`; undefined before the first and without TLS. */
  readonly protocol: string | undefined;
  /** How many connections there have been on the far side. */
  readonly connections: number;
  /** Ends every connection that stands, on both sides. */
  breakConnections(): void;
  stop(): Promise<void>;
};

const AGAIN_MS = 50;

/** Sockets that end with the carrier. */
function createOpenSockets() {
  const sockets = new Set<Socket>();
  return {
    add<One extends Socket>(socket: One): One {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // A broken connection is seen by its `close`.
      socket.on('error', () => socket.destroy());
      return socket;
    },
    end: () => sockets.forEach((socket) => void socket.destroy()),
  };
}

/**
 * For who calls: listens on a free port of `host`; what comes there goes on to `to`, whose certificate must be good for
 * `localhost`. `fromPort` is where our connections come from.
 */
export async function carryOut(options: {
  host?: string;
  to: { host: string; port: number };
  fromPort?: number;
  tls?: CarrierTls;
}): Promise<StreamCarrier> {
  const { host = '127.0.0.1', to, fromPort, tls } = options;
  const open = createOpenSockets();
  let protocol: string | undefined;
  let connections = 0;
  let isStopped = false;

  function carry(plain: Socket): void {
    open.add(plain);
    let far: Socket | undefined;
    let isReady = false;
    let waiting: Buffer[] = [];
    const flush = (): void => {
      if (isReady) for (const bytes of waiting.splice(0)) far?.write(bytes);
      else if (far === undefined && !isStopped && !plain.destroyed) reach();
    };
    function reach(): void {
      const path = { ...to, ...(fromPort !== undefined && { localAddress: host, localPort: fromPort }) };
      const socket = open.add(tls ? connectTls({ ...path, ...tls, servername: 'localhost' }) : connectPlain(path));
      far = socket;
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        connections++;
        if (tls) protocol = (socket as TLSSocket).getProtocol() ?? undefined;
        isReady = true;
        flush();
      });
      socket.on('data', (bytes: Buffer) => plain.write(bytes));
      socket.once('close', () => {
        far = undefined;
        isReady = false;
        if (waiting.length > 0) setTimeout(flush, AGAIN_MS);
      });
    }
    plain.on('data', (bytes: Buffer) => {
      waiting.push(bytes);
      flush();
    });
    plain.once('close', () => {
      waiting = [];
      far?.destroySoon();
    });
  }

  const server = createServer(carry).listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get protocol() {
      return protocol;
    },
    get connections() {
      return connections;
    },
    breakConnections: open.end,
    stop() {
      isStopped = true;
      open.end();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

/**
 * For who is called: listens on `port` of `host`; what comes there goes on to `to`. The next connection after one that ended goes
 * on where that one stopped. With `tls`, who comes must have a certificate that `ca` knows.
 */
export async function carryIn(options: {
  host: string;
  port: number;
  to: number;
  tls?: Required<CarrierTls>;
}): Promise<StreamCarrier> {
  const { host, port, to, tls } = options;
  const open = createOpenSockets();
  const spare: { plain: Socket; far: Socket | undefined }[] = [];
  let protocol: string | undefined;
  let connections = 0;

  function carry(far: Socket): void {
    open.add(far);
    connections++;
    if (tls) protocol = (far as TLSSocket).getProtocol() ?? undefined;
    const link = spare.pop() ?? openLink();
    link.far = far;
    far.on('data', (bytes: Buffer) => link.plain.write(bytes));
    far.once('close', () => {
      link.far = undefined;
      if (!link.plain.destroyed) spare.push(link);
    });
  }

  function openLink(): { plain: Socket; far: Socket | undefined } {
    const plain = open.add(connectPlain({ host, port: to }));
    const link: { plain: Socket; far: Socket | undefined } = { plain, far: undefined };
    plain.on('data', (bytes: Buffer) => link.far?.write(bytes));
    plain.once('close', () => {
      link.far?.destroySoon();
      const at = spare.indexOf(link);
      if (at !== -1) spare.splice(at, 1);
    });
    return link;
  }

  const server = tls
    ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, carry)
    : createServer(carry);
  server.on('tlsClientError', () => undefined);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port,
    get protocol() {
      return protocol;
    },
    get connections() {
      return connections;
    },
    breakConnections: open.end,
    stop() {
      open.end();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
