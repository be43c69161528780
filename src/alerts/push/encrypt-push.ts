import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';

/** Where a browser wants its messages, and the keys that only it can read with (Push API `PushSubscription.toJSON()`). */
export type PushTarget = {
  /** The push resource (RFC 8030 §2): an https URL that whoever knows it may send to. */
  endpoint: string;
  /** The browser's public key: an uncompressed point of P-256, base64url (RFC 8291 §3.1). */
  p256dh: string;
  /** The authentication secret of 16 octets, base64url (RFC 8291 §3.2). */
  auth: string;
};

/** What is random about one encryption; tests give that of the RFC's example. */
export type PushRandom = { salt: Uint8Array; privateKey: Uint8Array };

const CURVE = 'prime256v1';
const RECORD_SIZE = 4_096;
const POINT_BYTES = 65;
const TAG_BYTES = 16;
/** RFC 8188 §2.1: salt, record size, length of the key id, and the sender's public key as key id (RFC 8291 §4). */
const HEADER_BYTES = 16 + 4 + 1 + POINT_BYTES;
/** RFC 8188 §2: of the last record, and the only one here. */
const LAST_RECORD = Buffer.of(2);

/** The most that fits into the 4,096 octets that every push service takes (RFC 8291 §4, RFC 8030 §7.2). */
export const MAX_PUSH_BYTES = RECORD_SIZE - HEADER_BYTES - LAST_RECORD.length - TAG_BYTES;

function derive(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}

/**
 * Encrypts a message for one browser: content coding `aes128gcm` (RFC 8188 §2) under a key agreed with it (RFC 8291 §3), in one
 * record. Throws when the keys of the target are none, or for more than `MAX_PUSH_BYTES`.
 */
export function encryptPush(target: PushTarget, plain: Uint8Array, random?: PushRandom): Buffer {
  if (plain.length > MAX_PUSH_BYTES) throw new RangeError(`a push message of more than ${MAX_PUSH_BYTES} bytes`);
  const salt = random?.salt ?? randomBytes(16);
  const pair = createECDH(CURVE);
  const senderPublic = random ? (pair.setPrivateKey(random.privateKey), pair.getPublicKey()) : pair.generateKeys();
  const receiverPublic = Buffer.from(target.p256dh, 'base64url');
  // Refuses what is no point of the curve.
  const shared = pair.computeSecret(receiverPublic);
  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), receiverPublic, senderPublic]);
  const secret = derive(shared, Buffer.from(target.auth, 'base64url'), keyInfo, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const header = Buffer.alloc(HEADER_BYTES - POINT_BYTES);
  header.set(salt);
  header.writeUInt32BE(RECORD_SIZE, 16);
  header.writeUInt8(POINT_BYTES, 20);
  const hidden = [cipher.update(plain), cipher.update(LAST_RECORD), cipher.final()];
  return Buffer.concat([header, senderPublic, ...hidden, cipher.getAuthTag()]);
}

/** Whether a key is a point of P-256 that a message can be encrypted for. */
export function isPushKey(p256dh: string): boolean {
  const point = Buffer.from(p256dh, 'base64url');
  if (point.length !== POINT_BYTES || point[0] !== 4) return false;
  const pair = createECDH(CURVE);
  pair.generateKeys();
  try {
    pair.computeSecret(point);
    return true;
  } catch {
    // Not on the curve.
    return false;
  }
}
