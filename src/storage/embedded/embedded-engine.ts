import { Worker } from 'node:worker_threads';
import { ChurningMap } from '../../support/churning-map.ts';
import type {
  EmbeddedFailure,
  EmbeddedReply,
  EmbeddedRequest,
  EmbeddedRows,
  EmbeddedWorkerData,
} from './embedded-protocol.ts';

/** A statement that the embedded database refused; `code` is the SQLSTATE, as node-postgres has it. */
class EmbeddedDatabaseError extends Error {
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;

  constructor(failure: EmbeddedFailure) {
    super(failure.message);
    this.name = 'EmbeddedDatabaseError';
    this.code = failure.code;
    this.detail = failure.detail;
    this.constraint = failure.constraint;
  }
}

export type EmbeddedSession = {
  query(sql: string, parameters: readonly unknown[]): Promise<EmbeddedRows>;
  /** Runs a script of several statements without parameters. */
  script(sql: string): Promise<Record<string, unknown>[]>;
  release(): void;
};

/** The embedded PostgreSQL behind the face of a connection pool with one connection. */
export type EmbeddedEngine = {
  connect(): Promise<EmbeddedSession>;
  /** The whole cluster as a gzipped tar, consistent at the moment no transaction is open. */
  dump(): Promise<Uint8Array>;
  onNotification(handler: (channel: string, payload: string) => void): void;
  end(): Promise<void>;
  options: object;
};

type Waiting = { resolve: (reply: EmbeddedReply) => void; reject: (error: Error) => void };

/** Starts the database thread and waits until it is ready. */
export async function openEmbeddedEngine(options: EmbeddedWorkerData): Promise<EmbeddedEngine> {
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: options,
    name: 'waymark-database',
  });
  const waiting = new ChurningMap<number, Waiting>();
  const listeners: ((channel: string, payload: string) => void)[] = [];
  let nextId = 1;
  let dead: Error | undefined;
  let announceReady: () => void = () => undefined;
  let announceFailure: (error: Error) => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    announceReady = resolve;
    announceFailure = reject;
  });

  function die(error: Error): void {
    dead ??= error;
    announceFailure(error);
    for (const entry of waiting.values()) entry.reject(error);
    waiting.clear();
  }

  worker.on('message', (reply: EmbeddedReply) => {
    switch (reply.kind) {
      case 'ready':
        announceReady();
        return;
      case 'fatal':
        die(new Error(`the embedded database did not start: ${reply.message}`));
        return;
      case 'notification':
        for (const listener of listeners) listener(reply.channel, reply.payload);
        return;
      case 'failed':
        waiting.get(reply.id)?.reject(new EmbeddedDatabaseError(reply.failure));
        waiting.delete(reply.id);
        return;
      case 'result':
      case 'dumped':
      case 'closed':
        waiting.get(reply.id)?.resolve(reply);
        waiting.delete(reply.id);
    }
  });
  worker.on('error', (error: unknown) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => die(new Error('the embedded database has stopped')));

  type Unnumbered = EmbeddedRequest extends infer Request
    ? Request extends unknown
      ? Omit<Request, 'id'>
      : never
    : never;
  function ask(request: Unnumbered): Promise<EmbeddedReply> {
    if (dead) return Promise.reject(dead);
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id });
    });
  }

  async function rowsOf(request: Unnumbered): Promise<EmbeddedRows> {
    const reply = await ask(request);
    if (reply.kind !== 'result') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.result;
  }

  // One session only: whoever holds it (a transaction) keeps the others waiting in line.
  let tail: Promise<void> = Promise.resolve();
  async function take(): Promise<() => void> {
    const before = tail;
    let free: () => void = () => undefined;
    tail = new Promise<void>((resolve) => {
      free = resolve;
    });
    await before;
    return free;
  }

  await ready;

  return {
    options: {},
    async connect() {
      const free = await take();
      let released = false;
      return {
        query: (sql, parameters) => rowsOf({ kind: 'query', sql, parameters }),
        async script(sql) {
          return (await rowsOf({ kind: 'script', sql })).rows;
        },
        release() {
          if (released) return;
          released = true;
          free();
        },
      };
    },
    async dump() {
      const free = await take();
      try {
        const reply = await ask({ kind: 'dump' });
        if (reply.kind !== 'dumped') throw new Error(`unexpected reply ${reply.kind}`);
        return reply.tarball;
      } finally {
        free();
      }
    },
    onNotification(handler) {
      listeners.push(handler);
    },
    async end() {
      if (dead) return;
      const free = await take();
      try {
        await ask({ kind: 'close' });
      } finally {
        dead = new Error('the embedded database is closed');
        free();
        await worker.terminate();
      }
    },
  };
}
