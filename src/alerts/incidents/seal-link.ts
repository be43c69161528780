import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ALERT_LANGUAGES, type AlertLanguage } from '../../domain/alert-trigger.ts';
import { sha256Hex } from '../../support/ids.ts';
import { deriveKey } from '../../support/keyed-hash.ts';
import { fillRandom } from '../../support/random-pool.ts';
import { type AlertEndpoint, endpointKey } from '../alert-endpoint.ts';

/** What a link in a message lets its reader do, and who that is. */
export type IncidentLink = {
  /** UUID. */
  incidentId: string;
  action: LinkAction;
  language: AlertLanguage;
  /** Whole seconds since the epoch. */
  expiresSeconds: number;
  /** Of the endpoint that the message went to; 12 hexadecimal digits. */
  endpointTag: string;
  /** What receipts show of the recipient; cut at 60 bytes. */
  label: string;
};

const LINK_ACTIONS = ['acknowledge', 'resolve'] as const;
export type LinkAction = (typeof LINK_ACTIONS)[number];

/** One key, and the number, 0 to 255, under which links name it. */
export type LinkKey = { number: number; key: Buffer };

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UUID_BYTES = 16;
const ENDPOINT_BYTES = 6;
const FLAGS_BYTES = 1;
const EXPIRES_BYTES = 4;
const HEAD_BYTES = FLAGS_BYTES + EXPIRES_BYTES + UUID_BYTES + ENDPOINT_BYTES;
const LABEL_BYTES = 60;
const LANGUAGE_BIT = 0x02;
const ACTION_BIT = 0x01;
const MAX_TEXT = 200;
const BASE64URL = /^[\w-]+$/;

export function linkKey(number: number, secret: Uint8Array): LinkKey {
  return { number, key: deriveKey(secret, 'incidents: link') };
}

/** The same text for the same endpoint; tells nothing of it. */
export function endpointTagOf(endpoint: AlertEndpoint): string {
  return sha256Hex(endpointKey(endpoint)).slice(0, ENDPOINT_BYTES * 2);
}

/**
 * Seals a link into an unguessable text, short enough for an SMS; nothing is stored, every node that has the key opens it, also
 * after a restart. AES-256-GCM under a random nonce: far fewer are made under one key than it can bear.
 */
export function sealLink({ number, key }: LinkKey, link: IncidentLink): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = (link.action === 'resolve' ? ACTION_BIT : 0) | (link.language === 'fr' ? LANGUAGE_BIT : 0);
  head.writeUInt32BE(link.expiresSeconds, FLAGS_BYTES);
  head.write(link.incidentId.replaceAll('-', ''), FLAGS_BYTES + EXPIRES_BYTES, 'hex');
  head.write(link.endpointTag, HEAD_BYTES - ENDPOINT_BYTES, 'hex');
  const nonce = Buffer.alloc(NONCE_BYTES);
  fillRandom(nonce);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const plain = Buffer.concat([head, Buffer.from(cutToBytes(link.label), 'utf8')]);
  const hidden = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(number), nonce, hidden, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined for what was not made with one of the keys, or was changed on its way. Expired links open too. */
export function openLink(keys: readonly LinkKey[], text: string): IncidentLink | undefined {
  if (text.length > MAX_TEXT || !BASE64URL.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const key = keys.find(({ number }) => number === bytes[0]);
  const plainBytes = bytes.length - 1 - NONCE_BYTES - TAG_BYTES;
  if (!key || plainBytes < HEAD_BYTES || bytes.toString('base64url') !== text) return undefined;
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
  const incident = FLAGS_BYTES + EXPIRES_BYTES;
  return {
    action: LINK_ACTIONS[bits & ACTION_BIT] ?? 'acknowledge',
    language: ALERT_LANGUAGES[(bits & LANGUAGE_BIT) === 0 ? 0 : 1],
    expiresSeconds: plain.readUInt32BE(FLAGS_BYTES),
    incidentId: uuidOf(plain.toString('hex', incident, incident + UUID_BYTES)),
    endpointTag: plain.toString('hex', incident + UUID_BYTES, HEAD_BYTES),
    label: plain.toString('utf8', HEAD_BYTES),
  };
}

function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whole characters only. */
function cutToBytes(text: string): string {
  let cut = '';
  let bytes = 0;
  for (const character of text.toWellFormed()) {
    bytes += Buffer.byteLength(character);
    if (bytes > LABEL_BYTES) return cut;
    cut += character;
  }
  return cut;
}
