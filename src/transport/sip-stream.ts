import type { Socket } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import type { FairTurns } from '../support/fair-turns.ts';
import type { Logger } from '../support/logger.ts';
import { createStreamFramer } from '../wire/sip/stream-framer.ts';
import type { SipFlow } from './sip-flow.ts';

export type SipStreamLimits = {
  readonly maxMessageBytes: number;
  /** A connection on which nothing comes for so long is closed. */
  readonly idleTimeoutMs: number;
  /** A message must be complete so long after its first byte. */
  readonly messageTimeoutMs: number;
  /** A peer that does not read is dropped when so many bytes wait for it … */
  readonly maxQueuedBytes: number;
  /** … or when none of them has gone for so long. */
  readonly writeTimeoutMs: number;
  /** How often a connection that we opened is kept alive (RFC 5626 §4.4.1). */
  readonly pingEveryMs: number;
  /** A peer that has answered such a ping before answers the next one within so long, or is gone. */
  readonly pongTimeoutMs: number;
};

/** One TCP or TLS connection: messages cut out of it, written to it, and the deadlines of both directions. */
export type SipStream = {
  readonly flow: SipFlow;
  /** Whether it is worth writing to. */
  readonly isWritable: boolean;
  /** Since when nothing came, on the monotonic clock. */
  readonly heardAtMs: number;
  /**
   * `done` gets a ProblemError when it could not be written. `onLost` is called when the connection ends and nothing came on it
   * after these bytes: what was asked will not be answered.
   */
  write(bytes: Buffer, done: (error: ProblemError | null) => void, onLost?: (error: ProblemError) => void): void;
  /** Closes it when one of its deadlines has passed, pings when it is time; to be called about once a second. */
  tend(nowMs: number): void;
  close(): void;
};

const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');
/** What is read of one connection before it is another's turn; a call of ordinary size is one piece. */
const PIECE_BYTES = 4_096;
const KEEP_ALIVE_DELAY_MS = 30_000;
/** So many requests are told that their connection has ended; further ones find out by their timers. */
const MAX_UNHEARD = 1_000;

export function createSipStream(
  socket: Socket,
  deps: {
    flow: SipFlow;
    /** Whether we opened it. */
    isOurs: boolean;
    clock: Clock;
    logger: Logger;
    limits: SipStreamLimits;
    /** In which all connections are read, a piece at a time, those of an address together. */
    turns: FairTurns;
    onMessage(bytes: Buffer, flow: SipFlow): void;
    onClose(): void;
  },
): SipStream {
  const { flow, clock, logger, limits } = deps;
  const { remoteAddress } = flow;
  let heardAtMs = clock.monotonicMs();
  /** When the message that is being received began. */
  let messageSinceMs: number | undefined;
  let writesUnderWay = 0;
  /** Since when nothing has been taken of what waits to be written. */
  let stuckSinceMs = 0;
  let pingedAtMs = heardAtMs;
  let isPongDue = false;
  let answersPings = false;
  let unheard: ((error: ProblemError) => void)[] = [];
  const part = `${flow.protocol} ${flow.remotePort}`;
  /** What has been read and waits for its turn. */
  const pieces: Buffer[] = [];
  /** Since when the peer waits for that. */
  let pausedSinceMs: number | undefined;
  let isGivenUp = false;

  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);

  let hasCompleted = false;
  const framer = createStreamFramer({
    maxBytes: limits.maxMessageBytes,
    onMessage(bytes) {
      hasCompleted = true;
      deps.onMessage(bytes, flow);
    },
    onPing: () => write(PONG, () => undefined),
  });

  function read(chunk: Buffer): void {
    heardAtMs = clock.monotonicMs();
    if (unheard.length > 0) unheard = [];
    // Whoever opens a connection pings, the other side answers (RFC 5626 §4.4.1): here a lone line end is that answer.
    if (deps.isOurs && chunk.length === 2 && pieces.length === 0 && !framer.isMidMessage && chunk.equals(PONG)) {
      answersPings ||= isPongDue;
      isPongDue = false;
      return;
    }
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      pieces.push(chunk.subarray(from, from + PIECE_BYTES));
      deps.turns.run(remoteAddress, readPiece, part);
    }
    // Nothing more is taken before the last piece has had its turn: the peer has to wait.
    if (pieces.length === 0) return;
    pausedSinceMs ??= heardAtMs;
    socket.pause();
  }

  /** The next one, whichever it was that this turn was asked for. */
  function readPiece(): void {
    const piece = pieces.shift();
    if (piece === undefined || isGivenUp) return;
    push(piece);
    if (pieces.length > 0 || isGivenUp || pausedSinceMs === undefined) return;
    // The time that a message must be complete in is its sender's.
    if (messageSinceMs !== undefined) messageSinceMs += clock.monotonicMs() - Math.max(pausedSinceMs, messageSinceMs);
    pausedSinceMs = undefined;
    socket.resume();
  }

  function push(piece: Buffer): void {
    hasCompleted = false;
    try {
      framer.push(piece);
    } catch (error) {
      isGivenUp = true;
      logger.warn({ err: error, remoteAddress }, 'SIP: a stream that cannot be read is given up');
      socket.pause();
      socket.destroySoon();
      return;
    }
    // On a busy connection hardly any read ends between two messages: the time is that of one message.
    if (hasCompleted || !framer.isMidMessage) messageSinceMs = undefined;
    if (framer.isMidMessage) messageSinceMs ??= heardAtMs;
  }

  function giveUp(why: string): void {
    logger.warn({ remoteAddress, protocol: flow.protocol }, `SIP: connection closed: ${why}`);
    socket.destroy();
  }

  function write(
    bytes: Buffer,
    done: (error: ProblemError | null) => void,
    onLost?: (error: ProblemError) => void,
  ): void {
    if (!socket.writable) return done(new ProblemError('upstream-failed', 'the connection is closed'));
    if (socket.writableLength + bytes.length > limits.maxQueuedBytes && writesUnderWay > 0) {
      giveUp('the peer does not read');
      return done(new ProblemError('upstream-failed', 'the peer does not read'));
    }
    if (writesUnderWay++ === 0) stuckSinceMs = clock.monotonicMs();
    if (onLost && unheard.length < MAX_UNHEARD) unheard.push(onLost);
    socket.write(bytes, (error) => {
      writesUnderWay--;
      stuckSinceMs = clock.monotonicMs();
      // Of a connection that was destroyed meanwhile nobody knows how far the bytes came.
      if (!error && !socket.destroyed) return done(null);
      const why = error ? error.message : 'closed while writing';
      done(new ProblemError('upstream-failed', `${flow.protocol.toUpperCase()}: ${why}`, { cause: error }));
    });
  }

  socket.on('data', read);
  socket.on('error', (error) => logger.debug({ err: error, remoteAddress }, 'SIP: a connection failed'));
  socket.on('close', () => {
    const lost = unheard;
    unheard = [];
    deps.onClose();
    for (const tell of lost) tell(new ProblemError('upstream-failed', 'the connection ended without an answer'));
  });

  return {
    flow,
    get isWritable() {
      return socket.writable;
    },
    get heardAtMs() {
      return heardAtMs;
    },
    write,
    tend(nowMs) {
      const isOurDelay = pausedSinceMs !== undefined;
      if (!isOurDelay && messageSinceMs !== undefined && nowMs - messageSinceMs >= limits.messageTimeoutMs) {
        return giveUp('a message was not completed');
      }
      if (writesUnderWay > 0 && nowMs - stuckSinceMs >= limits.writeTimeoutMs) return giveUp('the peer does not read');
      const isSilent = isPongDue && answersPings && heardAtMs < pingedAtMs;
      if (isSilent && nowMs - pingedAtMs >= limits.pongTimeoutMs) return giveUp('no answer to a ping');
      if (nowMs - heardAtMs >= limits.idleTimeoutMs) return giveUp('idle');
      if (!deps.isOurs || nowMs - Math.max(pingedAtMs, heardAtMs) < limits.pingEveryMs || !socket.writable) return;
      pingedAtMs = nowMs;
      isPongDue = true;
      write(PING, () => undefined);
    },
    close() {
      isGivenUp = true;
      socket.destroy();
    },
  };
}
