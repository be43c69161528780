import { sha256Hex } from '../../support/ids.ts';
import { type AlertEndpoint, endpointKey } from '../alert-endpoint.ts';

const KEY_LENGTH = 40;

/**
 * The key of a message: hash of what it is about, where it goes and what kind it is (decision 18). Equal on every attempt, path,
 * node and start, so that whoever finds it knows what was sent.
 */
export function messageKey(subjectId: string, endpoint: AlertEndpoint, kind: string): string {
  // What tells that a call started was called so before there were other moments; its keys must not change.
  const hashedKind = kind === 'call-started' ? 'call-alert' : kind;
  return sha256Hex(JSON.stringify([hashedKind, subjectId, endpointKey(endpoint)])).slice(0, KEY_LENGTH);
}

/** The `Message-ID` of a mail (RFC 5322 §3.6.4), in the sender's domain. */
export function messageIdOf(key: string, mailFrom: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(mailFrom)?.[1];
  return `<${key}@${domain ?? 'localhost'}>`;
}
