import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import type { LocationTarget } from './located-device.ts';

/** What a location reference says, readable by us alone. */
export type SealedReference = {
  organizationId: string;
  target: LocationTarget;
  /** Whole seconds since the epoch. */
  expiresSeconds: number;
};

/** A key of 32 bytes and the number under which references name it. */
export type ReferenceKey = { number: number; secret: Buffer };

const TARGET_KINDS = ['erl', 'building', 'location'] as const;
const SALT_BYTES = 16;
const UUID_BYTES = 16;
const PLAIN_BYTES = 1 + UUID_BYTES + UUID_BYTES + 4;
const TAG_BYTES = 16;
const SEALED_BYTES = 1 + SALT_BYTES + PLAIN_BYTES + TAG_BYTES;
const TEXT_LENGTH = Math.ceil((SEALED_BYTES * 4) / 3);

// Every reference has a key of its own, derived from a random salt, so the nonce may stand still; with random nonces one
// key would be worn out after four thousand million references (NIST SP 800-38D §8.3).
const NONCE = Buffer.alloc(12);

function messageKey(key: ReferenceKey, salt: Uint8Array): Buffer {
  return createHmac('sha256', key.secret).update(salt).digest();
}

function uuidOf(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Seals who and what into an unguessable text of 94 characters (AES-256-GCM). Nothing is stored: every node that has the
 * key opens it, also after a restart (RFC 5985 §6.5.1, RFC 6753 §4.1: authorization by possession).
 */
export function sealReference(key: ReferenceKey, { organizationId, target, expiresSeconds }: SealedReference): string {
  const plain = Buffer.alloc(PLAIN_BYTES);
  plain[0] = TARGET_KINDS.indexOf(target.kind);
  plain.write(organizationId.replaceAll('-', ''), 1, 'hex');
  plain.write(target.id.replaceAll('-', ''), 1 + UUID_BYTES, 'hex');
  plain.writeUInt32BE(expiresSeconds, 1 + 2 * UUID_BYTES);
  const sealed = Buffer.alloc(SEALED_BYTES);
  sealed[0] = key.number;
  const salt = randomFillSync(sealed, 1, SALT_BYTES).subarray(1, 1 + SALT_BYTES);
  const cipher = createCipheriv('aes-256-gcm', messageKey(key, salt), NONCE);
  cipher.setAAD(sealed.subarray(0, 1));
  cipher.update(plain).copy(sealed, 1 + SALT_BYTES);
  cipher.final();
  cipher.getAuthTag().copy(sealed, 1 + SALT_BYTES + PLAIN_BYTES);
  return sealed.toString('base64url');
}

/** The part of a reference by which it can be revoked; undefined when the text cannot be a reference. */
export function referenceId(text: string): string | undefined {
  const sealed = readBytes(text);
  return sealed?.toString('base64url', 1, 1 + SALT_BYTES);
}

const BASE64URL = /^[\w-]+$/;

function readBytes(text: string): Buffer | undefined {
  if (text.length !== TEXT_LENGTH || !BASE64URL.test(text)) return undefined;
  const sealed = Buffer.from(text, 'base64url');
  // One reference has one text: the spare bits of the last character must be zero.
  return sealed.length === SEALED_BYTES && sealed.toString('base64url') === text ? sealed : undefined;
}

/** Opens a reference; undefined when it was not made with one of the keys or was changed on its way. */
export function openReference(keys: readonly ReferenceKey[], text: string): SealedReference | undefined {
  const sealed = readBytes(text);
  const key = sealed && keys.find((one) => one.number === sealed[0]);
  if (sealed === undefined || key === undefined) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', messageKey(key, sealed.subarray(1, 1 + SALT_BYTES)), NONCE, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(sealed.subarray(0, 1));
  decipher.setAuthTag(sealed.subarray(1 + SALT_BYTES + PLAIN_BYTES));
  const plain = decipher.update(sealed.subarray(1 + SALT_BYTES, 1 + SALT_BYTES + PLAIN_BYTES));
  try {
    decipher.final();
  } catch {
    // The tag does not match: not ours, or tampered with.
    return undefined;
  }
  const kind = TARGET_KINDS[plain[0] ?? -1];
  if (kind === undefined) return undefined;
  return {
    organizationId: uuidOf(plain, 1),
    target: { kind, id: uuidOf(plain, 1 + UUID_BYTES) },
    expiresSeconds: plain.readUInt32BE(1 + 2 * UUID_BYTES),
  };
}
