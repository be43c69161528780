import type { Database } from '../../storage/database.ts';
import { insertSecretOnce, selectSecrets } from '../../storage/platform-secrets.ts';
import { PLATFORM, type SnapshotDefinition } from '../../storage/snapshot.ts';
import { newSecret } from '../../support/ids.ts';
import { type LinkKey, linkKey } from './seal-link.ts';

type KeyRows = { number: number; secret: string }[];

const SECRET_PREFIX = 'incident-link-key-';

/** The keys of links in messages, on disk too; the last one seals. Any number of nodes may make the first one. */
export function linkKeySnapshotDefinition(database: Database): SnapshotDefinition<KeyRows, readonly LinkKey[]> {
  async function load(): Promise<KeyRows> {
    const secrets = await selectSecrets(database.db, SECRET_PREFIX);
    return secrets
      .map(({ name, value }) => ({ number: Number(name.slice(SECRET_PREFIX.length)), secret: value }))
      .sort((a, b) => a.number - b.number);
  }
  return {
    name: 'incident-link-keys',
    version: 1,
    kinds: [],
    async loadAll() {
      await insertSecretOnce(database.db, `${SECRET_PREFIX}1`, newSecret());
      return new Map([[PLATFORM, await load()]]);
    },
    loadOne: () => load(),
    build: (rows) =>
      (rows.get(PLATFORM) ?? []).map(({ number, secret }) => linkKey(number, Buffer.from(secret, 'base64url'))),
  };
}
