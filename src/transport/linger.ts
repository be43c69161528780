import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const MAX_LINGER_MS = 5_000;
const MAX_LINGER_BYTES = 256 * 1024 * 1024;

/** By connection: the request that was answered before its end. */
const unfinished = new WeakMap<Socket, IncomingMessage>();

/**
 * Has a connection whose request is answered before its end closed in stages (RFC 9112 §9.6): no more is written, and what
 * still comes is thrown away until the client has seen the answer and closes. Closed at once, what is unread would become
 * a reset, and a client that is still sending would see a broken pipe instead of its answer.
 * Bounded: after 5 s or 256 MiB the connection is cut. To be called before the answer is written.
 */
export function lingerAfter(response: ServerResponse): void {
  const { socket, req: request } = response;
  if (socket === null || request.complete) return;
  const isNew = !unfinished.has(socket);
  unfinished.set(socket, request);
  if (!isNew) return;
  const closeAtOnce = socket.destroySoon.bind(socket);
  // What node:http calls when the last answer of a connection is written.
  socket.destroySoon = () => {
    if (unfinished.get(socket)?.complete === false) closeInStages(socket);
    else closeAtOnce();
  };
}

function closeInStages(socket: Socket): void {
  let bytes = 0;
  const timer = setTimeout(() => socket.destroy(), MAX_LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  // Past the parser: the request may have been given up, and nothing would read on for it.
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_LINGER_BYTES) socket.destroy();
  });
  socket.end();
  socket.resume();
}
