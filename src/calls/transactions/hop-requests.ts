import { cseqOf } from '../../wire/sip/cseq.ts';
import {
  headerValue,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  topValue,
} from '../../wire/sip/message.ts';

/** Copied from the INVITE into requests that end at the next hop (RFC 3261 §9.1, §17.1.1.3). */
const COPIED_HEADERS: ReadonlySet<string> = new Set(['Route', 'From', 'Call-ID', 'Max-Forwards']);

function hopRequest(invite: SipRequest, method: string, to: string, extras: readonly SipHeader[]): SipRequest {
  const headers: SipHeader[] = [{ name: 'Via', value: topValue(invite, 'Via') ?? '' }];
  for (const header of invite.headers) if (COPIED_HEADERS.has(header.name)) headers.push(header);
  headers.push({ name: 'To', value: to }, { name: 'CSeq', value: `${cseqOf(invite)?.sequence ?? 0} ${method}` });
  headers.push(...extras);
  return { kind: 'request', method, uri: invite.uri, headers, body: NO_BODY };
}

/** The ACK to a final response that is not 2xx: To, with its tag, from the response (RFC 3261 §17.1.1.3). */
export function createAck(invite: SipRequest, response: SipResponse): SipRequest {
  return hopRequest(invite, 'ACK', headerValue(response, 'To') ?? headerValue(invite, 'To') ?? '', []);
}

/** The CANCEL of an INVITE that was sent: same Via, To without tag (RFC 3261 §9.1). */
export function createCancel(invite: SipRequest, extras: readonly SipHeader[]): SipRequest {
  return hopRequest(invite, 'CANCEL', headerValue(invite, 'To') ?? '', extras);
}
