import { headerValues, type SipRequest } from '../wire/sip/message.ts';
import { readNameAddrs } from '../wire/sip/name-addr.ts';
import { readVia, viaBranch } from '../wire/sip/via.ts';
import type { TransactionLayer } from './transactions/transaction.ts';

/** Between the random part of a branch and its mark. */
const SEPARATOR = '.';

/**
 * What tells a loop from a spiral (RFC 3261 §16.3 step 4, RFC 5393 §4.2): everything by which the way of a call is chosen, the
 * destination that it led to and the locations it conveys, hashed into the branch of our Via.
 */
export function loopMark(request: SipRequest, destinationUri: string): string {
  // FNV-1a, 32 bits: it tells the passages of one call apart, and an accident only costs a destination its turn.
  let hash = 0x811c9dc5;
  const locations = readNameAddrs(request, 'Geolocation').map(({ uri }) => uri);
  for (const text of new Set([destinationUri, ...locations])) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0x0a, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** A branch that carries the mark. */
export function markedBranch(branch: string, mark: string): string {
  return `${branch}${SEPARATOR}${mark}`;
}

/** The marks that this element put on the call when it passed here before; a Via tells by its branch, not by its address. */
export function ownMarks(request: SipRequest, layer: Pick<TransactionLayer, 'isOwnBranch'>): string[] {
  const marks: string[] = [];
  for (const value of headerValues(request, 'Via')) {
    const via = readVia(value);
    const branch = (via && viaBranch(via)) ?? '';
    if (!layer.isOwnBranch(branch)) continue;
    marks.push(branch.slice(branch.lastIndexOf(SEPARATOR) + 1));
  }
  return marks;
}
