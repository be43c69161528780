import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import type { Schema } from './schema.ts';

export type Queryable = Kysely<Schema>;

export const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;

export function createKysely(dialect: PostgresDialect): Queryable {
  return new Kysely<Schema>({ dialect, plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })] });
}

/** Connections to a PostgreSQL, `max` at most. */
export function createPool(url: string, max: number): Pool {
  return new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A server that vanished without a word, or a path that a firewall forgot, is noticed also by a connection that waits.
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'waymark',
    types: {
      // int8 as text on both engines.
      getTypeParser: (typeId, format) =>
        typeId === types.builtins.INT8 ? (value: string) => value : types.getTypeParser(typeId, format),
    },
  });
}

/** A connection of its own for a process or thread of ours: what it reads never passes through the thread that answers calls. */
export function connectAside(url: string): { db: Queryable; close: () => Promise<void> } {
  const pool = createPool(url, 1);
  // One that breaks while it is idle is opened anew; one that breaks in use fails its statement.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { db: createKysely(new PostgresDialect({ pool })), close: () => pool.end() };
}
