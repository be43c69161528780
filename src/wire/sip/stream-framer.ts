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

const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,10})[ \t]*\r?$/im;
const EMPTY = Buffer.alloc(0);

export function createStreamFramer({ maxBytes, onMessage, onPing }: StreamFramerOptions): StreamFramer {
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Bytes that must be there before another look is worth it. */
  let neededBytes = 0;
  let isBlank = false;

  function hold(rest: Buffer, needed: number): void {
    held = rest.length === 0 ? [] : [rest];
    heldBytes = rest.length;
    neededBytes = needed;
    isBlank = startOfMessage(rest) === rest.length;
  }

  function cut(data: Buffer): void {
    let rest = data;
    while (rest.length > 0) {
      const start = startOfMessage(rest);
      if (start > 0) {
        if (start >= 4) onPing();
        else if (start === rest.length) return hold(rest, 0);
        rest = rest.subarray(start);
        continue;
      }
      const headEnd = endOfHead(rest);
      if (headEnd === -1) {
        if (rest.length >= maxBytes) throw new ProblemError('too-large', `a message head exceeds ${maxBytes} bytes`);
        return hold(rest, 0);
      }
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

  return {
    push(chunk) {
      if (heldBytes === 0) return cut(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes >= neededBytes) cut(Buffer.concat(held, heldBytes));
    },
    get isMidMessage() {
      return heldBytes > 0 && !isBlank;
    },
  };
}
