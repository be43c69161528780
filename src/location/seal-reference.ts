import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { BoundedMap } from '../support/bounded-map.ts';
import { fillRandom } from '../support/random-pool.ts';
import { LOCATING_RULES, type LocatingRule, type LocationTarget } from './located-device.ts';

/** What a location reference says, readable by us alone. */
export type SealedReference = {
  organizationId: string;
  target: LocationTarget;
  /** How the device was found; null when the platform itself put a place on a call. */
  rule: LocatingRule | null;
  /** Whole seconds since the epoch: when the device was found. */
  issuedSeconds: number;
  /** Whole seconds since the epoch. */
  expiresSeconds: number;
};

/** A key of 32 bytes and the number, 0 to 255, under which references name it. */
export type ReferenceKey = {
  number: number;
  /** The key that seals now, and the salt it was derived with. */
  current(): { salt: Buffer; key: KeyObject };
  derived(salt: Buffer): KeyObject;
};

const TARGET_KINDS = ['erl', 'building', 'location'] as const;
const SALT_BYTES = 12;
const NONCE_BYTES = 12;
const UUID_BYTES = 16;
// Kind and rule in one byte, two ids, expiry, and the lifetime up to it.
const LIFETIME_BYTES = 3;
const EXPIRY_AT = 1 + UUID_BYTES + UUID_BYTES;
const LIFETIME_AT = EXPIRY_AT + 4;
const PLAIN_BYTES = LIFETIME_AT + LIFETIME_BYTES;
const TAG_BYTES = 16;
const NONCE_AT = 1 + SALT_BYTES;
const PLAIN_AT = NONCE_AT + NONCE_BYTES;
const TAG_AT = PLAIN_AT + PLAIN_BYTES;
const SEALED_BYTES = TAG_AT + TAG_BYTES;
const TEXT_LENGTH = (SEALED_BYTES * 4) / 3;

// One key with random nonces is worn out after 2^32 references (NIST SP 800-38D §8.3), which is days for a busy platform;
// so each process derives a new one after this many.
const REFERENCES_PER_KEY = 2 ** 24;
const DERIVED_KEYS_KEPT = 1_000;

export function referenceKey(number: number, secret: Uint8Array): ReferenceKey {
  const master = createSecretKey(secret);
  const known = new BoundedMap<string, KeyObject>(DERIVED_KEYS_KEPT);
  let uses = REFERENCES_PER_KEY;
  let salt = Buffer.alloc(SALT_BYTES);
  let key = master;

  function derived(from: Buffer): KeyObject {
    const name = from.toString('latin1');
    let found = known.get(name);
    if (found === undefined) {
      found = createSecretKey(createHmac('sha256', master).update(from).digest());
      known.set(name, found);
    }
    return found;
  }

  return {
    number,
    derived,
    current() {
      if (uses >= REFERENCES_PER_KEY) {
        salt = Buffer.alloc(SALT_BYTES);
        fillRandom(salt);
        key = derived(salt);
        uses = 0;
      }
      uses += 1;
      return { salt, key };
    },
  };
}

function uuidOf(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Seals who and what into an unguessable text of 108 characters (AES-256-GCM). Nothing is stored: every node that has the
 * key opens it, also after a restart (RFC 5985 §6.5.1, RFC 6753 §4.1: authorization by possession).
 */
export function sealReference(
  reference: ReferenceKey,
  { organizationId, target, rule, issuedSeconds, expiresSeconds }: SealedReference,
): string {
  const { salt, key } = reference.current();
  const sealed = Buffer.alloc(SEALED_BYTES);
  sealed[0] = reference.number;
  salt.copy(sealed, 1);
  const nonce = sealed.subarray(NONCE_AT, PLAIN_AT);
  fillRandom(nonce);
  const plain = Buffer.alloc(PLAIN_BYTES);
  const ruleNumber = rule === null ? 0 : LOCATING_RULES.indexOf(rule) + 1;
  plain[0] = TARGET_KINDS.indexOf(target.kind) + (ruleNumber << 4);
  plain.write(organizationId.replaceAll('-', ''), 1, 'hex');
  plain.write(target.id.replaceAll('-', ''), 1 + UUID_BYTES, 'hex');
  plain.writeUInt32BE(expiresSeconds, EXPIRY_AT);
  plain.writeUIntBE(expiresSeconds - issuedSeconds, LIFETIME_AT, LIFETIME_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(sealed.subarray(0, 1));
  cipher.update(plain).copy(sealed, PLAIN_AT);
  cipher.final();
  cipher.getAuthTag().copy(sealed, TAG_AT);
  return sealed.toString('base64url');
}

const BASE64URL = /^[\w-]+$/;

function readBytes(text: string): Buffer | undefined {
  return text.length === TEXT_LENGTH && BASE64URL.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

/** The part of a reference by which it can be revoked; undefined when the text cannot be a reference. */
export function referenceId(text: string): string | undefined {
  return readBytes(text)?.toString('base64url', 1, PLAIN_AT);
}

/** Opens a reference; undefined when it was not made with one of the keys or was changed on its way. */
export function openReference(keys: readonly ReferenceKey[], text: string): SealedReference | undefined {
  const sealed = readBytes(text);
  const key = sealed && keys.find((one) => one.number === sealed[0]);
  if (sealed === undefined || key === undefined) return undefined;
  const derived = key.derived(sealed.subarray(1, NONCE_AT));
  const decipher = createDecipheriv('aes-256-gcm', derived, sealed.subarray(NONCE_AT, PLAIN_AT), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(sealed.subarray(0, 1));
  decipher.setAuthTag(sealed.subarray(TAG_AT));
  const plain = decipher.update(sealed.subarray(PLAIN_AT, TAG_AT));
  try {
    decipher.final();
  } catch {
    // The tag does not match: not ours, or tampered with.
    return undefined;
  }
  const kindAndRule = plain[0] ?? 0xff;
  const kind = TARGET_KINDS[kindAndRule & 0xf];
  if (kind === undefined) return undefined;
  const expiresSeconds = plain.readUInt32BE(EXPIRY_AT);
  return {
    organizationId: uuidOf(plain, 1),
    target: { kind, id: uuidOf(plain, 1 + UUID_BYTES) },
    rule: LOCATING_RULES[(kindAndRule >> 4) - 1] ?? null,
    issuedSeconds: expiresSeconds - plain.readUIntBE(LIFETIME_AT, LIFETIME_BYTES),
    expiresSeconds,
  };
}
