import type { OpenConnection } from './alert-connection.ts';
import type { StoredConnection } from './connection-records.ts';
import { openSecrets, type SealingKey, sealSecrets } from './seal-secrets.ts';

/** What was stored, with its secrets; undefined where no key opens them. */
export function openConnection(
  keys: readonly SealingKey[],
  { sealedSecrets, ...connection }: StoredConnection,
): OpenConnection | undefined {
  const secrets = openSecrets(keys, connection.id, sealedSecrets);
  return secrets === undefined ? undefined : ({ ...connection, secrets } as OpenConnection);
}

/** As it is stored. */
export function closeConnection(
  keys: readonly SealingKey[],
  { secrets, ...connection }: OpenConnection,
): StoredConnection {
  const key = keys.at(-1);
  if (key === undefined) throw new Error('there is no key to seal with');
  return { ...connection, sealedSecrets: sealSecrets(key, connection.id, secrets) };
}
