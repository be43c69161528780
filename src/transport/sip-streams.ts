import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { createFairTurns } from '../support/fair-turns.ts';
import type { Logger } from '../support/logger.ts';
import type { SipFlow, SipTarget } from './sip-flow.ts';
import { createSipStream, type SipStream, type SipStreamLimits } from './sip-stream.ts';
import { createSipTls, peerNamesOf } from './sip-tls.ts';
import type { TlsFiles } from './tls-files.ts';

export type SipStreamsLimits = SipStreamLimits & {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** TCP and TLS together with its handshake. */
  readonly connectTimeoutMs: number;
  /** TLS handshakes of strangers under way at once: only a handshake tells the name by which they may be admitted. */
  readonly maxStrangerHandshakes: number;
};

/** A place that a TCP or TLS connection may lead to. */
type StreamTarget = SipTarget & { readonly protocol: 'tcp' | 'tls' };

type Sent = (error: ProblemError | null) => void;

/** Every connection of the transport, those that came and those that we opened, and the listening sockets. */
export type SipStreams = {
  /** Resolves with the port that was bound. */
  listen(protocol: 'tcp' | 'tls', host: string, port: number): Promise<number>;
  /** Sends on the connection of that flow; false when it no longer stands. */
  sendOnFlow(bytes: Buffer, flow: SipFlow, done: Sent): boolean;
  /** Sends on a connection to that place, opening one if there is none. `onLost`: see `SipStream.write`. */
  send(bytes: Buffer, target: StreamTarget, from: string | undefined, done: Sent, onLost?: Sent): void;
  /** Whether there is a connection or one can be had in that time; see `SipTransport.canConnect`. */
  canConnect(target: StreamTarget, from: string | undefined, withinMs: number): boolean | Promise<boolean>;
  /** RFC 5923: the peer of this connection takes requests for its `port` on it, if its certificate says who it is. */
  noteAlias(flow: SipFlow, port: number): void;
  close(): Promise<void>;
};

export type SipStreamsDeps = {
  clock: Clock;
  logger: Logger;
  limits: SipStreamsLimits;
  /** Our certificate and the authorities of peers. */
  tlsFiles: TlsFiles | undefined;
  isTrusted(address: string): boolean;
  /** Whether a peer may send whatever its address, for one of the names in its certificate; absent: nobody may. */
  isTrustedName?: ((name: string) => boolean) | undefined;
  onUntrusted(address: string): void;
  /** A trusted peer was turned away for want of room. */
  onFull(address: string): void;
  onMessage(bytes: Buffer, flow: SipFlow): void;
  /** Whether more datagrams come than can be read: then fewer pieces are read in a turn. Absent: never. */
  isHeld?: (() => boolean) | undefined;
};

/** Of all connections, in one turn of the event loop: a flood on some delays neither datagrams nor the others. */
const PIECES_PER_TURN = 16;
/** So many while datagrams are lost unless they are read; in the turns of a round of theirs, as many as of what belongs to calls. */
const PIECES_PER_HELD_TURN = 4;
const TEND_EVERY_MS = 1_000;
/** A connection that was silent for so long makes room for another. */
const SPARE_AFTER_MS = 60_000;
const FAILURE_REMEMBERED_MS = 60_000;
const REMEMBERED_FAILURES = 1_000;
/** Places that may be sent to on one connection: those of its names. */
const MAX_KEYS = 256;

type Entry = { readonly stream: SipStream; readonly address: string; readonly keys: string[] };

function flowKey({ protocol, remoteAddress, remotePort }: SipFlow): string {
  return `${protocol}|${remoteAddress}|${remotePort}`;
}

function targetKey(protocol: string, address: string, port: number, name: string): string {
  return protocol === 'tls' ? `${protocol}|${address}|${port}|${name}` : `${protocol}|${address}|${port}`;
}

function nameOf(target: SipTarget): string {
  return (target.serverName ?? target.address).toLowerCase();
}

export function createSipStreams(deps: SipStreamsDeps): SipStreams {
  const { clock, logger, limits } = deps;
  const servers: Server[] = [];
  const entries = new Set<Entry>();
  const countByAddress = new Map<string, number>();
  const byFlow = new Map<string, Entry>();
  /** Connections by what may be sent on them: the place at the other end, and for TLS the name it has proved. */
  const byTarget = new Map<string, Entry>();
  const turns = createFairTurns({
    perTurn: PIECES_PER_TURN,
    perHeldTurn: PIECES_PER_HELD_TURN,
    ...(deps.isHeld && { isHeld: deps.isHeld }),
  });
  const opening = new Map<string, Promise<Entry>>();
  const failures = new BoundedMap<string, number>(REMEMBERED_FAILURES);
  /** Connections of strangers whose handshake is under way. */
  const strangers = new Set<Socket>();
  let stopTending: (() => void) | undefined;

  const tls = createSipTls({
    files: deps.tlsFiles,
    handshakeTimeoutMs: limits.connectTimeoutMs,
    logger,
    onSecure,
  });

  function tend(): void {
    const nowMs = clock.monotonicMs();
    for (const { stream } of entries) stream.tend(nowMs);
    stopTending = entries.size > 0 ? clock.after(TEND_EVERY_MS, tend) : undefined;
  }

  function adopt(socket: Socket, protocol: 'tcp' | 'tls', peerNames: readonly string[], isOurs: boolean): Entry {
    const flow: SipFlow = {
      protocol,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      localAddress: socket.localAddress ?? '',
      localPort: socket.localPort ?? 0,
      ...(peerNames.length > 0 && { peerNames }),
    };
    const entry: Entry = {
      address: flow.remoteAddress,
      keys: [],
      stream: createSipStream(socket, {
        flow,
        isOurs,
        clock,
        logger,
        limits,
        turns,
        onMessage: (bytes, from) => deps.onMessage(bytes, from),
        onClose: () => forget(entry),
      }),
    };
    entries.add(entry);
    countByAddress.set(entry.address, (countByAddress.get(entry.address) ?? 0) + 1);
    byFlow.set(flowKey(flow), entry);
    // What leads to this very address and port can be sent there, whatever name the peer has proved.
    offer(entry, targetKey(protocol, flow.remoteAddress, flow.remotePort, flow.remoteAddress));
    stopTending ??= clock.after(TEND_EVERY_MS, tend);
    return entry;
  }

  function offer(entry: Entry, key: string): void {
    if (byTarget.get(key) === entry || entry.keys.length >= MAX_KEYS) return;
    entry.keys.push(key);
    byTarget.set(key, entry);
  }

  function forget(entry: Entry): void {
    if (!entries.delete(entry)) return;
    const left = (countByAddress.get(entry.address) ?? 1) - 1;
    if (left > 0) countByAddress.set(entry.address, left);
    else countByAddress.delete(entry.address);
    const key = flowKey(entry.stream.flow);
    if (byFlow.get(key) === entry) byFlow.delete(key);
    for (const target of entry.keys) if (byTarget.get(target) === entry) byTarget.delete(target);
  }

  /**
   * Whether one more connection fits; one that has long been silent makes room for it. The last tenth is for those that we open:
   * peers that come in crowds must not keep a call from its destination.
   */
  function makeRoom(address: string, isOurs: boolean): boolean {
    const isFull = (count: number, limit: number): boolean => count >= limit - (isOurs ? 0 : Math.floor(limit / 10));
    const isAddressFull = isFull(countByAddress.get(address) ?? 0, limits.maxConnectionsPerAddress);
    if (!isAddressFull && !isFull(entries.size, limits.maxConnections)) return true;
    const nowMs = clock.monotonicMs();
    let spare: Entry | undefined;
    for (const entry of entries) {
      if (isAddressFull && entry.address !== address) continue;
      if (!spare || entry.stream.heardAtMs < spare.stream.heardAtMs) spare = entry;
    }
    if (!spare || nowMs - spare.stream.heardAtMs < SPARE_AFTER_MS) return false;
    spare.stream.close();
    forget(spare);
    return true;
  }

  function refuse(socket: Socket, address: string): void {
    deps.onUntrusted(address);
    socket.destroy();
  }

  function onConnection(socket: Socket, protocol: 'tcp' | 'tls'): void {
    const address = socket.remoteAddress ?? '';
    const isTrusted = deps.isTrusted(address);
    if (isTrusted) {
      if (!makeRoom(address, false)) {
        deps.onFull(address);
        socket.destroy();
      } else if (protocol === 'tcp') adopt(socket, protocol, [], false);
      else tls.accept(socket);
      return;
    }
    const mayProveItself = protocol === 'tls' && deps.isTrustedName !== undefined;
    if (!mayProveItself || strangers.size >= limits.maxStrangerHandshakes) return refuse(socket, address);
    strangers.add(socket);
    socket.once('close', () => strangers.delete(socket));
    tls.accept(socket);
  }

  function onSecure(socket: TLSSocket): void {
    const address = socket.remoteAddress ?? '';
    for (const stranger of strangers) {
      if (stranger.remoteAddress === address && stranger.remotePort === socket.remotePort) strangers.delete(stranger);
    }
    const names = peerNamesOf(socket);
    // Without a listener for it the first error would end the process.
    socket.on('error', () => undefined);
    if (!deps.isTrusted(address) && !names.some((name) => deps.isTrustedName?.(name))) return refuse(socket, address);
    if (makeRoom(address, false)) adopt(socket, 'tls', names, false);
    else {
      deps.onFull(address);
      socket.destroy();
    }
  }

  function open(target: StreamTarget, from: string | undefined): Promise<Entry> {
    const { protocol, address, port } = target;
    const label = protocol.toUpperCase();
    return new Promise((resolve, reject) => {
      if (!makeRoom(address, true)) {
        deps.onFull(address);
        reject(new ProblemError('upstream-failed', `${label}: too many connections`));
        return;
      }
      const path = { host: address, port, ...(from !== undefined && { localAddress: from }) };
      const socket = protocol === 'tls' ? tls.connect({ ...path, serverName: nameOf(target) }) : connect(path);
      const cancelTimeout = clock.after(limits.connectTimeoutMs, () => {
        socket.destroy();
        reject(new ProblemError('upstream-timeout', `${label}: no connection in ${limits.connectTimeoutMs} ms`));
      });
      socket.on('error', (error) => {
        cancelTimeout();
        reject(new ProblemError('upstream-failed', `${label}: ${errorText(error)}`, { cause: error }));
      });
      socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', () => {
        cancelTimeout();
        const entry = adopt(socket, protocol, 'authorized' in socket ? peerNamesOf(socket) : [], true);
        offer(entry, targetKey(protocol, address, port, nameOf(target)));
        resolve(entry);
      });
    });
  }

  function usable(entry: Entry | undefined): SipStream | undefined {
    return entry?.stream.isWritable ? entry.stream : undefined;
  }

  /** A connection on which this may be sent: for TLS one whose peer has proved that very name, at that very place. */
  function findFor(target: StreamTarget): SipStream | undefined {
    return usable(byTarget.get(targetKey(target.protocol, target.address, target.port, nameOf(target))));
  }

  /** One attempt at a time for each place: a burst of calls opens one connection. */
  function openOnce(target: StreamTarget, from: string | undefined): Promise<Entry> {
    const key = targetKey(target.protocol, target.address, target.port, nameOf(target));
    const current = opening.get(key);
    if (current) return current;
    const attempt = open(target, from)
      .then(
        (entry) => {
          failures.delete(key);
          return entry;
        },
        (error: unknown) => {
          failures.set(key, clock.monotonicMs());
          throw error;
        },
      )
      .finally(() => opening.delete(key));
    opening.set(key, attempt);
    return attempt;
  }

  async function openAndWrite(
    bytes: Buffer,
    target: StreamTarget,
    from: string | undefined,
    done: Sent,
    onLost: Sent | undefined,
  ): Promise<void> {
    let stream: SipStream;
    try {
      ({ stream } = await openOnce(target, from));
    } catch (error) {
      return done(error instanceof ProblemError ? error : new ProblemError('upstream-failed', errorText(error)));
    }
    stream.write(bytes, done, onLost);
  }

  return {
    listen(protocol, host, port) {
      tls.watch();
      const server = createServer((socket) => {
        socket.on('error', (error) => logger.debug({ err: error.message }, 'SIP: a connection that came failed'));
        onConnection(socket, protocol);
      });
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port, ipv6Only: isIPv6(host) }, () => {
          server.removeListener('error', reject);
          server.on('error', (error) => logger.error({ err: error, host }, `SIP: listening socket of ${protocol}`));
          servers.push(server);
          const bound = server.address();
          resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
        });
      });
    },
    sendOnFlow(bytes, flow, done) {
      const stream = usable(byFlow.get(flowKey(flow)));
      stream?.write(bytes, done);
      return stream !== undefined;
    },
    send(bytes, target, from, done, onLost) {
      const stream = findFor(target);
      if (stream) stream.write(bytes, done, onLost);
      else void openAndWrite(bytes, target, from, done, onLost);
    },
    canConnect(target, from, withinMs) {
      if (findFor(target)) return true;
      const key = targetKey(target.protocol, target.address, target.port, nameOf(target));
      const failedAtMs = failures.get(key);
      if (failedAtMs !== undefined && clock.monotonicMs() - failedAtMs < FAILURE_REMEMBERED_MS) return false;
      const attempt = openOnce(target, from).then(
        () => true,
        () => false,
      );
      // Only the first ever waits: what has failed once is tried again beside the calls.
      if (failedAtMs !== undefined) return false;
      return new Promise((resolve) => {
        const stopTimer = clock.after(withinMs, () => {
          failures.set(key, clock.monotonicMs());
          resolve(false);
        });
        void attempt.then((isOpen) => {
          stopTimer();
          resolve(isOpen);
        });
      });
    },
    noteAlias(flow, port) {
      const entry = byFlow.get(flowKey(flow));
      // RFC 5923 §5: nobody may draw the requests for a name to itself that it has not proved.
      if (!entry || flow.protocol !== 'tls' || !flow.peerNames) return;
      for (const name of flow.peerNames) offer(entry, targetKey('tls', flow.remoteAddress, port, name));
    },
    async close() {
      const closing = servers
        .splice(0)
        .map((server) => new Promise<void>((resolve) => void server.close(() => resolve())));
      tls.close();
      stopTending?.();
      for (const socket of strangers) socket.destroy();
      for (const { stream } of entries) stream.close();
      await Promise.allSettled(opening.values());
      for (const { stream } of entries) stream.close();
      await Promise.all(closing);
    },
  };
}
