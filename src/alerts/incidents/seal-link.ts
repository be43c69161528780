import { timingSafeEqual } from 'node:crypto';
import { ALERT_LANGUAGES, type AlertLanguage } from '../../domain/alert-trigger.ts';
import { sha256Hex } from '../../support/ids.ts';
import { createKeyedHash, deriveKey, type KeyedHash } from '../../support/keyed-hash.ts';
import { createKeystreams, type Keystreams } from '../../support/keystreams.ts';
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

/** The keys made of one secret, and the number, 0 to 255, under which links name it. */
export type LinkKey = {
  number: number;
  keystreams: Keystreams;
  /** Of everything before the tag. */
  tag: KeyedHash;
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const UUID_BYTES = 16;
const ENDPOINT_BYTES = 6;
const FLAGS_BYTES = 1;
const EXPIRES_BYTES = 4;
const HEAD_BYTES = FLAGS_BYTES + EXPIRES_BYTES + UUID_BYTES + ENDPOINT_BYTES;
const LABEL_BYTES = 60;
const NONCE_AT = 1;
const PLAIN_AT = NONCE_AT + NONCE_BYTES;
const LABEL_AT = PLAIN_AT + HEAD_BYTES;
const LANGUAGE_BIT = 0x02;
const ACTION_BIT = 0x01;
const MAX_TEXT = 200;
const BASE64URL = /^[\w-]+$/;

export function linkKey(number: number, secret: Uint8Array): LinkKey {
  return {
    number,
    keystreams: createKeystreams(deriveKey(secret, 'incidents: link keystream'), {
      nonceBytes: NONCE_BYTES,
      maxBytes: HEAD_BYTES + LABEL_BYTES,
    }),
    tag: createKeyedHash('sha256', deriveKey(secret, 'incidents: link tag')),
  };
}

/** The same text for the same endpoint; tells nothing of it. */
export function endpointTagOf(endpoint: AlertEndpoint): string {
  return sha256Hex(endpointKey(endpoint)).slice(0, ENDPOINT_BYTES * 2);
}

/**
 * Seals a link into an unguessable text, short enough for an SMS; nothing is stored, every node that has the key opens it, also
 * after a restart. AES-256 in counter mode under a random nonce hides the content, HMAC-SHA-256 over all of it, cut to 128 bits,
 * authenticates it: encrypt-then-MAC with one key for each.
 */
export function sealLink({ number, keystreams, tag }: LinkKey, link: IncidentLink): string {
  const label = cutToBytes(link.label);
  const tagAt = LABEL_AT + Buffer.byteLength(label);
  const sealed = Buffer.allocUnsafe(tagAt + TAG_BYTES);
  sealed[0] = number;
  sealed[PLAIN_AT] = (link.action === 'resolve' ? ACTION_BIT : 0) | (link.language === 'fr' ? LANGUAGE_BIT : 0);
  sealed.writeUInt32BE(link.expiresSeconds, PLAIN_AT + FLAGS_BYTES);
  sealed.write(link.incidentId.replaceAll('-', ''), PLAIN_AT + FLAGS_BYTES + EXPIRES_BYTES, 'hex');
  sealed.write(link.endpointTag, LABEL_AT - ENDPOINT_BYTES, 'hex');
  sealed.write(label, LABEL_AT, 'utf8');
  keystreams.hide(sealed, { nonceAt: NONCE_AT, plainAt: PLAIN_AT, end: tagAt });
  sealed.write(tag(sealed.subarray(0, tagAt)), tagAt, TAG_BYTES, 'latin1');
  return sealed.toString('base64url');
}

/** The plain text of a sealed link; undefined where the tag does not fit. */
function open({ keystreams, tag }: LinkKey, bytes: Buffer): Buffer | undefined {
  const tagAt = bytes.length - TAG_BYTES;
  const expected = Buffer.from(tag(bytes.subarray(0, tagAt)).slice(0, TAG_BYTES), 'latin1');
  if (!timingSafeEqual(expected, bytes.subarray(tagAt))) return undefined;
  const shown = Buffer.from(bytes);
  keystreams.show(shown, { nonceAt: NONCE_AT, plainAt: PLAIN_AT, end: tagAt });
  return shown.subarray(PLAIN_AT, tagAt);
}

/** Undefined for what was not made with one of the keys, or was changed on its way. Expired links open too. */
export function openLink(keys: readonly LinkKey[], text: string): IncidentLink | undefined {
  if (text.length > MAX_TEXT || !BASE64URL.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const key = keys.find(({ number }) => number === bytes[0]);
  const plainBytes = bytes.length - PLAIN_AT - TAG_BYTES;
  if (!key || plainBytes < HEAD_BYTES || plainBytes > HEAD_BYTES + LABEL_BYTES) return undefined;
  // The last character has bits to spare: only one way to write a link is ours.
  if (bytes.toString('base64url') !== text) return undefined;
  const plain = open(key, bytes);
  if (!plain) return undefined;
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
