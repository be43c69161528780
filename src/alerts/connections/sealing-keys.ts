import type { Queryable } from '../../storage/database.ts';
import { insertSecretOnce, selectSecrets } from '../../storage/platform-secrets.ts';
import { newSecret } from '../../support/ids.ts';
import { type SealingKey, sealingKey } from './seal-secrets.ts';

/** As stored and kept on disk. */
export type SealingKeyRow = { number: number; secret: string };

const SECRET_PREFIX = 'alert-connections-key-';

/** The platform's keys for what connections keep to themselves; the last one seals. Any number of nodes may make the first one. */
export async function readSealingKeys(db: Queryable): Promise<SealingKeyRow[]> {
  await insertSecretOnce(db, `${SECRET_PREFIX}1`, newSecret());
  const secrets = await selectSecrets(db, SECRET_PREFIX);
  return secrets
    .map(({ name, value }) => ({ number: Number(name.slice(SECRET_PREFIX.length)), secret: value }))
    .sort((a, b) => a.number - b.number);
}

export function toSealingKeys(rows: readonly SealingKeyRow[]): SealingKey[] {
  return rows.map(({ number, secret }) => sealingKey(number, Buffer.from(secret, 'base64url')));
}
