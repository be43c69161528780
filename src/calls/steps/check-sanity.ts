import { headerValue, headerValues, type SipRequest } from '../../wire/sip/message.ts';
import { readVia, viaBranch } from '../../wire/sip/via.ts';
import type { TransactionLayer } from '../transactions/transaction.ts';

export type Sanity = { reject: { status: number; reason: string } } | { choice: string; reason: string };

/**
 * The only step that may refuse an emergency call (RFC 3261 §16.3), and it does so in one case: the call passed here
 * before, which a Via tells by its branch; its address alone could be somebody else's behind a NAT. Refusing it lets the
 * first passage go on to its next destination. Everything else is forgiven: used-up Max-Forwards are renewed (a loop is
 * caught by its Via), Proxy-Require is not asked.
 */
export function checkSanity(request: SipRequest, layer: Pick<TransactionLayer, 'isOwnBranch'>): Sanity {
  const hasPassedHere = headerValues(request, 'Via').some((value) => {
    const via = readVia(value);
    return via !== undefined && layer.isOwnBranch(viaBranch(via) ?? '');
  });
  if (hasPassedHere) return { reject: { status: 482, reason: 'Loop Detected' } };
  const forgiven: string[] = [];
  const maxForwards = headerValue(request, 'Max-Forwards');
  if (maxForwards !== undefined && !(Number(maxForwards) >= 2)) {
    forgiven.push(`Max-Forwards ${maxForwards.slice(0, 20)} renewed`);
  }
  const required = headerValue(request, 'Proxy-Require');
  if (required !== undefined) forgiven.push(`Proxy-Require ${required.slice(0, 60)} not asked`);
  return {
    choice: 'accepted',
    reason: forgiven.length === 0 ? 'nothing to object to' : forgiven.join('; '),
  };
}
