import { appendHeader, headerValues, removeHeader, type SipRequest, type SipResponse } from '../../wire/sip/message.ts';
import { createResponse } from '../../wire/sip/responses.ts';

/** 4xx that tell the caller how to try again, so that they are better than others (RFC 3261 §16.7 step 6). */
const RETRYABLE: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);
const CHALLENGES = ['WWW-Authenticate', 'Proxy-Authenticate'];

function rank(status: number): number {
  if (status >= 600) return 0;
  return Math.floor(status / 100) * 10 + (RETRYABLE.has(status) ? 0 : 1);
}

function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}

/**
 * What the caller is told when every destination was tried in vain (RFC 3261 §16.7 steps 6 and 7): a 6xx, else the lowest class;
 * a challenge carries those of every destination; a 503 would say that we are out of service, so it becomes 500, as does an
 * INVITE that could not be sent anywhere (§16.9). Without any response: 408.
 */
export function bestResponse(
  request: SipRequest,
  responses: readonly SipResponse[],
  facts: { wasUnreachable: boolean; localTag: string },
): SipResponse {
  let best: SipResponse | undefined;
  for (const response of responses) if (!best || rank(response.status) < rank(best.status)) best = response;
  if (!best) return createResponse(request, facts.wasUnreachable ? 500 : 408, undefined, { toTag: facts.localTag });
  if (best.status === 503)
    return { ...removeHeader(best, 'Retry-After'), status: 500, reason: 'Server Internal Error' };
  return isChallenge(best) ? withEveryChallenge(best, responses) : best;
}

function withEveryChallenge(best: SipResponse, responses: readonly SipResponse[]): SipResponse {
  let merged = best;
  for (const other of responses) {
    if (other === best || !isChallenge(other)) continue;
    for (const name of CHALLENGES) {
      for (const value of headerValues(other, name)) merged = appendHeader(merged, name, value);
    }
  }
  return merged;
}
