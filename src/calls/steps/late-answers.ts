import type { Logger } from '../../support/logger.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import { headerValue, type SipHeader, type SipRequest, type SipResponse, setHeader } from '../../wire/sip/message.ts';
import { readNameAddr, readTag } from '../../wire/sip/name-addr.ts';
import { readUri } from '../../wire/sip/uri.ts';
import type { DestinationHealth } from '../destination-health.ts';
import type { EndSession } from '../end-unwanted-session.ts';
import type { SilentTargets } from '../silent-targets.ts';
import type { ClientHandlers, InviteRemains } from '../transactions/transaction.ts';

/** A destination of a call that is settled. */
export type LateDestination = {
  /** What is left of the caller's INVITE. */
  caller: InviteRemains;
  uri: string;
  /** The address that it was sent to. */
  target: SipTarget;
  /** The answer that the caller was given, when it came from this destination. */
  answer: { tag: string | undefined } | null;
  /** Whether the caller gets its own From back. */
  restoresFrom: boolean;
};

export type LateAnswersDeps = {
  endSession: EndSession;
  health: Pick<DestinationHealth, 'answered'>;
  silentTargets: Pick<SilentTargets, 'answered'>;
  logger: Logger;
};

/**
 * What becomes of answers when a call is settled: the one that the caller has is passed on again (RFC 6026 §7.2), the session of
 * any other is ended (decision 20). They are waited for 64*T1, and thousands of calls with them: what stands here holds nothing of
 * what set the call up, and is an object or two for the garbage collector to pass.
 */
export class LateAnswers implements ClientHandlers {
  readonly #deps: LateAnswersDeps;
  readonly #caller: InviteRemains;
  readonly #uri: string;
  readonly #target: SipTarget;
  readonly #isAnswer: boolean;
  readonly #tag: string | undefined;
  readonly #restoresFrom: boolean;

  constructor(deps: LateAnswersDeps, { caller, uri, target, answer, restoresFrom }: LateDestination) {
    this.#deps = deps;
    this.#caller = caller;
    this.#uri = uri;
    this.#target = target;
    this.#isAnswer = answer !== null;
    this.#tag = answer?.tag;
    this.#restoresFrom = restoresFrom;
  }

  onResponse(response: SipResponse, flow: SipFlow): void {
    const { request } = this.#caller;
    const { status } = response;
    if (!isOfSameCall(response, request)) {
      this.#deps.logger.warn({ status, uri: this.#uri }, 'calls: a late response names another call');
      return;
    }
    this.#deps.health.answered(this.#uri, response);
    this.#deps.silentTargets.answered(this.#target);
    if (status < 200 || status >= 300) return;
    if (!this.#isAnswer || this.#tag !== readTag(response, 'To')) return this.#deps.endSession(response, flow);
    const from = this.#restoresFrom ? headerValue(request, 'From') : undefined;
    this.#caller.respond(responseForCaller(response, request.headers.filter(isVia), from));
  }

  onTimeout(): void {
    // The caller has its answer, and nobody waits for another.
  }

  onTransportError(error: Error): void {
    this.#deps.logger.warn({ err: error.message, uri: this.#uri }, 'calls: a settled call cannot reach a destination');
  }
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
