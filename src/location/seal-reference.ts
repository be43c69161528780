import { timingSafeEqual } from 'node:crypto';
import { createKeyedHash, deriveKey, type KeyedHash } from '../support/keyed-hash.ts';
import { createKeystreams, type Keystreams } from '../support/keystreams.ts';
import type { LocatingRule, LocationTarget } from './located-device.ts';

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

/** The keys made of one secret of 32 bytes, and the number, 0 to 255, under which references name it. */
export type ReferenceKey = {
  number: number;
  keystreams: Keystreams;
  /** Of everything before the tag. */
  tag: KeyedHash;
};

// References outlive a release: kinds and rules are only ever added, at the end.
const TARGET_KINDS = ['erl', 'building', 'location', 'number-address', 'location-address', 'device-address'] as const;
const RULE_NUMBERS: Readonly<Record<LocatingRule, number>> = {
  'switch-port': 1,
  'switch-chassis': 2,
  bssid: 3,
  mac: 4,
  'ip-range': 5,
  number: 6,
  'site-default': 7,
  'device-override': 8,
  'bssid-mask': 9,
  'device-address': 10,
};
const NUMBERED_RULES = new Map(Object.entries(RULE_NUMBERS).map(([rule, number]) => [number, rule as LocatingRule]));
const NONCE_BYTES = 16;
const UUID_BYTES = 16;
// Kind and rule in one byte, two ids, expiry, and the lifetime up to it.
const LIFETIME_BYTES = 3;
const EXPIRY_AT = 1 + UUID_BYTES + UUID_BYTES;
const LIFETIME_AT = EXPIRY_AT + 4;
const PLAIN_BYTES = LIFETIME_AT + LIFETIME_BYTES;
const TAG_BYTES = 16;
const NONCE_AT = 1;
const PLAIN_AT = NONCE_AT + NONCE_BYTES;
const TAG_AT = PLAIN_AT + PLAIN_BYTES;
const SEALED_BYTES = TAG_AT + TAG_BYTES;
const LAYOUT = { nonceAt: NONCE_AT, plainAt: PLAIN_AT, end: TAG_AT } as const;
const TEXT_LENGTH = Math.ceil((SEALED_BYTES * 4) / 3);

export function referenceKey(number: number, secret: Uint8Array): ReferenceKey {
  return {
    number,
    keystreams: createKeystreams(deriveKey(secret, 'location reference: keystream'), {
      nonceBytes: NONCE_BYTES,
      maxBytes: PLAIN_BYTES,
    }),
    tag: createKeyedHash('sha256', deriveKey(secret, 'location reference: tag')),
  };
}

const HYPHEN = 45;

function hexDigit(code: number): number {
  return code <= 57 ? code - 48 : (code | 32) - 87;
}

function writeUuid(bytes: Buffer, at: number, uuid: string): void {
  let to = at;
  for (let from = 0; from < uuid.length; from += 2) {
    if (uuid.charCodeAt(from) === HYPHEN) from += 1;
    bytes[to] = (hexDigit(uuid.charCodeAt(from)) << 4) | hexDigit(uuid.charCodeAt(from + 1));
    to += 1;
  }
}

function uuidOf(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + UUID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Seals who and what into an unguessable text of 98 characters. Nothing is stored: every node that has the key opens it, also
 * after a restart (RFC 5985 §6.5.1, RFC 6753 §4.1: authorization by possession). AES-256 in counter
 * mode under a random nonce hides the content, HMAC-SHA-256 over all of it, cut to 128 bits, authenticates it:
 * encrypt-then-MAC with one key for each.
 */
export function sealReference(
  key: ReferenceKey,
  { organizationId, target, rule, issuedSeconds, expiresSeconds }: SealedReference,
): string {
  const sealed = Buffer.allocUnsafe(SEALED_BYTES);
  sealed[0] = key.number;
  const ruleNumber = rule === null ? 0 : RULE_NUMBERS[rule];
  sealed[PLAIN_AT] = TARGET_KINDS.indexOf(target.kind) + (ruleNumber << 4);
  writeUuid(sealed, PLAIN_AT + 1, organizationId);
  writeUuid(sealed, PLAIN_AT + 1 + UUID_BYTES, target.id);
  sealed.writeUInt32BE(expiresSeconds, PLAIN_AT + EXPIRY_AT);
  sealed.writeUIntBE(expiresSeconds - issuedSeconds, PLAIN_AT + LIFETIME_AT, LIFETIME_BYTES);
  key.keystreams.hide(sealed, LAYOUT);
  sealed.write(key.tag(sealed.subarray(0, TAG_AT)), TAG_AT, TAG_BYTES, 'latin1');
  return sealed.toString('base64url');
}

const BASE64URL = /^[\w-]+$/;

function readBytes(text: string): Buffer | undefined {
  if (text.length !== TEXT_LENGTH || !BASE64URL.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // The last character has bits to spare: only one way to write a reference is ours.
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** The part of a reference by which it can be revoked; undefined when the text cannot be a reference. */
export function referenceId(text: string): string | undefined {
  return readBytes(text)?.toString('base64url', NONCE_AT, PLAIN_AT);
}

/** Opens a reference; undefined when it was not made with one of the keys or was changed on its way. */
export function openReference(keys: readonly ReferenceKey[], text: string): SealedReference | undefined {
  const sealed = readBytes(text);
  const key = sealed && keys.find((one) => one.number === sealed[0]);
  if (sealed === undefined || key === undefined) return undefined;
  const tag = Buffer.from(key.tag(sealed.subarray(0, TAG_AT)).slice(0, TAG_BYTES), 'latin1');
  if (!timingSafeEqual(tag, sealed.subarray(TAG_AT))) return undefined;
  key.keystreams.show(sealed, LAYOUT);
  const plain = sealed.subarray(PLAIN_AT, TAG_AT);
  const kindAndRule = plain[0] ?? 0xff;
  const kind = TARGET_KINDS[kindAndRule & 0xf];
  if (kind === undefined) return undefined;
  const expiresSeconds = plain.readUInt32BE(EXPIRY_AT);
  return {
    organizationId: uuidOf(plain, 1),
    target: { kind, id: uuidOf(plain, 1 + UUID_BYTES) },
    rule: NUMBERED_RULES.get(kindAndRule >> 4) ?? null,
    issuedSeconds: expiresSeconds - plain.readUIntBE(LIFETIME_AT, LIFETIME_BYTES),
    expiresSeconds,
  };
}
