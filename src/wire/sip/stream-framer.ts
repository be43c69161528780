import { ProblemError } from '../../domain/problem.ts';
import { endOfHead, startOfMessage } from './decode-message.ts';

/** Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3). */
export type StreamFramer = {
  /**
   * Takes what arrived. Throws ProblemError (`too-large`, `malformed`) when the stream can no longer be cut: the connection
   * has to be closed, after what was delivered has been answered.
   */
  push(chunk: Buffer): void;
  /** Whether a message has begun and is not complete; line ends between messages do not count. */
  readonly isMidMessage: boolean;
};

export type StreamFramerOptions = {
  readonly maxBytes: number;
  /** One whole message; views into the chunk where possible. */
  readonly onMessage: (bytes: Buffer) => void;
  /** A double CRLF between messages, to be answered with one (RFC 5626 §3.5.1). */
  readonly onPing: () => void;
};

/** The value may stand on a line of its own (RFC 3261 §7.3.1). */
const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:(?:[ \t]|\r?\n(?=[ \t]))*([0-9]{1,10})[ \t]*\r?$/im;
const EMPTY = Buffer.alloc(0);
const FIRST_CAPACITY = 2_048;
/** How far before new bytes the empty line may begin that ends a head. */
const SEPARATOR_BYTES = 3;

/**
 * Each byte is copied and looked at a bounded number of times however small the pieces are in which a message comes: a peer
 * that sends byte by byte costs no more than its bytes.
 */
export function createStreamFramer({ maxBytes, onMessage, onPing }: StreamFramerOptions): StreamFramer {
  /** What has come of an incomplete message: the first `heldBytes` of a buffer that grows by doubling. */
  let held = EMPTY;
  let heldBytes = 0;
  /** Where the next look for the end of the head begins. */
  let searchedBytes = 0;
  /** Bytes that the whole message has, once its head is there. */
  let neededBytes = 0;
  let isBlank = false;

  function hold(rest: Buffer, needed: number): void {
    // Messages that were delivered are views into the former buffer: what is kept stands in one of its own.
    held = rest.length === 0 ? EMPTY : Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, rest.length));
    rest.copy(held);
    heldBytes = rest.length;
    searchedBytes = Math.max(0, rest.length - SEPARATOR_BYTES);
    neededBytes = needed;
    isBlank = startOfMessage(rest) === rest.length;
  }

  function append(chunk: Buffer): void {
    const total = heldBytes + chunk.length;
    if (total > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, 2 * held.length));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    chunk.copy(held, heldBytes);
    heldBytes = total;
  }

  function cut(data: Buffer, searched: number): void {
    let rest = data;
    let from = searched;
    while (rest.length > 0) {
      const start = from > 0 ? 0 : startOfMessage(rest);
      if (start > 0) {
        if (start >= 4) onPing();
        else if (start === rest.length) return hold(rest, 0);
        rest = rest.subarray(start);
        continue;
      }
      const found = endOfHead(from > 0 ? rest.subarray(from) : rest);
      if (found === -1) {
        if (rest.length >= maxBytes) throw new ProblemError('too-large', `a message head exceeds ${maxBytes} bytes`);
        return hold(rest, 0);
      }
      const headEnd = from + found;
      from = 0;
      const length = CONTENT_LENGTH.exec(rest.toString('latin1', 0, headEnd))?.[1];
      if (length === undefined) {
        onMessage(rest.subarray(0, headEnd));
        throw new ProblemError('malformed', 'a message on a stream has no readable Content-Length');
      }
      const end = headEnd + Number(length);
      if (end > maxBytes) {
        onMessage(rest.subarray(0, headEnd));
        throw new ProblemError('too-large', `a message exceeds ${maxBytes} bytes`);
      }
      if (end > rest.length) return hold(rest, end);
      onMessage(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    hold(EMPTY, 0);
  }

  /** Whether the held bytes, with those that have just come, are still one head without its end. */
  function isStillHead(): boolean {
    if (neededBytes > 0 || isBlank || heldBytes >= maxBytes) return false;
    const isOpen = endOfHead(held.subarray(searchedBytes, heldBytes)) === -1;
    if (isOpen) searchedBytes = Math.max(0, heldBytes - SEPARATOR_BYTES);
    return isOpen;
  }

  return {
    push(chunk) {
      if (heldBytes === 0) return cut(chunk, 0);
      append(chunk);
      if (heldBytes < neededBytes || isStillHead()) return;
      cut(held.subarray(0, heldBytes), isBlank || neededBytes > 0 ? 0 : searchedBytes);
    },
    get isMidMessage() {
      return heldBytes > 0 && !isBlank;
    },
  };
}
