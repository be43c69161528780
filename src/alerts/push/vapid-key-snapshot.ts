import type { Database } from '../../storage/database.ts';
import { insertSecretOnce, selectSecrets } from '../../storage/platform-secrets.ts';
import { PLATFORM, type SnapshotDefinition } from '../../storage/snapshot.ts';
import { newVapidSecret, type VapidKey, vapidKey } from './vapid-key.ts';

const SECRET_NAME = 'push-vapid-key-1';

/**
 * The key pair of the platform, on disk too. Browsers are subscribed for this one alone, so that it is made once and stays;
 * any number of nodes may make it.
 */
export function vapidKeySnapshotDefinition(database: Database): SnapshotDefinition<string, VapidKey | undefined> {
  async function load(): Promise<string | null> {
    const stored = await selectSecrets(database.db, SECRET_NAME);
    return stored.find(({ name }) => name === SECRET_NAME)?.value ?? null;
  }
  return {
    name: 'push-key',
    version: 1,
    kinds: [],
    async loadAll() {
      await insertSecretOnce(database.db, SECRET_NAME, newVapidSecret());
      const secret = await load();
      return new Map(secret === null ? [] : [[PLATFORM, secret]]);
    },
    loadOne: () => load(),
    build(rows) {
      const secret = rows.get(PLATFORM);
      return secret === undefined ? undefined : vapidKey(secret);
    },
  };
}
