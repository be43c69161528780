import type { CallAttempt } from '../../domain/call-record.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import {
  headerValue,
  NO_BODY,
  prependHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../../wire/sip/message.ts';
import { readNameAddr, readNameAddrs, readTag } from '../../wire/sip/name-addr.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { readUri } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';
import type { EndSession } from '../end-unwanted-session.ts';
import type { OwnAddress } from '../own-address.ts';
import type { ResolveDestination } from '../resolve-destination.ts';
import type { ServiceNumber } from '../service-number.ts';
import type { CallTimers } from '../timers.ts';
import type { ClientTransaction, ServerTransaction, TransactionLayer } from '../transactions/transaction.ts';
import { addressTo } from './edit-headers.ts';

export type ForwardDeps = {
  layer: Pick<TransactionLayer, 'sendRequest'>;
  ownAddress: OwnAddress;
  resolve: ResolveDestination;
  endSession: EndSession;
  clock: Clock;
  logger: Logger;
  timers: CallTimers;
};

export type ForwardInput = {
  /** The INVITE with its common edits, not yet addressed. */
  request: SipRequest;
  service: ServiceNumber;
  candidates: readonly [Candidate, ...Candidate[]];
  transaction: ServerTransaction;
  /** To-tag of responses that we make ourselves. */
  localTag: string;
};

export type ForwardResult = {
  outcome: 'answered' | 'abandoned' | 'failed';
  /** The destination that answered. */
  answeredBy: Candidate | null;
  /** To tag of its answer. */
  calleeTag?: string | undefined;
  attempts: readonly CallAttempt[];
  /** What the caller was told in the end. */
  status: number;
  reason: string;
};

export type Forwarding = {
  /** The caller hangs up before an answer (RFC 3261 §16.10). */
  cancel(): void;
  readonly result: Promise<ForwardResult>;
};

const MAX_REDIRECTS = 3;
const CANCELLED_ELSEWHERE: SipHeader = { name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' };

/** One destination that is being tried. */
type Branch = {
  candidate: Candidate;
  attempt: CallAttempt;
  startedMs: number;
  transaction: ClientTransaction | null;
  /** Waiting for its answer before the next is tried. */
  isCurrent: boolean;
  /** No final response has come yet. */
  isPending: boolean;
  /** A first 100 has come, or a later provisional response. */
  isTrying: boolean;
  isLastResort: boolean;
  stopTimer: () => void;
};

/**
 * Tries the destinations one after the other until one answers (RFC 3261 §16.6 and §16.7, sequentially). A destination that
 * stays silent, cannot be reached or refuses is passed over; at the end the relay centre is tried once more, as long as SIP
 * allows. The first 2xx wins, whoever sends it; every other session is acknowledged and ended (decision 20).
 */
export function forward(deps: ForwardDeps, input: ForwardInput): Forwarding {
  const { layer, ownAddress, resolve, endSession, clock, logger, timers } = deps;
  const { service, transaction, localTag } = input;
  let { request } = input;
  const vias = transaction.request.headers.filter(isVia);
  const branches: Branch[] = [];
  const responses: SipResponse[] = [];
  const queue: { candidate: Candidate; isLastResort: boolean }[] = [
    ...input.candidates.map((candidate) => ({ candidate, isLastResort: false })),
    { candidate: lastResort(input.candidates), isLastResort: true },
  ];
  let redirects = 0;
  let winner: { branch: Branch; tag: string | undefined } | undefined;
  let isCancelled = false;
  let isFinished = false;
  let stopCancelTimer = (): void => undefined;
  const { promise, resolve: settle } = Promise.withResolvers<ForwardResult>();

  function finish(result: Omit<ForwardResult, 'attempts'>): void {
    if (isFinished) return;
    isFinished = true;
    stopCancelTimer();
    // Late answers are waited for much longer than the call is set up: no body is kept for them.
    request = { ...request, body: NO_BODY };
    for (const branch of branches) if (!branch.isPending) branch.transaction = null;
    settle({ ...result, attempts: branches.map(({ attempt }) => ({ ...attempt })) });
  }

  function note(branch: Branch, outcome: CallAttempt['outcome'], status: number | null = branch.attempt.status): void {
    branch.attempt = {
      ...branch.attempt,
      outcome,
      status,
      durationMs: Math.round(clock.monotonicMs() - branch.startedMs),
    };
  }

  function tryNext(): void {
    if (isFinished || isCancelled) return;
    const next = queue.shift();
    if (!next) {
      const best = bestResponse(responses);
      transaction.respond(
        best ? forCaller(best) : createResponse(transaction.request, 408, undefined, { toTag: localTag }),
      );
      const status = best?.status ?? 408;
      finish({ outcome: 'failed', answeredBy: null, status, reason: 'no destination took the call' });
      return;
    }
    const { candidate, isLastResort } = next;
    const branch: Branch = {
      candidate,
      attempt: { uri: candidate.uri, name: candidate.name, outcome: 'ringing', status: null, durationMs: 0 },
      startedMs: clock.monotonicMs(),
      transaction: null,
      isCurrent: true,
      isPending: true,
      isTrying: false,
      isLastResort,
      stopTimer: () => undefined,
    };
    branches.push(branch);
    resolve(candidate.uri)
      .then((targets) => send(branch, targets))
      .catch((error: unknown) => {
        logger.warn({ err: errorText(error), uri: candidate.uri }, 'calls: destination cannot be called');
        fail(branch, 'unreachable');
      });
  }

  function send(branch: Branch, targets: readonly SipTarget[]): void {
    const [target, ...others] = targets;
    if (isFinished || isCancelled || !target) return fail(branch, 'unreachable');
    let outgoing = addressTo(request, service, branch.candidate);
    for (const value of ownAddress.recordRoutes(transaction.flow, target)) {
      outgoing = prependHeader(outgoing, 'Record-Route', value);
    }
    // The last resort gets all the time that SIP allows: after it there is nothing.
    if (!branch.isLastResort) passOverAfter(branch, branch.candidate.silenceMs);
    branch.transaction = layer.sendRequest(outgoing, target, {
      onResponse: (response, flow) => onResponse(branch, response, flow),
      onTimeout: () => fail(branch, 'silent', 408),
      onTransportError(error) {
        logger.warn({ err: error.message, uri: branch.candidate.uri }, 'calls: destination cannot be reached');
        // RFC 3261 §18.1.1: what no datagram can hold goes over TCP.
        const isTooLarge = error instanceof ProblemError && error.kind === 'too-large' && target.protocol === 'udp';
        const rest = isTooLarge ? [{ ...target, protocol: 'tcp' } as const, ...others] : others;
        if (rest.length > 0 && branch.isCurrent && !isFinished) send(branch, rest);
        else fail(branch, 'unreachable', null);
      },
    });
  }

  function passOverAfter(branch: Branch, delayMs: number): void {
    branch.stopTimer();
    branch.stopTimer = clock.after(delayMs, () => {
      if (isFinished || !branch.isCurrent) return;
      note(branch, 'silent');
      branch.transaction?.cancel();
      leave(branch);
    });
  }

  /** Goes on to the next destination, once per branch; a late answer of this one still counts. */
  function leave(branch: Branch): void {
    branch.stopTimer();
    if (!branch.isCurrent) return;
    branch.isCurrent = false;
    tryNext();
  }

  function fail(branch: Branch, outcome: 'unreachable' | 'silent' | 'refused', status: number | null = null): void {
    branch.isPending = false;
    branch.stopTimer();
    if (isFinished) return;
    if (branch.isCurrent) note(branch, isCancelled ? 'cancelled' : outcome, status);
    if (isCancelled) return finishCancel();
    leave(branch);
  }

  function onResponse(branch: Branch, response: SipResponse, flow: SipFlow): void {
    const { status } = response;
    if (!isOfSameCall(response, request)) {
      logger.warn({ status, uri: branch.candidate.uri }, 'calls: a response names another call; it counts as silence');
      return;
    }
    if (status >= 300) return onRefusal(branch, response);
    if (status >= 200) return onAnswer(branch, response, flow);
    if (!branch.isCurrent || isFinished || isCancelled) return;
    if (status > 100) {
      // RFC 3261 §16.7 step 2: every provisional response but 100 begins timer C anew.
      passOverAfter(branch, timers.ringingMs);
      note(branch, 'ringing', status);
      transaction.respond(forCaller(response));
    } else if (!branch.isTrying) passOverAfter(branch, timers.tryingMs);
    branch.isTrying = true;
  }

  function onRefusal(branch: Branch, response: SipResponse): void {
    if (winner || isFinished) {
      branch.isPending = false;
      return;
    }
    if (branch.isCurrent) {
      responses.push(response);
      if (response.status < 400) followRedirect(branch.candidate, response);
    }
    fail(branch, 'refused', response.status);
  }

  function followRedirect(candidate: Candidate, response: SipResponse): void {
    const targets: typeof queue = [];
    for (const { uri } of readNameAddrs(response, 'Contact')) {
      if (redirects >= MAX_REDIRECTS || !/^sips?:/i.test(uri)) continue;
      redirects++;
      targets.push({
        candidate: { ...candidate, uri, reason: `${candidate.name} redirected the call` },
        isLastResort: false,
      });
    }
    queue.unshift(...targets);
  }

  function onAnswer(branch: Branch, response: SipResponse, flow: SipFlow): void {
    const tag = readTag(response, 'To');
    branch.isPending = false;
    branch.stopTimer();
    if (winner) {
      if (winner.branch === branch && winner.tag === tag) transaction.respond(forCaller(response));
      else endSession(response, flow);
      return;
    }
    // The caller has been told that the call is over: nobody would talk to this PSAP.
    if (isFinished) return endSession(response, flow);
    winner = { branch, tag };
    branch.isCurrent = false;
    queue.length = 0;
    transaction.respond(forCaller(response));
    note(branch, 'answered', response.status);
    for (const other of branches) {
      if (other === branch || !other.isPending) continue;
      other.stopTimer();
      if (other.isCurrent) note(other, 'cancelled');
      other.isCurrent = false;
      other.transaction?.cancel([CANCELLED_ELSEWHERE]);
    }
    finish({
      outcome: 'answered',
      answeredBy: branch.candidate,
      calleeTag: tag,
      status: response.status,
      reason: `${branch.candidate.name} answered`,
    });
  }

  function finishCancel(): void {
    if (isFinished || branches.some((branch) => branch.isPending && branch.isCurrent && branch.transaction)) return;
    transaction.respond(createResponse(transaction.request, 487, undefined, { toTag: localTag }));
    finish({ outcome: 'abandoned', answeredBy: null, status: 487, reason: 'the caller hung up before an answer' });
  }

  /**
   * RFC 3261 §16.7 step 3: our Via goes. The others are those of the request, whatever became of them on the way: without
   * them the caller would not hear of its answer.
   */
  function forCaller(response: SipResponse): SipResponse {
    return { ...response, headers: [...vias, ...response.headers.filter((header) => !isVia(header))] };
  }

  tryNext();

  return {
    result: promise,
    cancel() {
      if (isFinished || isCancelled) return;
      isCancelled = true;
      for (const branch of branches) {
        branch.stopTimer();
        if (!branch.isPending) continue;
        if (branch.isCurrent) note(branch, 'cancelled');
        if (branch.transaction) branch.transaction.cancel();
        else branch.isPending = false;
      }
      stopCancelTimer = clock.after(timers.cancelMs, () => {
        for (const branch of branches) branch.isPending = false;
        finishCancel();
      });
      finishCancel();
    },
  };
}

function lastResort(candidates: readonly [Candidate, ...Candidate[]]): Candidate {
  return candidates.findLast(({ kind }) => kind === 'relay') ?? candidates[0];
}

function isVia({ name }: SipHeader): boolean {
  return name === 'Via';
}

/** Whether a response can be of this call: the headers by which the caller will match it are there and readable. */
function isOfSameCall(response: SipResponse, request: SipRequest): boolean {
  const to = headerValue(response, 'To');
  return (
    headerValue(response, 'Call-ID') === headerValue(request, 'Call-ID') &&
    headerValue(response, 'From') !== undefined &&
    to !== undefined &&
    (to.startsWith(headerValue(request, 'To') ?? ' ') || readUri(readNameAddr(to)?.uri ?? '') !== undefined)
  );
}

/**
 * RFC 3261 §16.7 step 6: a 6xx, else the lowest class, redirections that were followed last; a 503 would say that we are out
 * of service, so it becomes 500.
 */
function bestResponse(responses: readonly SipResponse[]): SipResponse | undefined {
  const rank = ({ status }: SipResponse): number => (status >= 600 ? 0 : status < 400 ? 1000 : status);
  let best: SipResponse | undefined;
  for (const response of responses) if (!best || rank(response) < rank(best)) best = response;
  return best?.status === 503 ? { ...best, status: 500, reason: 'Server Internal Error' } : best;
}
