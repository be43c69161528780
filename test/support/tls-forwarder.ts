/** Carries plain TCP on over TLS, for SIP programs that speak no TLS themselves. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';

export type TlsForwarder = {
  readonly port: number;
  /** The protocol of the newest connection, e.g. `TLSv1.3`; undefined before the first. */
  readonly protocol: string | undefined;
  stop(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1; what comes there goes on to `to`, whose certificate must be good for `localhost`. */
export async function startTlsForwarder(to: { port: number; ca: string }): Promise<TlsForwarder> {
  const sockets = new Set<Socket>();
  let protocol: string | undefined;
  const server = createServer((plain) => {
    const secure = connect({ host: '127.0.0.1', port: to.port, servername: 'localhost', ca: to.ca });
    secure.once('secureConnect', () => {
      protocol = secure.getProtocol() ?? undefined;
    });
    for (const socket of [plain, secure]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // The other side of a broken connection ends as well.
      socket.on('error', () => (socket === plain ? secure : plain).destroy());
    }
    plain.pipe(secure).pipe(plain);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get protocol() {
      return protocol;
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
