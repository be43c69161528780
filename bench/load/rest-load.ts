/** Loads one REST server: GETs, or PUTs that go on in turn from run to run; tells how long each request took. */
import { connect, type Socket } from 'node:net';
import { serveParent } from '../processes.ts';

export type RestLoad = {
  port: number;
  method: 'GET' | 'PUT';
  path: string;
  token: string;
  /** Sent in turn, also over several runs; none = no body. */
  bodies: readonly string[];
  connections: number;
  ms: number;
};

export type RestLoadResult = { count: number; errors: number; seconds: number; tookMs: number[] };

const GOOD = 'HTTP/1.1 2';
const HEAD_END = Buffer.from('\r\n\r\n');
const nextBody = new Map<string, number>();

/** Bytes of the answer that begins here, or undefined when its head is not whole. */
function answerLength(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd));
  return headEnd + 4 + Number(length?.[1] ?? 0);
}

function requestText({ method, path, port, token, bodies }: RestLoad): () => string {
  const key = `${port} ${method} ${path}`;
  const head = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`];
  return () => {
    if (bodies.length === 0) return `${head.join('\r\n')}\r\n\r\n`;
    const index = nextBody.get(key) ?? 0;
    nextBody.set(key, index + 1);
    const body = bodies[index % bodies.length] ?? '';
    const lines = [...head, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  };
}

async function run(load: RestLoad): Promise<RestLoadResult> {
  const next = requestText(load);
  const tookMs: number[] = [];
  let errors = 0;
  const startedAt = performance.now();

  /** Ends with the answer that is under way when the time is over: a PUT must not be lost. */
  function drive(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
      let pending: Buffer[] = [];
      let received = 0;
      let length: number | undefined;
      let askedAt = 0;
      function ask(): void {
        askedAt = performance.now();
        socket.write(next());
      }
      socket.on('data', (chunk) => {
        pending.push(chunk);
        received += chunk.length;
        length ??= answerLength(pending.length === 1 ? chunk : Buffer.concat(pending));
        if (length === undefined || received < length) return;
        const isGood = pending[0]?.toString('latin1', 0, GOOD.length) === GOOD;
        pending = [];
        received = 0;
        length = undefined;
        const now = performance.now();
        if (isGood) tookMs.push(now - askedAt);
        else errors += 1;
        if (now - startedAt < load.ms) ask();
        else resolve();
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection')));
      ask();
    });
  }

  const sockets = await Promise.all(
    Array.from({ length: load.connections }, async () => {
      const socket = connect({ host: '127.0.0.1', port: load.port, noDelay: true });
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      return socket;
    }),
  );
  await Promise.all(sockets.map(drive));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  return { count: tookMs.length, errors, seconds, tookMs };
}

serveParent(run);
