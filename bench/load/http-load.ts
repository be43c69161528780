/** Loads one HTTP server over kept connections, one request at a time on each, for as long as it is told. */
import { connect, type Socket } from 'node:net';
import { serveParent } from '../processes.ts';

export type HttpLoad = {
  host: string;
  port: number;
  path: string;
  contentType: string;
  /** Sent in turn. */
  bodies: readonly string[];
  connections: number;
  ms: number;
};

export type HttpLoadResult = { count: number; errors: number; seconds: number };

const GOOD = 'HTTP/1.1 200';
const HEAD_END = Buffer.from('\r\n\r\n');

/** Bytes of the answer that begins here, or 0 when its head is not whole. */
function answerLength(bytes: Buffer): number {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd));
  return headEnd + 4 + Number(length?.[1] ?? 0);
}

async function run(load: HttpLoad): Promise<HttpLoadResult> {
  const requests = load.bodies.map((body) => {
    const head = [
      `POST ${load.path} HTTP/1.1`,
      `Host: ${load.host}:${load.port}`,
      `Content-Type: ${load.contentType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
  let next = 0;
  let count = 0;
  let errors = 0;
  let isOver = false;
  const sockets: Socket[] = [];

  function drive(socket: Socket): void {
    let pending: Buffer | undefined;
    function ask(): void {
      socket.write(requests[next++ % requests.length] as Buffer);
    }
    socket.on('data', (chunk) => {
      const bytes = pending ? Buffer.concat([pending, chunk]) : chunk;
      const length = answerLength(bytes);
      if (length === 0 || bytes.length < length) {
        pending = bytes;
        return;
      }
      pending = undefined;
      if (isOver) return;
      if (bytes.toString('latin1', 0, GOOD.length) === GOOD) count += 1;
      else errors += 1;
      ask();
    });
    socket.on('error', () => {
      errors += 1;
    });
    ask();
  }

  await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect({ host: load.host, port: load.port, noDelay: true });
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      sockets.push(socket);
    }),
  );
  const startedAt = performance.now();
  for (const socket of sockets) drive(socket);
  // Never asleep: else the server that is slower pays for waking us with every answer, and the faster one, whose load is
  // always busy, does not.
  const stayAwake = (): void => {
    if (!isOver) setImmediate(stayAwake);
  };
  stayAwake();
  await new Promise((resolve) => setTimeout(resolve, load.ms));
  isOver = true;
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const socket of sockets) socket.destroy();
  return { count, errors, seconds };
}

serveParent(run);
