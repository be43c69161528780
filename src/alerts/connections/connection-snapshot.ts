import type { Database } from '../../storage/database.ts';
import { PLATFORM, type SnapshotDefinition } from '../../storage/snapshot.ts';
import type { Logger } from '../../support/logger.ts';
import type { OpenConnection } from './alert-connection.ts';
import { type StoredConnection, selectConnections } from './connection-records.ts';
import { openConnection } from './open-connection.ts';
import { readSealingKeys, type SealingKeyRow, toSealingKeys } from './sealing-keys.ts';

/** Under the platform's key: the keys of secrets. Under an organization's: what it set up. */
type ConnectionRows = { keys: readonly SealingKeyRow[]; connections: readonly StoredConnection[] };

/** Connections of each organization by id. */
type ConnectionIndex = ReadonlyMap<string, ReadonlyMap<string, OpenConnection>>;

/**
 * Connections in memory and on disk, so that messages leave without the database. On disk secrets stay sealed, their keys
 * beside them in the same file, which only its owner may read.
 */
export function connectionSnapshotDefinition(
  { db }: Pick<Database, 'db'>,
  logger: Logger,
): SnapshotDefinition<ConnectionRows, ConnectionIndex> {
  return {
    name: 'alert-connections',
    version: 1,
    kinds: ['alert-connections'],
    async loadAll() {
      const rows = new Map<string, ConnectionRows>();
      rows.set(PLATFORM, { keys: await readSealingKeys(db), connections: [] });
      const all = Map.groupBy(await selectConnections(db), ({ organizationId }) => organizationId);
      for (const [organizationId, connections] of all) rows.set(organizationId, { keys: [], connections });
      return rows;
    },
    async loadOne(key) {
      if (key === PLATFORM) return { keys: await readSealingKeys(db), connections: [] };
      const connections = await selectConnections(db, key);
      return connections.length === 0 ? null : { keys: [], connections };
    },
    build(rows, previous, changed) {
      const keys = toSealingKeys(rows.get(PLATFORM)?.keys ?? []);
      const index = new Map<string, ReadonlyMap<string, OpenConnection>>();
      for (const [organizationId, { connections }] of rows) {
        if (organizationId === PLATFORM) continue;
        const known =
          changed?.has(organizationId) || changed?.has(PLATFORM) ? undefined : previous?.get(organizationId);
        index.set(organizationId, known ?? openAll(connections));
      }
      return index;

      function openAll(connections: readonly StoredConnection[]): ReadonlyMap<string, OpenConnection> {
        const open = new Map<string, OpenConnection>();
        for (const stored of connections) {
          const connection = openConnection(keys, stored);
          if (connection) open.set(stored.id, connection);
          else logger.error({ connectionId: stored.id }, 'the secrets of an alert connection cannot be opened');
        }
        return open;
      }
    },
  };
}
