import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deriveKey } from '../../support/keyed-hash.ts';

/** One key, and the number, 0 to 255, under which sealed texts name it. */
export type SealingKey = { number: number; key: Buffer };

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function sealingKey(number: number, secret: Uint8Array): SealingKey {
  return { number, key: deriveKey(secret, 'alert connections: secrets') };
}

/**
 * Seals what a connection must keep to itself, as JSON, into text. AES-256-GCM under a random nonce, bound to the connection's
 * id, so that what one organization sealed cannot be put into a row of another. Rows, backups of one table and logs of
 * statements then hold nothing that opens a gateway.
 */
export function sealSecrets({ number, key }: SealingKey, connectionId: string, secrets: object): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(connectionId));
  const hidden = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(number), nonce, hidden, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined for what was not sealed for this connection with one of the keys. */
export function openSecrets(keys: readonly SealingKey[], connectionId: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  const key = keys.find(({ number }) => number === bytes[0]);
  if (!key || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key.key, bytes.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(connectionId));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    // The tag does not fit: another connection's, or changed.
    return undefined;
  }
  return JSON.parse(plain.toString('utf8')) as unknown;
}
