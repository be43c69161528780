import type { CallAttempt } from '../../domain/call-record.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { goOnWith } from '../../support/now-or-later.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import {
  headerValue,
  headerValues,
  prependHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../../wire/sip/message.ts';
import { readTag } from '../../wire/sip/name-addr.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { describeLocationError } from '../call-remarks.ts';
import type { Candidate } from '../decision.ts';
import type { DestinationHealth } from '../destination-health.ts';
import type { EndSession } from '../end-unwanted-session.ts';
import type { CallSides } from '../live-calls.ts';
import { loopMark, markedBranch } from '../loop-mark.ts';
import type { OwnAddress } from '../own-address.ts';
import { byUdpInstead, findTargets, type PreferTcp } from '../prefer-tcp.ts';
import type { ResolveDestination } from '../resolve-destination.ts';
import type { ServiceNumber } from '../service-number.ts';
import type { SilentTargets } from '../silent-targets.ts';
import type { CallTimers } from '../timers.ts';
import type {
  ClientHandlers,
  ClientTransaction,
  ServerTransaction,
  TransactionLayer,
} from '../transactions/transaction.ts';
import { bestResponse } from './best-response.ts';
import { createDestinationQueue } from './destination-queue.ts';
import { bareCall, easedFor } from './ease-request.ts';
import { addressTo } from './edit-headers.ts';
import { isOfSameCall, isVia, LateAnswers, responseForCaller } from './late-answers.ts';

export type ForwardDeps = {
  layer: Pick<TransactionLayer, 'sendRequest' | 'newBranch'>;
  ownAddress: OwnAddress;
  resolve: ResolveDestination;
  preferTcp: PreferTcp;
  endSession: EndSession;
  health: Pick<DestinationHealth, 'answered' | 'unanswered'>;
  silentTargets: Pick<SilentTargets, 'answered' | 'unanswered'>;
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
  /** A call back to who made an emergency call: never diverted (RFC 6881 SP-35), and nobody stands in for who is called. */
  isCallback?: boolean;
  /** Told of every attempt so far when a destination is passed over. Must not throw. */
  onPassedOver?: ((attempts: readonly CallAttempt[]) => void) | undefined;
};

export type ForwardResult = {
  outcome: 'answered' | 'abandoned' | 'failed' | 'redirected';
  /** The destination that answered. */
  answeredBy: Candidate | null;
  /** To tag of its answer. */
  calleeTag?: string | undefined;
  /** Where the INVITE came from, and where it was answered. */
  sides?: CallSides | undefined;
  attempts: readonly CallAttempt[];
  /** What the caller was told in the end. */
  status: number;
  reason: string;
};

export type Forwarding = {
  /** The caller hangs up before an answer (RFC 3261 §16.10); `reasons` are those of its CANCEL (RFC 3326). */
  cancel(reasons?: readonly SipHeader[]): void;
  /**
   * The caller ends the early dialog with this To tag (RFC 3261 §15). When it has none other that goes on, and the destination says
   * that it ended the INVITE for that (487, §15.1.2), the caller has hung up, and nobody else is called.
   */
  callerSaysBye(calleeTag: string | undefined): void;
  readonly result: Promise<ForwardResult>;
};

const CANCELLED_ELSEWHERE: SipHeader = { name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' };
/** Of several addresses of one destination, each but the last may be silent for its part of the destination's time, at least so long. */
const MIN_SILENCE_MS = 1_000;
const MAX_EARLY_DIALOGS = 16;
const MAX_LOCATION_FAULTS = 4;

/** One destination that is being tried, at one of its addresses. */
type Branch = {
  candidate: Candidate;
  /** What it is sent, not yet addressed. */
  request: SipRequest;
  /** It refused the call before, and has it now without what it refused it for. */
  isEased: boolean;
  attempt: CallAttempt;
  startedMs: number;
  transaction: ClientTransaction | null;
  /** The address that it was sent to; null before that. */
  target: SipTarget | null;
  /** Addresses of the destination that are left. */
  others: readonly SipTarget[];
  /** The same address by UDP, where TCP is only taken for the size of the call: who says nothing by TCP may listen there. */
  byUdp: readonly SipTarget[];
  /** Waiting for its answer before the next is tried. */
  isCurrent: boolean;
  /** No final response has come yet. */
  isPending: boolean;
  /** A first 100 has come, or a later provisional response. */
  isTrying: boolean;
  isLastResort: boolean;
  /** When it first rang, and when it first queued the call, on the monotonic clock. */
  ringsSinceMs: number | null;
  queuesSinceMs: number | null;
  /** To tags of the early dialogs that the caller has been told of. */
  earlyTags: Set<string>;
  /** Those to which the caller has said BYE. */
  byeTags: Set<string>;
  stopTimer: () => void;
};

/**
 * Tries the destinations one after the other until one answers (RFC 3261 §16.6 and §16.7, sequentially). A destination that
 * stays silent, cannot be reached, refuses, rings or queues the call for longer than it may is passed over; at the end the relay
 * centre is tried once more, as long as SIP allows. The first 2xx wins, whoever sends it; every other session is acknowledged
 * and ended (decision 20).
 */
export function forward(deps: ForwardDeps, input: ForwardInput): Forwarding {
  const { layer, ownAddress, endSession, health, clock, logger, timers } = deps;
  const { service, transaction, localTag, isCallback = false } = input;
  const { request, onPassedOver } = input;
  const vias = transaction.request.headers.filter(isVia);
  // Changed where the trunk wants the callback number there: its answers get its own back (RFC 3261 §8.2.6.2).
  const received = headerValue(transaction.request, 'From');
  const from = received === headerValue(request, 'From') ? undefined : received;
  const wantsEndOfDialogs = wantsEarlyDialogEnds(transaction.request);
  const branches: Branch[] = [];
  const responses: SipResponse[] = [];
  const locationFaults = new Set<string>();
  /** What was left out of the call for whom. */
  const eased = new Set<string>();
  const queue = createDestinationQueue(input.candidates, { hasLastResort: !isCallback });
  let winner: { branch: Branch; tag: string | undefined } | undefined;
  let isCancelled = false;
  let isFinished = false;
  let stopCancelTimer = (): void => undefined;
  const { promise, resolve: settle } = Promise.withResolvers<ForwardResult>();

  function finish(result: Omit<ForwardResult, 'attempts'>): void {
    if (isFinished) return;
    isFinished = true;
    stopCancelTimer();
    leaveToLateAnswers();
    const reason = [result.reason, ...eased, ...locationFaults].join('; ');
    settle({ ...result, reason, attempts: branches.map(({ attempt }) => ({ ...attempt })) });
  }

  /** From now on nothing of this is needed: the transactions, which wait on for answers, let go of it. */
  function leaveToLateAnswers(): void {
    const caller = transaction.remains();
    for (const branch of branches) {
      const { candidate, target } = branch;
      if (!target) continue;
      const answer = winner?.branch === branch ? { tag: inOwnMemory(winner.tag) } : null;
      const late = { caller, uri: candidate.uri, target, answer, restoresFrom: from !== undefined };
      branch.transaction?.handOver(new LateAnswers(deps, late));
    }
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
    const next = queue.next();
    if (!next) return giveUp();
    const { candidate } = next;
    const bare = next.isLastResort && !next.request ? bareCall(request, refusalsOf(candidate)) : undefined;
    if (bare) eased.add(`${candidate.name} called once more without ${bare.leftOut}`);
    const branch: Branch = {
      candidate,
      request: next.request ?? bare?.request ?? request,
      isEased: next.request !== undefined,
      attempt: { uri: candidate.uri, name: candidate.name, outcome: 'ringing', status: null, durationMs: 0 },
      startedMs: clock.monotonicMs(),
      transaction: null,
      target: null,
      others: [],
      byUdp: [],
      isCurrent: true,
      isPending: true,
      isTrying: false,
      isLastResort: next.isLastResort,
      ringsSinceMs: null,
      queuesSinceMs: null,
      earlyTags: new Set(),
      byeTags: new Set(),
      stopTimer: () => undefined,
    };
    branches.push(branch);
    if (next.targets) return send(branch, next.targets);
    goOnWith(
      () => findTargets(deps, branch.request, candidate.uri),
      (targets) => send(branch, targets),
      (error) => {
        logger.warn({ err: errorText(error), uri: candidate.uri }, 'calls: destination cannot be called');
        fail(branch, 'unreachable');
      },
    );
  }

  /** With what statuses a destination refused the call so far. */
  function refusalsOf({ uri }: Candidate): number[] {
    return branches.flatMap(({ candidate, attempt }) =>
      candidate.uri === uri && attempt.outcome === 'refused' && attempt.status !== null ? [attempt.status] : [],
    );
  }

  function giveUp(): void {
    const wasUnreachable = branches.every(({ attempt }) => attempt.outcome === 'unreachable');
    const best = bestResponse(transaction.request, responses, { wasUnreachable, localTag });
    transaction.respond(forCaller(best));
    finish({ outcome: 'failed', answeredBy: null, status: best.status, reason: 'no destination took the call' });
  }

  function send(branch: Branch, [target, ...others]: readonly SipTarget[]): void {
    if (isFinished || isCancelled || !target) return fail(branch, 'unreachable');
    const { candidate } = branch;
    branch.target = target;
    branch.others = others;
    const byUdp = byUdpInstead(target);
    branch.byUdp = byUdp ? [byUdp] : [];
    let outgoing = addressTo(branch.request, service, candidate);
    for (const value of ownAddress.recordRoutes(transaction.flow, target)) {
      outgoing = prependHeader(outgoing, 'Record-Route', value);
    }
    // The last resort gets all the time that SIP allows, since after it there is nothing: timer B, and timer C from now on
    // (RFC 3261 §16.6 step 11).
    passOverAfter(branch, isLastChance(branch) ? timers.ringingMs : silenceOf(candidate, leftOf(branch).length));
    const handlers: ClientHandlers = {
      onResponse: (response: SipResponse, flow: SipFlow) => onResponse(branch, response, flow),
      onTimeout: () => fail(branch, 'silent', 408),
      onTransportError(error: Error) {
        logger.warn({ err: error.message, uri: candidate.uri }, 'calls: destination cannot be reached');
        // RFC 3261 §18.1.1: what no datagram can hold goes over TCP.
        const isTooLarge = error instanceof ProblemError && error.kind === 'too-large' && target.protocol === 'udp';
        const instead: SipTarget | undefined = isTooLarge ? { ...target, protocol: 'tcp' } : byUdp;
        if (instead && branch.isCurrent && !isFinished) send(branch, [instead, ...others]);
        else fail(branch, 'unreachable', null);
      },
    };
    const options = { branch: markedBranch(layer.newBranch(), loopMark(branch.request, candidate.uri)) };
    branch.transaction = layer.sendRequest(outgoing, target, handlers, options);
  }

  function passOverAfter(branch: Branch, delayMs: number): void {
    branch.stopTimer();
    branch.stopTimer = clock.after(delayMs, () => {
      if (isFinished || !branch.isCurrent) return;
      if (branch.attempt.status === null) {
        note(branch, 'silent');
        noteUnanswered(branch);
      } else note(branch, 'ringing');
      branch.attempt = { ...branch.attempt, deadlineMs: Math.round(delayMs) };
      branch.transaction?.cancel();
      leave(branch, branch.attempt.status === null ? leftOf(branch) : [], 408);
    });
  }

  /**
   * How long a destination may ring or queue the call: its own limit, counted from when it began, else timer C, which every
   * provisional response begins anew (RFC 3261 §16.7 step 2). The last resort knows timer C alone.
   */
  function progressLimitMs(branch: Branch, status: number): number {
    const { ringMs, queueMs } = branch.candidate;
    const nowMs = clock.monotonicMs();
    if (status === 182) branch.queuesSinceMs ??= nowMs;
    else branch.ringsSinceMs ??= nowMs;
    const [limitMs, sinceMs] = status === 182 ? [queueMs, branch.queuesSinceMs] : [ringMs, branch.ringsSinceMs];
    if (branch.isLastResort || limitMs === null) return timers.ringingMs;
    return Math.min(timers.ringingMs, Math.max(0, limitMs - (nowMs - (sinceMs ?? nowMs))));
  }

  /** A destination is silent when none of its addresses says anything. */
  function noteUnanswered(branch: Branch): void {
    const { candidate, isTrying, target } = branch;
    if (isTrying) return;
    if (target) deps.silentTargets.unanswered(target);
    if (leftOf(branch).length === 0) health.unanswered(candidate.uri);
  }

  /** Goes on to the next address or destination, once per branch; a late answer of this one still counts. */
  function leave(branch: Branch, targets: readonly SipTarget[], status: number): void {
    branch.stopTimer();
    if (!branch.isCurrent) return;
    branch.isCurrent = false;
    onPassedOver?.(branches.map(({ attempt }) => attempt));
    const { candidate, isLastResort, isEased, request: sent } = branch;
    if (targets.length > 0) queue.tryNext({ candidate, isLastResort, targets, ...(isEased && { request: sent }) });
    endEarlyDialogs(branch, status);
    tryNext();
  }

  /** RFC 6228 §6: the caller hears which early dialogs are over, when it asked for it. */
  function endEarlyDialogs(branch: Branch, status: number): void {
    if (!wantsEndOfDialogs || isFinished || isCancelled) return;
    const reason = { name: 'Reason', value: `SIP;cause=${status}` };
    for (const toTag of branch.earlyTags) {
      transaction.respond(createResponse(transaction.request, 199, undefined, { toTag, headers: [reason] }));
    }
    branch.earlyTags.clear();
  }

  function fail(branch: Branch, outcome: 'unreachable' | 'silent' | 'refused', status: number | null = null): void {
    branch.isPending = false;
    branch.stopTimer();
    if (isFinished) return;
    // Once per attempt: whoever was passed over has been counted.
    if (outcome !== 'refused' && branch.isCurrent) noteUnanswered(branch);
    if (branch.isCurrent) note(branch, isCancelled ? 'cancelled' : outcome, status);
    if (isCancelled) return finishCancel();
    // RFC 3263 §4.3: silence, a transport that fails and 503 are about the address; anything else is the destination's word.
    const targets = outcome === 'refused' ? (status === 503 ? branch.others : []) : leftOf(branch);
    leave(branch, targets, status ?? 503);
  }

  function onResponse(branch: Branch, response: SipResponse, flow: SipFlow): void {
    const { status } = response;
    if (!isOfSameCall(response, request)) {
      logger.warn({ status, uri: branch.candidate.uri }, 'calls: a response names another call; it counts as silence');
      // The transaction is over by any final response: nothing would end the wait for another.
      if (status >= 200) fail(branch, 'silent');
      return;
    }
    health.answered(branch.candidate.uri, response);
    if (branch.target) deps.silentTargets.answered(branch.target);
    stayWith(branch);
    noteLocationFault(branch, response);
    if (status >= 300) return onRefusal(branch, response);
    if (status >= 200) return onAnswer(branch, response, flow);
    if (!branch.isCurrent || isFinished || isCancelled) return;
    if (status > 100) onProgress(branch, response);
    else if (!branch.isTrying) passOverAfter(branch, isLastChance(branch) ? timers.ringingMs : timers.tryingMs);
    branch.isTrying = true;
  }

  /** RFC 6442 §4.4: what a destination finds wrong with the location is told, and keeps nobody from anything. */
  function noteLocationFault({ candidate }: Branch, response: SipResponse): void {
    const fault = headerValue(response, 'Geolocation-Error');
    if (fault === undefined || locationFaults.size >= MAX_LOCATION_FAULTS) return;
    locationFaults.add(`${candidate.name}: ${describeLocationError(fault)}`);
  }

  function onProgress(branch: Branch, response: SipResponse): void {
    const { status } = response;
    const tag = readTag(response, 'To');
    if (tag !== undefined && status === 199) branch.earlyTags.delete(tag);
    else if (tag !== undefined && branch.earlyTags.size < MAX_EARLY_DIALOGS) branch.earlyTags.add(tag);
    if (status !== 199) {
      passOverAfter(branch, progressLimitMs(branch, status));
      note(branch, 'ringing', status);
    }
    transaction.respond(forCaller(response));
  }

  function onRefusal(branch: Branch, response: SipResponse): void {
    if (winner || isFinished) {
      branch.isPending = false;
      return;
    }
    if (branch.isCurrent && isHungUp(branch) && response.status === 487) return onHangUp(branch, response);
    if (branch.isCurrent) {
      const isRedirection = response.status < 400;
      // A redirection that is not followed is not passed on either: the PSAP would follow it.
      const kept = !isRedirection ? response : isCallback ? undefined : queue.follow(branch.candidate, response);
      if (kept) responses.push(kept);
      tryEased(branch, response);
    }
    fail(branch, 'refused', response.status);
  }

  /** As after a CANCEL, which a caller may leave out once it rings. */
  function onHangUp(branch: Branch, response: SipResponse): void {
    branch.isPending = false;
    branch.isCurrent = false;
    branch.stopTimer();
    queue.clear();
    note(branch, 'cancelled', response.status);
    for (const other of branches) if (other.isPending) other.transaction?.cancel();
    transaction.respond(forCaller(response));
    finish({ outcome: 'abandoned', answeredBy: null, status: 487, reason: 'the caller hung up before an answer' });
  }

  /** A refusal for what nobody needs to reach help: the same destination has the call without it, before any other. */
  function tryEased(
    { candidate, isLastResort, isEased, target, others, request: refused }: Branch,
    response: SipResponse,
  ): void {
    const without = isCallback || isCancelled || isEased || !target ? undefined : easedFor(refused, response);
    if (!target || !without) return;
    eased.add(`${candidate.name} called once more without ${without.leftOut}`);
    queue.tryNext({ candidate, isLastResort, targets: [target, ...others], request: without.request });
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
    queue.clear();
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
      sides: branch.target ? { caller: senderOf(transaction.flow), callee: branch.target } : undefined,
      status: response.status,
      reason: `${branch.candidate.name} answered`,
    });
  }

  function finishCancel(): void {
    if (isFinished || branches.some((branch) => branch.isPending && branch.isCurrent && branch.transaction)) return;
    transaction.respond(createResponse(transaction.request, 487, undefined, { toTag: localTag }));
    finish({ outcome: 'abandoned', answeredBy: null, status: 487, reason: 'the caller hung up before an answer' });
  }

  function forCaller(response: SipResponse): SipResponse {
    return responseForCaller(response, vias, from);
  }

  tryNext();

  return {
    result: promise,
    callerSaysBye(calleeTag) {
      if (calleeTag === undefined) return;
      for (const { isCurrent, earlyTags, byeTags } of branches) {
        if (isCurrent && earlyTags.has(calleeTag)) byeTags.add(calleeTag);
      }
    },
    cancel(reasons = []) {
      if (isFinished || isCancelled) return;
      isCancelled = true;
      for (const branch of branches) {
        branch.stopTimer();
        if (!branch.isPending) continue;
        if (branch.isCurrent) note(branch, 'cancelled');
        if (branch.transaction) branch.transaction.cancel(reasons);
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

/** Who says anything listens there: the same place is not tried by the other protocol that is left for a large call. */
function stayWith(branch: Branch): void {
  const { target, others } = branch;
  branch.byUdp = [];
  if (!target?.orTcp || others.length === 0) return;
  branch.others = others.filter(({ address, port }) => address !== target.address || port !== target.port);
}

/** Whether there is neither another address nor another destination behind it. */
function isLastChance(branch: Branch): boolean {
  return branch.isLastResort && leftOf(branch).length === 0;
}

/** Where a destination can still be tried that says nothing. */
function leftOf({ byUdp, others }: Branch): readonly SipTarget[] {
  return byUdp.length === 0 ? others : [...byUdp, ...others];
}

/** Whether the caller has said BYE to everybody who rings: to one of several, it waits for the others. */
function isHungUp({ earlyTags, byeTags }: Branch): boolean {
  return byeTags.size > 0 && [...earlyTags].every((tag) => byeTags.has(tag));
}

function senderOf({ protocol, remoteAddress, remotePort }: SipFlow): SipTarget {
  return { protocol, address: remoteAddress, port: remotePort };
}

function silenceOf({ silenceMs }: Candidate, othersLeft: number): number {
  return Math.min(silenceMs, Math.max(MIN_SILENCE_MS, silenceMs / (othersLeft + 1)));
}

/** RFC 6228 §6: it supports 199 and does not ask for reliable provisional responses, which a proxy cannot make. */
function wantsEarlyDialogEnds(request: SipRequest): boolean {
  const has = (name: string, option: string): boolean =>
    headerValues(request, name).some((value) => value.toLowerCase() === option);
  return has('Supported', '199') && !has('Require', '100rel') && !has('Proxy-Require', '100rel');
}

/** A piece of a received message keeps the whole of it. */
function inOwnMemory(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString();
}
