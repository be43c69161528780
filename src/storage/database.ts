import { type Transaction as KyselyTransaction, PostgresDialect, type PostgresPool, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Client } from 'pg';
import type { Logger } from '../support/logger.ts';
import { lockDirectory } from './embedded/directory-lock.ts';
import { openEmbeddedEngine } from './embedded/embedded-engine.ts';
import { migrations } from './migrations/index.ts';
import { CONNECT_TIMEOUT_MS, createKysely, createPool, type Queryable } from './postgres-connection.ts';
import type { Schema } from './schema.ts';

export type { Queryable };
export type Transaction = KyselyTransaction<Schema>;

export type DatabaseConfig = {
  /** `postgres://…`; undefined = the embedded engine. */
  url: string | undefined;
  /** Folder of the embedded cluster; undefined = in memory (tests). */
  embeddedDir: string | undefined;
  /** On PostgreSQL: the data folder, whose journal and snapshots belong to one process; undefined = not locked (tests). */
  lockDir?: string;
  /** A dump of the embedded cluster to start from (restore). */
  loadFrom?: Uint8Array;
};

/** The PostgreSQL channel on which a commit with changes is announced. */
export const CHANGE_CHANNEL = 'waymark_changes';

/** One PostgreSQL, embedded or real, behind one face. */
export type Database = {
  engine: 'embedded' | 'postgres';
  db: Queryable;
  /** Where another process can connect by itself, see `connectAside`; undefined: the embedded engine has one session only. */
  url: string | undefined;
  /** Applies the migrations that are missing. Throws while the database cannot be reached. */
  migrate(): Promise<void>;
  /** Resolves when the database answers; rejects otherwise, within `timeoutMs`. */
  ping(timeoutMs?: number): Promise<void>;
  /** Raw statements, or a script of several where there are no values. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Calls back on every NOTIFY on CHANGE_CHANNEL; only a wake-up call, polling is the net. Returns a stop function. */
  onChangeNotice(handler: () => void): () => void;
  /** The embedded cluster as a gzipped tar; undefined on PostgreSQL, which has pg_dump. */
  dump: (() => Promise<Uint8Array>) | undefined;
  close(): Promise<void>;
};

const MOST_CONNECTIONS = 10;

async function runMigrations(db: Queryable): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error('migration failed', { cause: error });
}

async function within<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function openEmbedded(config: DatabaseConfig): Promise<Database> {
  const unlock = config.embeddedDir === undefined ? () => undefined : lockDirectory(config.embeddedDir);
  const handlers = new Set<() => void>();
  try {
    const engine = await openEmbeddedEngine({
      dataDir: config.embeddedDir === undefined ? undefined : `${config.embeddedDir}/pgdata`,
      loadFrom: config.loadFrom,
      channels: [CHANGE_CHANNEL],
    });
    engine.onNotification(() => {
      for (const handler of handlers) handler();
    });
    const db = createKysely(
      new PostgresDialect({
        // The engine has no cursors and no cancel; Kysely's type asks for their overloads too.
        pool: engine as unknown as PostgresPool,
      }),
    );
    return {
      engine: 'embedded',
      db,
      url: undefined,
      migrate: () => runMigrations(db),
      async ping(timeoutMs = CONNECT_TIMEOUT_MS) {
        await within(sql`select 1`.execute(db), timeoutMs, 'the embedded database');
      },
      async executeSql(text, values) {
        const session = await engine.connect();
        try {
          // Only the simple protocol takes a script.
          if (values === undefined || values.length === 0) {
            try {
              return { rows: await session.script(text) };
            } catch (error) {
              // A script that began a transaction and failed in it must not leave it to the next holder of the session.
              await session.script('rollback');
              throw error;
            }
          }
          return { rows: (await session.query(text, values)).rows };
        } finally {
          session.release();
        }
      },
      onChangeNotice(handler) {
        handlers.add(handler);
        return () => handlers.delete(handler);
      },
      dump: () => engine.dump(),
      async close() {
        try {
          await engine.end();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

const RELISTEN_DELAY_MS = 2_000;

/** Keeps one connection listening; reconnects for as long as it is wanted. */
function listenForChanges(url: string, logger: Logger, onNotice: () => void): () => void {
  let client: Client | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  function retry(): void {
    if (stopped || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      connect();
    }, RELISTEN_DELAY_MS);
    timer.unref();
  }

  function connect(): void {
    const next = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true });
    client = next;
    next.on('notification', onNotice);
    next.on('error', (error) => logger.warn({ err: error.message }, 'change notices interrupted; polling goes on'));
    next.on('end', retry);
    next
      .connect()
      .then(() => next.query(`listen ${CHANGE_CHANNEL}`))
      // Changes committed while nobody listened are picked up at once.
      .then(onNotice)
      .catch((error: Error) => {
        logger.warn({ err: error.message }, 'change notices not available; polling goes on');
        next.end().catch(() => retry());
        retry();
      });
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    client?.end().catch((error: Error) => logger.debug({ err: error.message }, 'closing the listener'));
  };
}

function openPostgres(url: string, lockDir: string | undefined, logger: Logger): Database {
  const unlock = lockDir === undefined ? () => undefined : lockDirectory(lockDir);
  const pool = createPool(url, MOST_CONNECTIONS);
  // An idle connection that breaks is replaced by the pool; unheard it would end the process.
  pool.on('error', (error) => logger.warn({ err: error.message }, 'database connection lost'));
  // So is one that breaks while a transaction holds it, between two statements: the next statement tells the holder.
  pool.on('connect', (client) => {
    client.on('error', (error: Error) => logger.debug({ err: error.message }, 'database connection broken in use'));
  });
  const db = createKysely(new PostgresDialect({ pool }));
  const stops: (() => void)[] = [];
  return {
    engine: 'postgres',
    db,
    url,
    migrate: () => runMigrations(db),
    async ping(timeoutMs = CONNECT_TIMEOUT_MS) {
      await within(pool.query('select 1'), timeoutMs, 'the database');
    },
    async executeSql(text, values) {
      const result: unknown = await pool.query(text, values);
      const results = (Array.isArray(result) ? result : [result]) as { rows: Record<string, unknown>[] }[];
      return { rows: results.flatMap((one) => one.rows) };
    },
    onChangeNotice(handler) {
      const stop = listenForChanges(url, logger, handler);
      stops.push(stop);
      return stop;
    },
    dump: undefined,
    async close() {
      for (const stop of stops) stop();
      try {
        await pool.end();
      } finally {
        unlock();
      }
    },
  };
}

/** Opens the database; on PostgreSQL this does not connect yet, so that a node starts with its database away. */
export async function openDatabase(config: DatabaseConfig, logger: Logger): Promise<Database> {
  return config.url === undefined ? openEmbedded(config) : openPostgres(config.url, config.lockDir, logger);
}
