/**
 * The thread that owns the embedded PostgreSQL (PGlite): a big statement blocks this thread, never the one that
 * answers calls. One session; requests are answered in the order they arrive.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, parse } from '@electric-sql/pglite';
import { lowerThreadPriority } from '../../support/lower-priority.ts';
import type { EmbeddedFailure, EmbeddedReply, EmbeddedRequest, EmbeddedWorkerData } from './embedded-protocol.ts';
import { createStatementWriter } from './statement-message.ts';

const port = parentPort;
if (!port) throw new Error('embedded-worker runs as a worker thread only');
const { dataDir, loadFrom, channels } = workerData as EmbeddedWorkerData;

const INT8 = 20;
const writeStatement = createStatementWriter();

function reply(message: EmbeddedReply): void {
  port?.postMessage(message);
}

function describeFailure(error: unknown): EmbeddedFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const fields = error as Error & Partial<Record<'code' | 'detail' | 'constraint' | 'table', string>>;
  return {
    message: error.message,
    ...(fields.code !== undefined && { code: fields.code }),
    ...(fields.detail !== undefined && { detail: fields.detail }),
    ...(fields.constraint !== undefined && { constraint: fields.constraint }),
    ...(fields.table !== undefined && { table: fields.table }),
  };
}

async function openDatabase(): Promise<PGlite> {
  const database = new PGlite({
    ...(dataDir !== undefined && { dataDir }),
    ...(loadFrom !== undefined && { loadDataDir: new Blob([new Uint8Array(loadFrom)]) }),
    // int8 arrives as text, exactly as node-postgres gives it.
    parsers: { [INT8]: (value: string) => value },
    // The engine's fdatasync does nothing; opening the WAL with O_SYNC makes every commit reach the disk.
    // -F among the engine's own options would switch all syncing off.
    startParams: [
      ...PGlite.defaultStartParams.filter((option) => option !== '-F'),
      '-c',
      'wal_sync_method=open_datasync',
    ],
  });
  await database.waitReady;
  for (const channel of channels) {
    await database.listen(channel, (payload) => reply({ kind: 'notification', channel, payload }));
  }
  return database;
}

async function answer(database: PGlite, request: EmbeddedRequest): Promise<EmbeddedReply> {
  switch (request.kind) {
    case 'query': {
      const { messages } = await database.execProtocol(writeStatement(request.sql, request.parameters));
      const [result] = parse.parseResults(messages, database.parsers);
      const rows = result?.rows ?? [];
      const rowCount = result?.rowCount ?? result?.affectedRows ?? rows.length;
      return { kind: 'result', id: request.id, result: { rows, rowCount, command: result?.command ?? '' } };
    }
    case 'script': {
      const results = await database.exec(request.sql);
      const rows = results.flatMap((result) => result.rows);
      return { kind: 'result', id: request.id, result: { rows, rowCount: rows.length, command: '' } };
    }
    case 'dump': {
      const dump = await database.dumpDataDir('gzip');
      return { kind: 'dumped', id: request.id, tarball: new Uint8Array(await dump.arrayBuffer()) };
    }
    case 'close': {
      await database.close();
      return { kind: 'closed', id: request.id };
    }
  }
}

async function serve(): Promise<void> {
  const database = await openDatabase();
  // A start waits for it; from then on calls go first.
  lowerThreadPriority();
  let queue: Promise<void> = Promise.resolve();
  port?.on('message', (request: EmbeddedRequest) => {
    queue = queue.then(async () => {
      try {
        reply(await answer(database, request));
      } catch (error) {
        reply({ kind: 'failed', id: request.id, failure: describeFailure(error) });
      }
    });
  });
  reply({ kind: 'ready' });
}

serve().catch((error: unknown) => reply({ kind: 'fatal', message: describeFailure(error).message }));
