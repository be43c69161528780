import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';

/** One UDP socket on one address. */
export type SipUdpSocket = {
  readonly host: string;
  readonly port: number;
  readonly isIpv6: boolean;
  /** Host and port as one text. */
  readonly hostPort: string;
  /** `done` gets the ProblemError when it failed. Never throws. */
  send(bytes: Buffer, address: string, port: number, done: (error: ProblemError | null) => void): void;
  close(): Promise<void>;
};

/** A burst of calls must fit while the event loop is busy; the kernel may grant less. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const SEND_BUFFER_BYTES = 2 * 1024 * 1024;
const MAX_DATAGRAM_BYTES = 65_507;

/** Binds a UDP socket; rejects with the system's error when that fails. */
export async function openSipUdp(options: {
  host: string;
  port: number;
  logger: Logger;
  onDatagram(bytes: Buffer, source: RemoteInfo, socket: SipUdpSocket): void;
}): Promise<SipUdpSocket> {
  const { host, logger } = options;
  const isIpv6 = isIPv6(host);
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    ipv6Only: isIpv6,
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    sendBufferSize: SEND_BUFFER_BYTES,
    // Addresses are literal here: the resolver must not be asked for every datagram.
    lookup: (address, _options, callback) => callback(null, address, isIpv6 ? 6 : 4),
  });
  await bind(socket, host, options.port);
  // Linux tells twice what it grants: half of it is its own book-keeping (socket(7)).
  const granted = socket.getRecvBufferSize() / 2;
  if (granted < RECEIVE_BUFFER_BYTES) {
    logger.info(
      { host, granted, wanted: RECEIVE_BUFFER_BYTES },
      'SIP over UDP: the kernel grants a smaller receive buffer',
    );
  }
  socket.on('error', (error) => logger.error({ err: error, host }, 'SIP over UDP: socket error'));
  const { port } = socket.address();
  const opened: SipUdpSocket = {
    host,
    port,
    isIpv6,
    hostPort: formatHostPort({ host, port }),
    send: (bytes, address, port, done) => sendDatagram(socket, bytes, address, port, done),
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
  socket.on('message', (bytes, source) => options.onDatagram(bytes, source, opened));
  return opened;
}

function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function sendDatagram(
  socket: Socket,
  bytes: Buffer,
  address: string,
  port: number,
  done: (error: ProblemError | null) => void,
): void {
  if (bytes.length > MAX_DATAGRAM_BYTES) {
    done(new ProblemError('too-large', 'the message does not fit into a datagram'));
    return;
  }
  try {
    socket.send(bytes, port, address, (error) => done(error === null ? null : toProblem(error)));
  } catch (error) {
    // Closed meanwhile.
    done(toProblem(error));
  }
}

function toProblem(error: unknown): ProblemError {
  const kind = error instanceof Error && 'code' in error && error.code === 'EMSGSIZE' ? 'too-large' : 'upstream-failed';
  return new ProblemError(kind, `UDP: ${errorText(error)}`, { cause: error });
}
