import { createHash, hash, randomUUID, timingSafeEqual } from 'node:crypto';
import { fillRandom } from './random-pool.ts';

/** A random UUID (version 4), the key of every stored thing. */
export function newId(): string {
  return randomUUID();
}

/** `byteCount` unguessable bytes (at most 1,024) as base64url. */
export function newSecret(byteCount = 32): string {
  const bytes = Buffer.allocUnsafe(byteCount);
  fillRandom(bytes);
  return bytes.toString('base64url');
}

/** SHA-256 as lower-case hex: how opaque tokens and generated secrets rest (never for passwords). */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** Compares two texts in a time that does not depend on where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = createHash('sha256').update(a, 'utf8').digest();
  const right = createHash('sha256').update(b, 'utf8').digest();
  return timingSafeEqual(left, right);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}
