import type { RemoteInfo } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import { type Clock, systemClock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { decodeSipMessage, salvageRequest } from '../wire/sip/decode-message.ts';
import { encodeSipMessage } from '../wire/sip/encode-message.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import type { SipMessage, SipRequest } from '../wire/sip/message.ts';
import { hasParam } from '../wire/sip/params.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { readTopVia } from '../wire/sip/via.ts';
import { noteSource, responseAddress } from '../wire/sip/via-routing.ts';
import type { SipFlow, SipListenAddress, SipRanking, SipReceiver, SipTarget, SipTransport } from './sip-flow.ts';
import { createSipIntake } from './sip-intake.ts';
import { createSipStreams, type SipStreamsLimits } from './sip-streams.ts';
import { openSipUdp, type SipUdpSocket } from './sip-udp.ts';
import type { TlsFiles } from './tls-files.ts';

/** What happens in the transport and is worth counting. */
export type SipTransportEvent =
  | 'received'
  | 'sent'
  | 'untrusted'
  | 'malformed'
  | 'send-failed'
  /** A trusted peer's connection was turned away for want of room. */
  | 'full'
  /** A datagram of a trusted peer was dropped under overload: it sent more than could be taken. */
  | 'shed';

export type SipTransportLimits = SipStreamsLimits;

export const SIP_TRANSPORT_LIMITS: SipTransportLimits = {
  // A datagram ends at 64 KiB by itself; over TCP a call may bring more data about its caller (RFC 7852).
  maxMessageBytes: 256 * 1024,
  maxConnections: 5_000,
  maxConnectionsPerAddress: 1_000,
  maxStrangerHandshakes: 50,
  connectTimeoutMs: 2_000,
  idleTimeoutMs: 900_000,
  messageTimeoutMs: 20_000,
  maxQueuedBytes: 1024 * 1024,
  writeTimeoutMs: 5_000,
  pingEveryMs: 60_000,
  pongTimeoutMs: 10_000,
};

export type SipTransportDeps = {
  /** IP addresses to listen on, e.g. `127.0.0.1` and `::1`. */
  hosts: readonly string[];
  /** One port for UDP and TCP on every host; 0 takes a free one. */
  port: number;
  /**
   * Our certificate, the authorities of peers, and the port on which TLS is listened for; 0 takes a free one, undefined none.
   * Without it TLS is spoken towards others, with the authorities of the runtime.
   */
  tls?: { port: number | undefined; files: TlsFiles } | undefined;
  /** Who may send. Asked for every datagram: it must be quick. */
  isTrusted(address: string): boolean;
  /**
   * Who may send over TLS whatever their address: asked for the names in a verified certificate. Absent: strangers get no handshake.
   */
  isTrustedName?: ((name: string) => boolean) | undefined;
  logger: Logger;
  clock?: Clock;
  limits?: Partial<SipTransportLimits>;
  /** The host that peers are told when a wildcard address (`0.0.0.0`, `::`) is bound. */
  advertisedHost?: string;
  onEvent?(event: SipTransportEvent, remoteAddress: string): void;
};

/** `family`: 4 or 6; 0 when the address is none. `address` is that of IPv4 where IPv6 only wraps it. */
type Path = { readonly address: string; readonly family: number; readonly socket: SipUdpSocket | undefined };

type Outgoing = {
  readonly message: SipMessage;
  readonly target: SipTarget | SipFlow;
  /** Gets the error when it could not be sent. */
  readonly done: (error: Error | null) => void;
};

const DEFAULT_TLS_PORT = 5061;
const FREE_PORT_ATTEMPTS = 20;
const REMEMBERED_STRANGERS = 1_000;
/** Source addresses of datagrams can be made up, and trusted peers go mad: neither must fill the log, nor keep the process busy with it. */
const LOGGED_PER_MINUTE = 60;
const REMEMBERED_PEERS = 10_000;
const REMEMBERED_FLOWS = 64;
const REMEMBERED_PATHS = 1_000;

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent === -1 ? address : address.slice(0, percent);
}

/** `::ffff:192.0.2.1` is an IPv4 peer, and our sockets of IPv6 are of IPv6 alone. */
function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** An address of this machine that peers can reach; the loopback address when there is no other. */
function ownAddress(family: 'IPv4' | 'IPv6'): string {
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      if (entry.family === family && !entry.internal && !entry.address.startsWith('fe80:')) return entry.address;
    }
  }
  return family === 'IPv6' ? '::1' : '127.0.0.1';
}

/** Says yes so many times a minute. */
function createAllowance(clock: Clock, perMinute: number): () => boolean {
  let sinceMs = clock.monotonicMs();
  let used = 0;
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - sinceMs >= 60_000) {
      sinceMs = nowMs;
      used = 0;
    }
    return used++ < perMinute;
  };
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/**
 * SIP over UDP, TCP and TLS (RFC 3261 §18) on IPv4 and IPv6.
 * Messages of strangers are dropped unread; known are those whom `isTrusted` admits and those whom we called ourselves.
 */
export function createSipTransport(deps: SipTransportDeps): SipTransport {
  const { logger, hosts, clock = systemClock } = deps;
  const limits: SipTransportLimits = { ...SIP_TRANSPORT_LIMITS, ...deps.limits };
  const strangers = new BoundedMap<string, true>(REMEMBERED_STRANGERS);
  const mayLogStranger = createAllowance(clock, LOGGED_PER_MINUTE);
  const mayLogFault = createAllowance(clock, LOGGED_PER_MINUTE);
  /** Whom we sent requests to ourselves: the PSAP that was called may answer, and later hang up. */
  const calledPeers = new BoundedMap<string, true>(REMEMBERED_PEERS);
  let receive: SipReceiver | undefined;
  let rankOf: SipRanking | undefined;
  let udpSockets: SipUdpSocket[] = [];
  /** Which socket leads to an address, as far as it was asked for. */
  const paths = new BoundedMap<string, Path>(REMEMBERED_PATHS);
  let addresses: SipListenAddress[] = [];
  let tlsPort: number | undefined;

  let lastCalled = '';

  function noteCalled(address: string): void {
    if (address === lastCalled) return;
    lastCalled = address;
    calledPeers.set(address, true);
  }

  function refuse(address: string): void {
    deps.onEvent?.('untrusted', address);
    if (strangers.get(address)) return;
    strangers.set(address, true);
    if (!mayLogStranger()) return;
    logger.warn({ remoteAddress: address }, 'SIP: sender is not trusted, its messages are dropped');
  }

  function isAdmitted(address: string): boolean {
    const plain = withoutZone(address);
    return deps.isTrusted(plain) || calledPeers.get(plain) !== undefined;
  }

  const streams = createSipStreams({
    clock,
    logger,
    limits,
    tlsFiles: deps.tls?.files,
    isTrusted: isAdmitted,
    isTrustedName: deps.isTrustedName,
    onUntrusted: refuse,
    onFull(address) {
      deps.onEvent?.('full', address);
      logger.warn({ remoteAddress: address }, 'SIP: no room for another connection');
    },
    onMessage: (bytes, flow) => take(bytes, flow, 'stream'),
    isHeld: () => intake.isOverrun,
  });

  /** Lines of the message being read that were no header fields. */
  let leftOut = 0;
  function onLeftOut(): void {
    leftOut++;
  }

  function take(bytes: Buffer, flow: SipFlow, framing: 'datagram' | 'stream'): void {
    const options = { maxBytes: limits.maxMessageBytes, framing, onLeftOut } as const;
    leftOut = 0;
    let message: SipMessage;
    try {
      message = decodeSipMessage(bytes, options);
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        logger.error({ err: error, remoteAddress: flow.remoteAddress }, 'SIP: the decoder failed');
        return;
      }
      deps.onEvent?.('malformed', flow.remoteAddress);
      if (mayLogFault()) {
        logger.warn({ remoteAddress: flow.remoteAddress, fields: error.fields }, `SIP: unreadable: ${error.message}`);
      }
      answerUnreadable(bytes, flow, error, options);
      return;
    }
    if (leftOut > 0 && mayLogFault())
      logger.warn({ remoteAddress: flow.remoteAddress, leftOut }, 'SIP: unreadable lines left out');
    deps.onEvent?.('received', flow.remoteAddress);
    if (message.kind === 'request') {
      if (flow.peerNames) noteAlias(message, flow);
      message = noteSource(message, withoutZone(flow.remoteAddress), flow.remotePort);
    }
    try {
      receive?.(message, flow);
    } catch (error) {
      logger.error({ err: error, remoteAddress: flow.remoteAddress }, 'SIP: a message could not be processed');
    }
  }

  /** RFC 5923 §8.1: `alias` in Via allows to send requests for the port of sent-by on this connection. */
  function noteAlias(request: SipRequest, flow: SipFlow): void {
    const via = readTopVia(request);
    if (via && hasParam(via.params, 'alias')) streams.noteAlias(flow, via.port ?? DEFAULT_TLS_PORT);
  }

  /** An unreadable request is answered when its headers allow it (RFC 3261 §16.3, §18.3); anything else is dropped. */
  function answerUnreadable(
    bytes: Buffer,
    flow: SipFlow,
    problem: ProblemError,
    options: Parameters<typeof salvageRequest>[1],
  ): void {
    const salvaged = salvageRequest(bytes, options);
    if (!salvaged || salvaged.method === 'ACK') return;
    const request = noteSource(salvaged, withoutZone(flow.remoteAddress), flow.remotePort);
    const status = problem.kind === 'unsupported-message' ? 505 : problem.kind === 'too-large' ? 513 : 400;
    const reason = status === 400 ? `Bad Request (${problem.message})` : undefined;
    post(createResponse(request, status, reason), flow, (error) => {
      logger.debug({ err: error }, 'SIP: the answer to an unreadable request could not be sent');
    });
  }

  const intake = createSipIntake({
    rankOf: (bytes) => rankOf?.(bytes) ?? 'of-calls',
    take: (bytes, flow) => take(bytes, flow, 'datagram'),
    onDropped: (flow) => deps.onEvent?.('shed', flow.remoteAddress),
  });

  /**
   * Messages to be sent in this turn of the event loop. What came is read and processed one right after the other, then what it led to is
   * sent one right after the other, so that code and data of each step stay in the processor's caches.
   */
  const outgoing: Outgoing[] = [];

  function sendOutgoing(): void {
    for (const { message, target, done } of outgoing.splice(0)) dispatch(message, target, done);
  }

  function enqueue(message: SipMessage, target: SipTarget | SipFlow, done: Outgoing['done']): void {
    // A stream may be about to be closed.
    if (target.protocol !== 'udp') dispatch(message, target, done);
    else if (outgoing.push({ message, target, done }) === 1) setImmediate(sendOutgoing);
  }

  /** Peers are few and their datagrams many: the last flows are used again, so that what waits for answers shares them. */
  const lastFlows: (SipFlow | undefined)[] = Array.from({ length: REMEMBERED_FLOWS });

  function udpFlow({ address, port }: RemoteInfo, localAddress: string, localPort: number): SipFlow {
    const slot = port % REMEMBERED_FLOWS;
    const last = lastFlows[slot];
    if (
      last?.remotePort === port &&
      last.remoteAddress === address &&
      last.localAddress === localAddress &&
      last.localPort === localPort
    ) {
      return last;
    }
    const flow: SipFlow = { protocol: 'udp', remoteAddress: address, remotePort: port, localAddress, localPort };
    lastFlows[slot] = flow;
    return flow;
  }

  async function bindAll(port: number): Promise<void> {
    let chosenPort = port;
    for (const host of hosts) {
      const socket = await openSipUdp({
        host,
        port: chosenPort,
        logger,
        onDatagram(bytes, source, { host: localAddress, port: localPort }) {
          if (!isAdmitted(source.address)) return refuse(source.address);
          if (bytes.length <= 4) return;
          intake.arrived(bytes, udpFlow(source, localAddress, localPort));
        },
      });
      udpSockets.push(socket);
      chosenPort = socket.port;
      addresses.push({ protocol: 'udp', host, port: chosenPort });
      await streams.listen('tcp', host, chosenPort);
      addresses.push({ protocol: 'tcp', host, port: chosenPort });
    }
    if (deps.tls?.port === undefined) return;
    let secure = deps.tls.port;
    for (const host of hosts) {
      secure = await streams.listen('tls', host, secure);
      addresses.push({ protocol: 'tls', host, port: secure });
    }
    tlsPort = secure;
  }

  async function unbind(): Promise<void> {
    sendOutgoing();
    const sockets = udpSockets;
    udpSockets = [];
    addresses = [];
    paths.clear();
    await Promise.all([streams.close(), ...sockets.map((socket) => socket.close())]);
  }

  /** How a peer is reached: from the bound socket of its family, loopback to loopback. */
  function pathTo(wanted: string): Path {
    const known = paths.get(wanted);
    if (known) return known;
    const address = withoutMapping(wanted);
    const family = isIP(withoutZone(address));
    const candidates = udpSockets.filter((socket) => socket.isIpv6 === (family === 6));
    const socket =
      candidates.find(({ host }) => isWildcard(host) || isLoopback(host) === isLoopback(address)) ?? candidates[0];
    const path = { address, family, socket };
    if (udpSockets.length === hosts.length) paths.set(wanted, path);
    return path;
  }

  function localAddressOf({ socket }: Path): string | undefined {
    return socket === undefined || isWildcard(socket.host) ? undefined : socket.host;
  }

  function post(message: SipMessage, target: SipTarget | SipFlow, onFailure: (error: Error) => void): void {
    enqueue(message, target, (error) => {
      if (error) onFailure(error);
    });
  }

  function dispatch(message: SipMessage, target: SipTarget | SipFlow, done: Outgoing['done']): void {
    let address = 'address' in target ? target.address : target.remoteAddress;
    const settle = (error: Error | null): void => {
      deps.onEvent?.(error ? 'send-failed' : 'sent', address);
      done(error);
    };
    try {
      const { protocol } = target;
      const bytes = encodeSipMessage(message);
      let port: number;
      let socket: SipUdpSocket | undefined;
      if ('address' in target) ({ port } = target);
      else {
        port = target.remotePort;
        if (protocol === 'udp') {
          socket = udpSockets.find(({ host, port: own }) => host === target.localAddress && own === target.localPort);
        } else if (streams.sendOnFlow(bytes, target, settle)) return;
        if (message.kind === 'response') ({ address, port } = responseAddress(message, protocol) ?? { address, port });
        // Via says no zone, and without its zone a link-local address cannot be reached.
        if (address === withoutZone(target.remoteAddress)) address = target.remoteAddress;
      }
      const path = pathTo(address);
      if (path.family === 0) {
        throw new ProblemError('upstream-failed', `${address} is not an IP address`);
      }
      if (!socket || socket.isIpv6 !== (path.family === 6)) socket = path.socket;
      if (!socket) throw new ProblemError('upstream-failed', `no socket of the address family of ${address}`);
      if (message.kind === 'request') noteCalled(withoutZone(path.address));
      if (protocol === 'udp') return socket.send(bytes, path.address, port, settle);
      const place = { ...target, protocol, address: path.address, port };
      streams.send(bytes, place, localAddressOf(path), settle, message.kind === 'request' ? done : undefined);
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    async listen(receiver, ranking) {
      receive = receiver;
      rankOf = ranking;
      for (let attempt = 1; ; attempt++) {
        try {
          return await bindAll(deps.port);
        } catch (error) {
          await unbind();
          if (deps.port !== 0 || attempt >= FREE_PORT_ATTEMPTS || !isAddressInUse(error)) throw error;
        }
      }
    },
    get addresses() {
      return addresses;
    },
    get isBehind() {
      return intake.isBehind;
    },
    sentBy(target) {
      const address = 'address' in target ? target.address : target.remoteAddress;
      const socket = pathTo(address).socket ?? udpSockets[0];
      // Not listening, or not in this family: sending will fail and say so.
      if (!socket) return 'localhost';
      const isTls = target.protocol === 'tls' && tlsPort !== undefined;
      if (!isWildcard(socket.host) && !isTls) return socket.hostPort;
      const { host, isIpv6 } = socket;
      const port = isTls ? tlsPort : socket.port;
      if (!isWildcard(host)) return formatHostPort({ host, port });
      if (isLoopback(address)) return formatHostPort({ host: isIpv6 ? '::1' : '127.0.0.1', port });
      return formatHostPort({ host: deps.advertisedHost ?? ownAddress(isIpv6 ? 'IPv6' : 'IPv4'), port });
    },
    post,
    send(message, target) {
      return new Promise((resolve, reject) => {
        enqueue(message, target, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    },
    canConnect(target, withinMs) {
      if (target.protocol === 'udp') return false;
      const path = pathTo(target.address);
      if (!path.socket) return false;
      noteCalled(withoutZone(path.address));
      const place = { ...target, protocol: target.protocol, address: path.address };
      return streams.canConnect(place, localAddressOf(path), withinMs);
    },
    close: unbind,
  };
}
