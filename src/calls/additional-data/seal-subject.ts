import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { LocationSource } from '../../domain/call-record.ts';
import { deriveKey } from '../../support/keyed-hash.ts';

/** Whom and what a reference to Additional Data is about, readable by us alone. */
export type DataSubject = {
  /** null: the organization of the call was not known. */
  organizationId: string | null;
  /** Number or extension by which the organization knows the caller; null where it does not. */
  caller: string | null;
  mobility: 'Fixed' | 'Nomadic' | 'Unknown';
  /** How the location of the call was found; null: the reference does not tell. */
  locatedBy: LocatedBy | null;
  /** The caller asked for privacy. */
  privacyRequested: boolean;
  /** Whole seconds since the epoch. */
  expiresSeconds: number;
};

export type LocatedBy = LocationSource | 'nothing';

/** One key, and the number, 0 to 255, under which references name it. */
export type DataKey = { number: number; key: Buffer };

/** Three bits; a zero is that of references made before they told it. */
const LOCATED_BY = [
  null,
  'nothing',
  'conveyed-value',
  'conveyed-reference',
  'device',
  'elin',
  'number',
  'default',
] as const satisfies readonly (LocatedBy | null)[];
const LOCATED_BY_SHIFT = 5;
const MOBILITIES = ['Fixed', 'Nomadic', 'Unknown'] as const;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UUID_BYTES = 16;
const HEAD_BYTES = 5;
const MAX_CALLER = 32;
const MAX_TEXT = 200;
const PRIVACY_BIT = 0x10;
const BASE64URL = /^[\w-]+$/;

export function dataKey(number: number, secret: Uint8Array): DataKey {
  return { number, key: deriveKey(secret, 'additional data: reference') };
}

/**
 * Seals a subject into an unguessable text of some 80 characters; nothing is stored, every node that has the key opens it, also
 * after a restart. AES-256-GCM under a random nonce: far fewer are made under one key than it can bear.
 */
export function sealSubject({ number, key }: DataKey, subject: DataSubject): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] =
    MOBILITIES.indexOf(subject.mobility) |
    (subject.privacyRequested ? PRIVACY_BIT : 0) |
    (LOCATED_BY.indexOf(subject.locatedBy) << LOCATED_BY_SHIFT);
  head.writeUInt32BE(subject.expiresSeconds, 1);
  const organization = Buffer.from(
    (subject.organizationId ?? '').replaceAll('-', '').padEnd(UUID_BYTES * 2, '0'),
    'hex',
  );
  const caller = Buffer.from((subject.caller ?? '').slice(0, MAX_CALLER), 'utf8');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const hidden = Buffer.concat([cipher.update(Buffer.concat([head, organization, caller])), cipher.final()]);
  return Buffer.concat([Buffer.of(number), nonce, hidden, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined for what was not made with one of the keys, or was changed on its way. */
export function openSubject(keys: readonly DataKey[], text: string): DataSubject | undefined {
  if (text.length > MAX_TEXT || !BASE64URL.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const key = keys.find(({ number }) => number === bytes[0]);
  const plainBytes = bytes.length - 1 - NONCE_BYTES - TAG_BYTES;
  if (!key || plainBytes < HEAD_BYTES + UUID_BYTES || bytes.toString('base64url') !== text) return undefined;
  const decipher = createDecipheriv(CIPHER, key.key, bytes.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  let plain: Buffer;
  try {
    const hidden = bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES);
    plain = Buffer.concat([decipher.update(hidden), decipher.final()]);
  } catch {
    // The tag does not fit: not ours.
    return undefined;
  }
  const bits = plain[0] ?? 0;
  return {
    organizationId: uuidOf(plain.toString('hex', HEAD_BYTES, HEAD_BYTES + UUID_BYTES)),
    caller: plain.toString('utf8', HEAD_BYTES + UUID_BYTES) || null,
    mobility: MOBILITIES[bits & 0xf] ?? 'Unknown',
    locatedBy: LOCATED_BY[bits >> LOCATED_BY_SHIFT] ?? null,
    privacyRequested: (bits & PRIVACY_BIT) !== 0,
    expiresSeconds: plain.readUInt32BE(1),
  };
}

function uuidOf(hex: string): string | null {
  if (/^0+$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
