import type { Database } from '../../storage/database.ts';
import { insertSecretOnce, selectSecrets } from '../../storage/platform-secrets.ts';
import { PLATFORM, type SnapshotDefinition } from '../../storage/snapshot.ts';
import { newSecret } from '../../support/ids.ts';
import { type DataKey, dataKey } from './seal-subject.ts';

type KeyRows = { number: number; secret: string }[];

const SECRET_PREFIX = 'additional-data-key-';

/** The keys of references to Additional Data, on disk too; the last one seals. Any number of nodes may make the first one. */
export function dataKeySnapshotDefinition(database: Database): SnapshotDefinition<KeyRows, readonly DataKey[]> {
  async function load(): Promise<KeyRows> {
    const secrets = await selectSecrets(database.db, SECRET_PREFIX);
    return secrets
      .map(({ name, value }) => ({ number: Number(name.slice(SECRET_PREFIX.length)), secret: value }))
      .sort((a, b) => a.number - b.number);
  }
  return {
    name: 'additional-data-keys',
    version: 1,
    kinds: [],
    async loadAll() {
      await insertSecretOnce(database.db, `${SECRET_PREFIX}1`, newSecret());
      return new Map([[PLATFORM, await load()]]);
    },
    loadOne: () => load(),
    build: (rows) =>
      (rows.get(PLATFORM) ?? []).map(({ number, secret }) => dataKey(number, Buffer.from(secret, 'base64url'))),
  };
}
