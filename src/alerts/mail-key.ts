import { sha256Hex } from '../support/ids.ts';

const KEY_LENGTH = 40;

/**
 * The key of a mail: hash of what it is about, its recipient and its kind (decision 18). Equal on every attempt, path, node
 * and start, so that whoever finds it knows what was sent.
 */
export function mailKey(subjectId: string, recipient: string, kind: string): string {
  return sha256Hex(JSON.stringify([kind, subjectId, recipient.toLowerCase()])).slice(0, KEY_LENGTH);
}

/** The `Message-ID` of a mail (RFC 5322 §3.6.4), in the sender's domain. */
export function messageIdOf(key: string, mailFrom: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(mailFrom)?.[1];
  return `<${key}@${domain ?? 'localhost'}>`;
}
