import type { SipFlow } from '../../transport/sip-flow.ts';
import { headerValue, type SipRequest } from '../../wire/sip/message.ts';
import type { OwnAddress } from '../own-address.ts';

export type Sanity = { reject: { status: number; reason: string } } | { choice: string; reason: string };

/**
 * The only step that may refuse an emergency call (RFC 3261 §16.3), and it does so in one case: the call passed here
 * before. Refusing it lets the first passage go on to its next destination. Everything else is forgiven: used-up
 * Max-Forwards are renewed (a loop is caught by its Via), Proxy-Require is not asked.
 */
export function checkSanity(request: SipRequest, flow: SipFlow, ownAddress: OwnAddress): Sanity {
  if (ownAddress.hasPassedHere(request, flow)) return { reject: { status: 482, reason: 'Loop Detected' } };
  const forgiven: string[] = [];
  const maxForwards = headerValue(request, 'Max-Forwards');
  if (maxForwards !== undefined && Number(maxForwards) < 2) forgiven.push(`Max-Forwards ${maxForwards} renewed`);
  const required = headerValue(request, 'Proxy-Require');
  if (required !== undefined) forgiven.push(`Proxy-Require ${required.slice(0, 60)} not asked`);
  return {
    choice: 'accepted',
    reason: forgiven.length === 0 ? 'nothing to object to' : forgiven.join('; '),
  };
}
