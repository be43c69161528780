import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../support/clock.ts';
import type { RawAnswer, RawDoors, RawReply } from './raw-doors.ts';
import { readWholePost } from './read-whole-post.ts';

export type PostConnectionsDeps = {
  clock: Clock;
  doors: Pick<RawDoors, 'findPost' | 'serve'>;
  /** Makes it a connection of node:http, with whatever was put back into it. */
  handOver: (socket: Socket) => void;
  /** How long a new connection may say nothing. */
  headersTimeoutMs: number;
  /** How long a connection is kept after an answer. */
  keepAliveTimeoutMs: number;
};

/** The connections on which every request so far was a whole POST to a raw door. */
export type PostConnections = {
  take(socket: Socket): void;
  /** Closes those that are kept for a next request. */
  closeIdle(): void;
  /** From now on every answer is the last of its connection; idle ones are closed. */
  drain(): void;
  closeAll(): void;
};

/**
 * `new`: nothing has come yet. `idle`: answered, and kept for the next request. `handling`: a door has the request.
 * `writing`: the answer waits for its receiver.
 */
type State = 'new' | 'idle' | 'handling' | 'writing';

/** Longer than the client is told, so that a request sent in the last moment still finds us. */
const KEEP_ALIVE_BUFFER_MS = 1_000;
/** What node:http sends to whom it waited for in vain. */
const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * Answers the ordinary request to HELD and LoST on the socket itself: half of what a request costs is node:http's. Any
 * connection on which something else comes, be it only a body that is not here yet, goes to node:http with all its bytes
 * and stays there, so that no rule about incomplete, unusual or wrong requests is made here (decision 53).
 */
export function createPostConnections(deps: PostConnectionsDeps): PostConnections {
  const { clock, doors } = deps;
  const connections = new Set<Connection>();
  const keepAlive = `\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(deps.keepAliveTimeoutMs / 1_000)}\r\n\r\n`;
  const close = '\r\nConnection: close\r\n\r\n';
  let isDraining = false;
  let date = { second: 0, text: '' };

  function dateText(): string {
    const second = Math.floor(clock.nowMs() / 1_000);
    if (second !== date.second) date = { second, text: new Date(second * 1_000).toUTCString() };
    return date.text;
  }

  /** Line by line what node:http writes. Throws for headers that nobody may send. */
  function encodeHead({ status, contentType, headers }: RawAnswer, length: number): string {
    validateHeaderValue('content-type', contentType);
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\ncontent-type: ${contentType}\r\n`;
    for (const name in headers) {
      const value = headers[name] ?? '';
      validateHeaderName(name);
      validateHeaderValue(name, value);
      head += `${name}: ${value}\r\n`;
    }
    return `${head}content-length: ${length}\r\nDate: ${dateText()}${isDraining ? close : keepAlive}`;
  }

  class Connection implements RawReply {
    readonly #socket: Socket;
    #state: State = 'new';
    #hasEnded = false;

    constructor(socket: Socket) {
      this.#socket = socket;
      socket.on('error', this.#onError);
      socket.on('close', this.#onClose);
      socket.on('timeout', this.#onTimeout);
      socket.on('end', this.#onEnd);
      socket.on('data', this.#onData);
      socket.setTimeout(deps.headersTimeoutMs);
    }

    get isIdle(): boolean {
      return this.#state === 'idle';
    }

    get isBegun(): boolean {
      return this.#state !== 'handling';
    }

    send(answer: RawAnswer): void {
      const { body } = answer;
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
      const head = encodeHead(answer, length);
      // Gone: nobody waits for the answer.
      if (this.#socket.destroyed) return;
      this.#state = 'writing';
      // One byte a character, as nearly always: copied as it is, in one piece.
      const isWritten =
        length === body.length && typeof body === 'string'
          ? this.#socket.write(head + body, 'latin1')
          : this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]));
      if (isDraining || this.#hasEnded) this.#socket.destroySoon();
      else if (isWritten) this.#goOn();
      else this.#socket.once('drain', this.#goOn);
    }

    destroy(): void {
      this.#socket.destroy();
    }

    readonly #onData = (bytes: Buffer): void => {
      if (this.#state === 'handling' || this.#state === 'writing') return this.#putBack(bytes);
      const post = readWholePost(bytes);
      const door = post && doors.findPost(post.path, post.body.length);
      if (post === undefined || door === undefined) return this.#handOver(bytes);
      if (this.#state === 'new') this.#socket.setTimeout(deps.keepAliveTimeoutMs + KEEP_ALIVE_BUFFER_MS);
      this.#state = 'handling';
      doors.serve(
        door,
        { method: 'POST', url: post.path, headers: post.headers, socket: this.#socket },
        post.body,
        this,
      );
    };

    /** RFC 9112 §9.3.2: what is sent before the answer to the request before is looked at after it. */
    #putBack(bytes: Buffer): void {
      this.#socket.pause();
      this.#socket.unshift(bytes);
    }

    readonly #goOn = (): void => {
      this.#state = 'idle';
      if (this.#hasEnded) this.#socket.destroySoon();
      else if (this.#socket.isPaused()) this.#socket.resume();
    };

    #handOver(bytes: Buffer): void {
      const socket = this.#socket;
      connections.delete(this);
      socket.setTimeout(0);
      socket.off('data', this.#onData);
      socket.off('end', this.#onEnd);
      socket.off('timeout', this.#onTimeout);
      socket.off('close', this.#onClose);
      socket.unshift(bytes);
      deps.handOver(socket);
      socket.off('error', this.#onError);
    }

    /** Only when nothing put back is left: what the client sent before is answered, then the connection ends. */
    readonly #onEnd = (): void => {
      this.#hasEnded = true;
      if (this.#state === 'new' || this.#state === 'idle') this.#socket.destroySoon();
    };

    readonly #onTimeout = (): void => {
      // What the door waits for, a parent server for instance, is bounded by the door.
      if (this.#state === 'handling') return;
      if (this.#state !== 'new') return this.destroy();
      this.#socket.write(TOO_SLOW);
      this.#socket.destroySoon();
    };

    // A broken connection is no news: 'close' follows.
    readonly #onError = (): void => undefined;

    readonly #onClose = (): void => {
      connections.delete(this);
    };
  }

  function closeIdle(): void {
    for (const connection of connections) if (connection.isIdle) connection.destroy();
  }

  return {
    take(socket) {
      connections.add(new Connection(socket));
    },
    closeIdle,
    drain() {
      isDraining = true;
      closeIdle();
    },
    closeAll() {
      for (const connection of connections) connection.destroy();
    },
  };
}
