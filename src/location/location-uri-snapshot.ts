import type { Database } from '../storage/database.ts';
import { insertSecretOnce, selectSecrets } from '../storage/platform-secrets.ts';
import { PLATFORM, type SnapshotDefinition } from '../storage/snapshot.ts';
import { newSecret } from '../support/ids.ts';
import { selectRevocations } from './location-uri-records.ts';
import { type ReferenceKey, referenceKey } from './seal-reference.ts';

/** Under the platform's key: the keys of references. Under an organization's: what it revoked. */
export type LocationUriRows = { keys: { number: number; secret: string }[]; revoked: string[] };

export type LocationUriIndex = {
  /** The last one seals. */
  keys: readonly ReferenceKey[];
  revoked: ReadonlyMap<string, ReadonlySet<string>>;
};

const SECRET_PREFIX = 'location-uri-key-';

/** Makes sure that there is a key; any number of nodes may do this at once. */
async function prepareLocationUriKey(database: Database): Promise<void> {
  await insertSecretOnce(database.db, `${SECRET_PREFIX}1`, newSecret());
}

async function loadKeys(database: Database): Promise<LocationUriRows> {
  const secrets = await selectSecrets(database.db, SECRET_PREFIX);
  const keys = secrets
    .map(({ name, value }) => ({ number: Number(name.slice(SECRET_PREFIX.length)), secret: value }))
    .sort((a, b) => a.number - b.number);
  return { keys, revoked: [] };
}

async function loadRevoked(database: Database, organizationId?: string): Promise<Map<string, LocationUriRows>> {
  const rows = new Map<string, LocationUriRows>();
  for (const { organizationId: id, referenceId } of await selectRevocations(database.db, organizationId)) {
    const one = rows.get(id) ?? { keys: [], revoked: [] };
    one.revoked.push(referenceId);
    rows.set(id, one);
  }
  return rows;
}

/** Keys and revocations on disk, so that location URIs resolve after a restart without the database. */
export function locationUriSnapshotDefinition(deps: {
  database: Database;
}): SnapshotDefinition<LocationUriRows, LocationUriIndex> {
  return {
    name: 'location-uris',
    version: 1,
    kinds: ['location-uris'],
    async loadAll() {
      await prepareLocationUriKey(deps.database);
      return (await loadRevoked(deps.database)).set(PLATFORM, await loadKeys(deps.database));
    },
    async loadOne(key) {
      if (key === PLATFORM) return loadKeys(deps.database);
      return (await loadRevoked(deps.database, key)).get(key) ?? null;
    },
    build(rows) {
      const keys = (rows.get(PLATFORM)?.keys ?? []).map(({ number, secret }) =>
        referenceKey(number, Buffer.from(secret, 'base64url')),
      );
      const revoked = new Map<string, ReadonlySet<string>>();
      for (const [organizationId, one] of rows) {
        if (organizationId !== PLATFORM) revoked.set(organizationId, new Set(one.revoked));
      }
      return { keys, revoked };
    },
  };
}
