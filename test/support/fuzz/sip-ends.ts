/** The other end of a fuzzed SIP server: sends bytes as they are, and ends politely what the server answers. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { decodeSipMessage } from '../../../src/wire/sip/decode-message.ts';
import { encodeSipMessage } from '../../../src/wire/sip/encode-message.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../../src/wire/sip/message.ts';
import { readNameAddr } from '../../../src/wire/sip/name-addr.ts';
import { createResponse } from '../../../src/wire/sip/responses.ts';
import { createStreamFramer } from '../../../src/wire/sip/stream-framer.ts';
import type { CarrierTls } from '../stream-carrier.ts';

export type SipServer =
  | { protocol: 'udp' | 'tcp'; host: string; port: number }
  /** `tls`: our certificate, and the authority of the server's. */
  | { protocol: 'tls'; host: string; port: number; tls: Required<CarrierTls> };

export type SipEnd = {
  /** `host:port` by which the server reaches this end. */
  readonly own: string;
  send(bytes: Buffer): void;
  close(): Promise<void>;
};

/** `onBytes` gets every whole message that the server sends; the answer, if any, goes back the same way. */
type OnBytes = (bytes: Buffer) => readonly Buffer[];

const BUFFER_BYTES = 8 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 65_535;
/** What is wrong with one message must not hide all that follow on its connection. */
const MESSAGES_PER_CONNECTION = 20;

async function openUdpEnd({ host, port }: SipServer, onBytes: OnBytes): Promise<SipEnd> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  // An oversized datagram is refused by the kernel: the server never sees it.
  socket.on('error', () => undefined);
  const send = (bytes: Buffer): void => socket.send(bytes.subarray(0, 65_000), port, host, () => undefined);
  socket.on('message', (bytes) => {
    for (const answer of onBytes(bytes)) send(answer);
  });
  return {
    own: `127.0.0.1:${socket.address().port}`,
    send,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

async function openStreamEnd(server: SipServer, onBytes: OnBytes): Promise<SipEnd> {
  const { host, port } = server;
  const open = new Set<Socket>();
  const receive = (socket: Socket): void => {
    open.add(socket);
    const framer = createStreamFramer({
      maxBytes: MAX_MESSAGE_BYTES,
      onMessage(bytes) {
        for (const answer of onBytes(bytes)) socket.write(answer);
      },
      onPing: () => undefined,
    });
    socket.on('data', (chunk) => framer.push(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  };
  const listener = server.protocol === 'tls' ? createTlsServer(server.tls, receive) : createServer(receive);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  let current: { socket: Socket; sent: number } | undefined;
  let pieces = 0;

  function connection(): Socket {
    if (current && !current.socket.destroyed && current.sent < MESSAGES_PER_CONNECTION) {
      current.sent += 1;
      return current.socket;
    }
    current?.socket.end();
    const socket = server.protocol === 'tls' ? connectTls({ host, port, ...server.tls }) : connect({ host, port });
    socket.setNoDelay(true);
    receive(socket);
    current = { socket, sent: 1 };
    return socket;
  }

  return {
    own: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    send(bytes) {
      const socket = connection();
      // In two pieces, cut somewhere else each time.
      pieces += 1;
      const cut = Math.floor(bytes.length * ((pieces * 0.618_034) % 1));
      socket.write(bytes.subarray(0, cut));
      socket.write(bytes.subarray(cut));
    },
    close() {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => void listener.close(() => resolve()));
    },
  };
}

/** By what an end is reached. */
type Own = { protocol: SipServer['protocol']; own: string };

function inDialog(answer: SipResponse, method: string, sequence: number, { protocol, own }: Own): Buffer {
  const remote = readNameAddr(headerValue(answer, 'Contact') ?? '')?.uri ?? 'sip:nowhere@127.0.0.1';
  const request: SipRequest = {
    kind: 'request',
    method,
    uri: remote,
    headers: [
      {
        name: 'Via',
        value: `SIP/2.0/${protocol.toUpperCase()} ${own};branch=z9hG4bK${method}${headerValue(answer, 'Call-ID') ?? ''};rport`,
      },
      ...headerValues(answer, 'Record-Route')
        .reverse()
        .map((value) => ({ name: 'Route', value })),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: headerValue(answer, 'From') ?? '' },
      { name: 'To', value: headerValue(answer, 'To') ?? '' },
      { name: 'Call-ID', value: headerValue(answer, 'Call-ID') ?? '' },
      { name: 'CSeq', value: `${sequence} ${method}` },
    ],
    body: NO_BODY,
  };
  return encodeSipMessage(request);
}

/** ACK and BYE for a call that was answered, 200 for what the server asks: so that calls end and others can follow. */
function politeAnswers(message: SipMessage, own: Own): Buffer[] {
  if (message.kind === 'request') {
    return message.method === 'ACK'
      ? []
      : [encodeSipMessage(createResponse(message, 200, undefined, { toTag: 'fuzz' }))];
  }
  const isInvite = (headerValue(message, 'CSeq') ?? '').endsWith(' INVITE');
  if (!isInvite || message.status < 200 || message.status > 299) return [];
  const sequence = Number.parseInt(headerValue(message, 'CSeq') ?? '1', 10);
  return [inDialog(message, 'ACK', sequence, own), inDialog(message, 'BYE', sequence + 1, own)];
}

/**
 * An end that hands every message of the server to `onMessage`, and to `onUnreadable` what is none (with the bytes), and
 * answers politely.
 */
export async function openSipEnd(
  server: SipServer,
  handlers: { onMessage(message: SipMessage): void; onUnreadable(why: string, bytes: Buffer): void },
): Promise<SipEnd> {
  let own = '';
  const onBytes: OnBytes = (bytes) => {
    let message: SipMessage;
    try {
      message = decodeSipMessage(bytes, { framing: 'stream' });
    } catch (error) {
      handlers.onUnreadable(String(error), bytes);
      return [];
    }
    handlers.onMessage(message);
    return politeAnswers(message, { protocol: server.protocol, own });
  };
  const end = await (server.protocol === 'udp' ? openUdpEnd : openStreamEnd)(server, onBytes);
  own = end.own;
  return end;
}
