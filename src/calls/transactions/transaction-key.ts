import { cseqOf } from '../../wire/sip/cseq.ts';
import { formatHostPort } from '../../wire/sip/host-port.ts';
import { headerValue, type SipRequest, topValue } from '../../wire/sip/message.ts';
import { readTag } from '../../wire/sip/name-addr.ts';
import { BRANCH_COOKIE, type Via, viaBranch } from '../../wire/sip/via.ts';

/**
 * What identifies the server transaction a request belongs to (RFC 3261 §17.2.3): branch, sent-by and method; for senders
 * without the magic cookie (RFC 2543) the fields that were used before. `method` is INVITE for an ACK and for what a CANCEL
 * cancels.
 */
export function serverTransactionKey(request: SipRequest, via: Via, method: string): string {
  const branch = viaBranch(via);
  if (branch?.startsWith(BRANCH_COOKIE) && branch.length > BRANCH_COOKIE.length) {
    // Joined, not written in one: such a text would keep the whole message for as long as the key is kept.
    return [branch, formatHostPort(via).toLowerCase(), method].join(' ');
  }
  const sequence = cseqOf(request)?.sequence;
  const callId = headerValue(request, 'Call-ID');
  return `${request.uri} ${readTag(request, 'From')} ${callId} ${sequence} ${topValue(request, 'Via')} ${method}`;
}

/** What identifies the client transaction a response belongs to (RFC 3261 §17.1.3). Our branches are unguessable. */
export function clientTransactionKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}
