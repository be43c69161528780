import type { Logger } from '../../support/logger.ts';
import type { SipTarget } from '../../transport/sip-flow.ts';
import { headerValue, type SipHeader, type SipRequest, type SipResponse, setHeader } from '../../wire/sip/message.ts';
import { readNameAddr, readTag } from '../../wire/sip/name-addr.ts';
import { readUri } from '../../wire/sip/uri.ts';
import type { DestinationHealth } from '../destination-health.ts';
import type { EndSession } from '../end-unwanted-session.ts';
import type { SilentTargets } from '../silent-targets.ts';
import type { ClientHandlers, ServerTransaction } from '../transactions/transaction.ts';

/** A destination of a call that is settled. */
export type LateDestination = {
  /** That of the caller. */
  transaction: ServerTransaction;
  uri: string;
  /** The address that it was sent to. */
  target: SipTarget;
  /** The answer that the caller was given, when it came from this destination. */
  answer: { tag: string | undefined } | null;
  /** Whether the caller gets its own From back. */
  restoresFrom: boolean;
};

/**
 * What becomes of answers when a call is settled: the one that the caller has is passed on again (RFC 6026 §7.2), the session of
 * any other is ended (decision 20). They are waited for 64*T1, and thousands of calls with them: what stands here holds nothing of
 * what set the call up.
 */
export function createLateHandlers(
  deps: {
    endSession: EndSession;
    health: Pick<DestinationHealth, 'answered'>;
    silentTargets: Pick<SilentTargets, 'answered'>;
    logger: Logger;
  },
  { transaction, uri, target, answer, restoresFrom }: LateDestination,
): ClientHandlers {
  return {
    onResponse(response, flow) {
      const { request } = transaction;
      if (!isOfSameCall(response, request)) {
        deps.logger.warn({ status: response.status, uri }, 'calls: a late response names another call');
        return;
      }
      deps.health.answered(uri, response);
      deps.silentTargets.answered(target);
      if (response.status < 200 || response.status >= 300) return;
      if (answer === null || answer.tag !== readTag(response, 'To')) return deps.endSession(response, flow);
      const from = restoresFrom ? headerValue(request, 'From') : undefined;
      transaction.respond(responseForCaller(response, request.headers.filter(isVia), from));
    },
    onTimeout: () => undefined,
    onTransportError: (error) =>
      deps.logger.warn({ err: error.message, uri }, 'calls: a settled call cannot reach a destination'),
  };
}

export function isVia({ name }: SipHeader): boolean {
  return name === 'Via';
}

/**
 * RFC 3261 §16.7 step 3: our Via goes. The others are those of the request, whatever became of them on the way: without
 * them the caller would not hear of its answer. `from` stands in for a From that the caller would not know.
 */
export function responseForCaller(
  response: SipResponse,
  vias: readonly SipHeader[],
  from: string | undefined,
): SipResponse {
  const answer = { ...response, headers: [...vias, ...response.headers.filter((header) => !isVia(header))] };
  return from === undefined ? answer : setHeader(answer, 'From', from);
}

/** Whether a response can be of this call: the headers by which the caller will match it are there and readable. */
export function isOfSameCall(response: SipResponse, request: SipRequest): boolean {
  const to = headerValue(response, 'To');
  return (
    headerValue(response, 'Call-ID') === headerValue(request, 'Call-ID') &&
    headerValue(response, 'From') !== undefined &&
    to !== undefined &&
    (to.startsWith(headerValue(request, 'To') ?? ' ') || readUri(readNameAddr(to)?.uri ?? '') !== undefined)
  );
}
