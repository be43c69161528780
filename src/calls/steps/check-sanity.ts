import { headerValue, type SipRequest } from '../../wire/sip/message.ts';
import type { Candidate } from '../decision.ts';
import { loopMark, ownMarks } from '../loop-mark.ts';
import type { TransactionLayer } from '../transactions/transaction.ts';

export type Sanity =
  | { reject: { status: number; reason: string } }
  | {
      choice: string;
      reason: string;
      /** Marks of the times that the call passed here before. */
      passages: readonly string[];
    };

/** A call that passed here so often goes round, whatever changes about it on the way. */
const MAX_PASSAGES = 5;
export const LOOP = { status: 482, reason: 'Loop Detected' };

/**
 * The only step that may refuse an emergency call (RFC 3261 §16.3), and it does so in one case: the call goes round. Refusing it
 * lets the passage before go on to its next destination. Everything else is forgiven: used-up Max-Forwards are renewed (a loop
 * is caught by its Via), Proxy-Require is not asked.
 */
export function checkSanity(request: SipRequest, layer: Pick<TransactionLayer, 'isOwnBranch'>): Sanity {
  const passages = ownMarks(request, layer);
  if (passages.length >= MAX_PASSAGES) return { reject: LOOP };
  const forgiven: string[] = [];
  const maxForwards = headerValue(request, 'Max-Forwards');
  if (maxForwards !== undefined && !(Number(maxForwards) >= 2)) {
    forgiven.push(`Max-Forwards ${maxForwards.slice(0, 20)} renewed`);
  }
  const required = headerValue(request, 'Proxy-Require');
  if (required !== undefined) forgiven.push(`Proxy-Require ${required.slice(0, 60)} not asked`);
  if (passages.length > 0) forgiven.push('the call passed here before and goes another way now');
  return {
    choice: 'accepted',
    reason: forgiven.length === 0 ? 'nothing to object to' : forgiven.join('; '),
    passages,
  };
}

/**
 * Whether a call that passed here before would go the same way again: then it is a loop, else a spiral, which is allowed
 * (RFC 3261 §16.3 step 4, RFC 5393 §4.2). `request` has the common edits.
 */
export function goesRound(passages: readonly string[], request: SipRequest, destination: Candidate): boolean {
  return passages.length > 0 && passages.includes(loopMark(request, destination.uri));
}
