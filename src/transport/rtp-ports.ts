import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { MediaEndpoint } from '../wire/sdp/session-description.ts';
import { type RecordAudioOptions, type Recording, recordAudio } from './rtp-recorder.ts';

/** One bound UDP socket for one call's audio. */
export type RtpPort = {
  /** The IP address under which the peer reaches this port; a wildcard only where no peer was named. */
  address: string;
  port: number;
  readonly socket: MediaSocket;
  recordAudio(options: RecordAudioOptions): Recording;
  /** Stops what records, closes the socket and gives the number back. Twice is harmless. */
  close(): Promise<void>;
};

export type RtpPorts = {
  /**
   * Binds a free even port. Where the configured host is a wildcard, `toward` (the peer's IP address) picks the IP version
   * and the address of ours that leads there. Throws ProblemError `unavailable` when no port is free.
   */
  open(toward?: string): Promise<RtpPort>;
  inUse(): number;
  /** Closes every open port. */
  close(): Promise<void>;
};

/** How a session or a recording sees the socket. */
export type MediaSocket = {
  send(packet: Uint8Array, to: MediaEndpoint, onError: (reason: string) => void): void;
  /** Hears every datagram until the returned function is called. */
  listen(listener: (datagram: Uint8Array, from: MediaEndpoint) => void): () => void;
};

/**
 * Hands out media sockets from `from` to `to`, both inclusive; even numbers only, the odd one above belongs to RTCP
 * (RFC 3550 §11). A freed number rests until the others had their turn, so that late packets of one call do not reach the next.
 * `from` and `to` 0: the operating system chooses.
 */
export function createRtpPorts({
  host,
  from,
  to,
  logger,
}: {
  host: string;
  from: number;
  to: number;
  logger: Pick<Logger, 'warn'>;
}): RtpPorts {
  const ephemeral = from === 0;
  const first = from + (from % 2);
  const count = ephemeral ? 1 : Math.max(0, Math.floor((to - first) / 2) + 1);
  const taken = new Set<number>();
  const open = new Set<RtpPort>();
  let next = count > 1 ? randomInt(count) : 0;
  let closed = false;

  function takeNumber(): number | null {
    if (ephemeral) return 0;
    for (let tried = 0; tried < count; tried++) {
      const candidate = first + 2 * next;
      next = (next + 1) % count;
      if (!taken.has(candidate)) {
        taken.add(candidate);
        return candidate;
      }
    }
    return null;
  }

  async function openPort(toward: string | undefined): Promise<RtpPort> {
    const wildcard = isWildcard(host);
    const bindHost = wildcard && toward ? (isIPv6(toward) ? '::' : '0.0.0.0') : host;
    let cause: unknown;
    // A number that another process holds is passed over; each is tried once.
    for (let tried = 0; tried < count; tried++) {
      const number = takeNumber();
      if (number === null) break;
      try {
        const address = wildcard && toward ? await localAddressToward(toward) : undefined;
        const port = await bind(bindHost, address, number, logger, () => {
          taken.delete(number);
          open.delete(port);
        });
        open.add(port);
        if (!closed) return port;
        await port.close();
        break;
      } catch (error) {
        taken.delete(number);
        cause = error;
        if (!isAddressInUse(error)) break;
      }
    }
    const reason = closed ? 'closing down' : cause === undefined ? 'all are in use' : errorText(cause);
    throw new ProblemError('unavailable', `no media port to be had: ${reason}`, { cause });
  }

  return {
    open: openPort,
    inUse: () => open.size,
    async close() {
      closed = true;
      await Promise.all([...open].map((port) => port.close()));
    },
  };
}

/** Ports on several addresses: one of the peer's IP version where there is one. */
export function createRtpPortsOn({
  hosts,
  ...range
}: Omit<Parameters<typeof createRtpPorts>[0], 'host'> & { hosts: readonly string[] }): RtpPorts {
  const all = hosts.map((host) => ({ host, ports: createRtpPorts({ host, ...range }) }));
  return {
    async open(toward) {
      const isUsual = ({ host }: { host: string }): boolean => toward === undefined || isIPv6(host) === isIPv6(toward);
      const chosen = all.find(isUsual) ?? all.find(({ host }) => isWildcard(host)) ?? all[0];
      if (!chosen) throw new ProblemError('unavailable', 'no address for media ports');
      return chosen.ports.open(toward);
    },
    inUse: () => all.reduce((sum, { ports }) => sum + ports.inUse(), 0),
    async close() {
      await Promise.all(all.map(({ ports }) => ports.close()));
    },
  };
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}

/** The address that the routing table gives a socket towards `peer`; connecting UDP sends nothing. */
async function localAddressToward(peer: string): Promise<string> {
  const probe = createSocket({ type: isIPv6(peer) ? 'udp6' : 'udp4' });
  try {
    const connected = once(probe, 'connect');
    probe.connect(9, peer);
    await connected;
    return probe.address().address;
  } finally {
    probe.close();
  }
}

async function bind(
  host: string,
  reachedAt: string | undefined,
  number: number,
  logger: Pick<Logger, 'warn'>,
  onClose: () => void,
): Promise<RtpPort> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
  const listeners = new Set<(datagram: Uint8Array, from: MediaEndpoint) => void>();
  const running = new Set<{ stop(): void }>();
  const listening = once(socket, 'listening');
  socket.bind(number, host);
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  // A media socket that fails later costs the audio of one call, never the process.
  socket.on('error', (error) => logger.warn({ port: number, err: error }, 'media socket failed'));
  socket.on('message', (datagram, { address, port }) => {
    for (const listener of listeners) listener(datagram, { address, port });
  });

  let closing: Promise<void> | undefined;
  const mediaSocket: MediaSocket = {
    send(packet, to, onError) {
      if (closing) return;
      socket.send(packet, to.port, to.address, (error) => {
        if (error) onError(errorText(error));
      });
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  function tracked<Job extends { stop(): void; done: Promise<unknown> }>(job: Job): Job {
    running.add(job);
    void job.done.then(() => running.delete(job));
    return job;
  }

  const bound = socket.address();
  return {
    address: reachedAt ?? bound.address,
    port: bound.port,
    socket: mediaSocket,
    recordAudio: (options) => tracked(recordAudio(mediaSocket, options)),
    close() {
      if (closing) return closing;
      for (const job of running) job.stop();
      closing = new Promise((resolve) => {
        socket.close(() => {
          onClose();
          resolve();
        });
      });
      return closing;
    },
  };
}
