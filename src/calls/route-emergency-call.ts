import type { CallRecord } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import { counted } from '../support/counted.ts';
import { errorText } from '../support/error-text.ts';
import type { FairTurns } from '../support/fair-turns.ts';
import { newId, newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { headerValue, type SipRequest } from '../wire/sip/message.ts';
import { createResponse } from '../wire/sip/responses.ts';
import type { AdditionalData } from './additional-data/additional-data.ts';
import type { AnswerTestCall } from './answer-test-call.ts';
import type { CallDepth } from './call-depth.ts';
import type { AppendOutcome } from './call-journal.ts';
import type { CallLookups } from './call-lookups.ts';
import type { CallRecorder } from './call-recorder.ts';
import { CallSession } from './call-session.ts';
import type { RememberCaller } from './callbacks/remember-caller.ts';
import { Cancellation } from './cancellation.ts';
import type { IssueReference } from './convey-location.ts';
import { decide, undecided } from './decide.ts';
import type { Decision } from './decision.ts';
import { type Dereference, dereferenceForeign } from './dereference-foreign.ts';
import { type EmergencyIds, makeEmergencyId, readEmergencyIds } from './emergency-ids.ts';
import type { LiveCalls } from './live-calls.ts';
import { newCallRecord, toDestination } from './new-call-record.ts';
import { readEmergencyCall } from './read-emergency-call.ts';
import type { ServiceNumber } from './service-number.ts';
import { checkSanity, goesRound, LOOP } from './steps/check-sanity.ts';
import { type EditedRequest, editHeaders, withoutEdits } from './steps/edit-headers.ts';
import { type ForwardDeps, type ForwardResult, forward } from './steps/forward.ts';
import { agentContact, isForAgent, redirect, redirectToAgent } from './steps/redirect.ts';
import { traceDereference, traceJournal } from './trace-waits.ts';
import type { ServerTransaction, TransactionLayer } from './transactions/transaction.ts';
import { peerOf, type Trunk, type TrunkPeer } from './trunk.ts';

export type RouteEmergencyCallDeps = ForwardDeps & {
  layer: Pick<TransactionLayer, 'isOwnBranch'>;
  lookups: CallLookups;
  recorder: Pick<CallRecorder, 'save' | 'update'>;
  fairTurns: FairTurns;
  callDepth: CallDepth;
  liveCalls: LiveCalls;
  answerTestCall: AnswerTestCall;
  rememberCaller: RememberCaller;
  issueReference: IssueReference;
  additionalData: Pick<AdditionalData, 'callInfo'>;
  dereference: Dereference | undefined;
  sipDomain: string;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
};

/** Takes an INVITE for an emergency or test call; returns at once, the call goes on by itself. */
export type RouteEmergencyCall = (
  request: SipRequest,
  service: ServiceNumber,
  transaction: ServerTransaction,
  flow: SipFlow,
) => void;

/** The identifiers of a call, those that it brought and those that it has now. */
type CallIds = { brought: EmergencyIds; emergencyCallId: string; incidentId: string };

/** Passages of one call that are under way at once; deeper, it goes to the relay centre alone, and twice as deep it is sent back. */
const MAX_DEPTH = 3;
const REPEATED = { status: 482, reason: 'Merged Request' };

/**
 * The way of an emergency call, step by step. After check-sanity nothing refuses it: a step that fails or takes too long
 * leaves its default and the reason in the trace, and the call goes on.
 */
export function createRouteEmergencyCall(deps: RouteEmergencyCallDeps): RouteEmergencyCall {
  const { lookups, recorder, callDepth, ownAddress, clock, logger, sipDomain, timers } = deps;
  const callCount = deps.metrics.tally('waymark_calls_total', 'Emergency and test calls by outcome', [
    'kind',
    'outcome',
  ]);
  const countAnswered = callCount('911', 'answered');
  const countRepeated = deps.metrics.tally(
    'waymark_calls_repeated_total',
    'INVITEs of calls under way that came once more, long after',
    [],
  )();
  const setupTime = deps.metrics.histogram(
    'waymark_call_routing_seconds',
    'Time from INVITE to its forwarding',
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  );

  async function route(
    request: SipRequest,
    service: ServiceNumber,
    transaction: ServerTransaction,
    flow: SipFlow,
    cancellation: Cancellation,
    ids: CallIds,
    depth: number,
  ): Promise<void> {
    const startedMs = clock.monotonicMs();
    const startedAt = new Date(clock.nowMs()).toISOString();
    const localTag = newSecret(9);

    const refuse = ({ status, reason }: { status: number; reason: string }): void => {
      logger.warn({ callId: headerValue(request, 'Call-ID'), status }, `calls: ${reason}`);
      transaction.respond(createResponse(request, status, reason, { toTag: localTag }));
    };
    const sanity = checkSanity(request, deps.layer);
    if ('reject' in sanity) return refuse(sanity.reject);
    if (deps.liveCalls.isRepeated(request)) {
      countRepeated();
      return refuse(REPEATED);
    }

    const peer = peerOf(flow);
    const trunk = trunkOf(peer);
    const isRedirected = trunk?.mode === 'redirect';
    if (isRedirected && service.kind === '933' && !isForAgent(request.uri)) {
      transaction.respond(redirectToAgent(request, agentContact(ownAddress.contact('933', flow)), localTag));
      return;
    }
    const received = readEmergencyCall(request, service, peer, (uri) => lookups.isOwnReference(uri), trunk);
    const askedMs = clock.monotonicMs();
    const dereferenced = dereferenceForeign(received, {
      dereference: deps.dereference,
      resolves: (uri) => lookups.resolveReference(uri, clock.nowMs()).found,
      clock,
      deadlineMs: timers.dereferenceMs,
    });
    // Also when nothing is asked: the calls of a turn then take each step together, which costs each of them less.
    const call = await dereferenced;
    const decidedMs = clock.monotonicMs();
    const decision = decide(call, lookups, clock);

    const edited = edit(request, decision, ids);
    const [first, ...others] = depth > MAX_DEPTH ? relaysOf(decision.candidates) : decision.candidates;
    if (goesRound(sanity.passages, edited.request, first)) return refuse(LOOP);
    const record = newCallRecord({ request, service, peer, startedAt, decision, ids, conveyed: edited.conveyed });
    if (depth > MAX_DEPTH) record.flags = [...record.flags, 'loop'];
    record.trace = [
      { step: 'check-sanity', choice: sanity.choice, reason: sanity.reason, durationMs: 0 },
      ...(call === received ? [] : [traceDereference(call, decidedMs - askedMs, timers.dereferenceMs)]),
      ...decision.trace,
      edited.trace,
    ];
    if (edited.hasFailed) record.flags = [...record.flags, 'step-failed'];
    const session = new CallSession(record, recorder, clock);

    if (service.kind === '933') {
      await deps.answerTestCall({ request, transaction, flow, session, decision, localTag, cancellation });
      callCount('933', session.record.outcome)();
      return;
    }

    remember(record, decision);
    // The record is on disk before the call leaves, or the deadline has passed and the call goes on without.
    const savedMs = clock.monotonicMs();
    const journaled = await save(record);
    session.note(traceJournal(journaled, clock.monotonicMs() - savedMs, timers.journalMs));
    if (journaled === 'late') session.change({ flags: [...session.record.flags, 'journal-late'] });

    if (cancellation.isRequested) {
      transaction.respond(createResponse(request, 487, undefined, { toTag: localTag }));
      conclude(request, session, {
        outcome: 'abandoned',
        answeredBy: null,
        attempts: [],
        status: 487,
        reason: 'the caller hung up before the call was forwarded',
      });
      return;
    }
    setupTime.observe((clock.monotonicMs() - startedMs) / 1000);
    if (isRedirected) {
      const { response, attempts, note } = redirect(request, edited.request, [first, ...others], localTag);
      transaction.respond(response);
      conclude(request, session, { outcome: 'redirected', answeredBy: null, attempts, status: 302, reason: note });
      return;
    }
    const forwarding = forward(deps, {
      request: edited.request,
      service,
      candidates: [first, ...others.filter((other) => !goesRound(sanity.passages, edited.request, other))],
      transaction,
      localTag,
      onPassedOver: (attempts) => session.change({ attempts }),
    });
    cancellation.takeOver(forwarding);
    deps.liveCalls.add(request, session, forwarding);
    conclude(request, session, await forwarding.result, clock.monotonicMs() - startedMs);
  }

  /** As `route`, knowing how deep the call goes round already. */
  async function routeOnce(
    request: SipRequest,
    service: ServiceNumber,
    transaction: ServerTransaction,
    flow: SipFlow,
    cancellation: Cancellation,
  ): Promise<void> {
    const ids = identify(request);
    const depth = callDepth.enter(ids.emergencyCallId);
    try {
      if (depth <= 2 * MAX_DEPTH) return await route(request, service, transaction, flow, cancellation, ids, depth);
      // Even the relay centre leads back to us: only the passages before can find another way.
      logger.warn({ callId: headerValue(request, 'Call-ID'), depth }, 'calls: a call goes round');
      transaction.respond(createResponse(request, LOOP.status, LOOP.reason, { toTag: newSecret(9) }));
    } finally {
      callDepth.leave(ids.emergencyCallId);
    }
  }

  /** The trunk behind a peer, by whose habits the call is read; the usual ones where it cannot be told. */
  function trunkOf(peer: TrunkPeer): Trunk | undefined {
    try {
      const match = lookups.trunkOf(peer);
      return match.kind === 'one' ? match.trunk : undefined;
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: the trunk of a peer could not be looked up');
      return undefined;
    }
  }

  /** Whoever cannot be called back later is called for help all the same. */
  function remember(record: CallRecord, { candidates }: Decision): void {
    try {
      deps.rememberCaller(record, candidates);
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: a caller could not be remembered for callbacks');
    }
  }

  /** A record that cannot be written keeps no call back. */
  async function save(record: CallRecord): Promise<AppendOutcome> {
    try {
      return await recorder.save(record);
    } catch (error) {
      logger.error({ err: errorText(error), id: record.id }, 'calls: a record could not be written');
      return 'late';
    }
  }

  function identify(request: SipRequest): CallIds {
    const brought = readEmergencyIds(request);
    return {
      brought,
      emergencyCallId: brought.emergencyCallId ?? makeEmergencyId('callid', newId(), sipDomain),
      incidentId: brought.incidentId ?? makeEmergencyId('incidentid', newId(), sipDomain),
    };
  }

  function edit(
    request: SipRequest,
    decision: Decision,
    ids: CallIds,
  ): EditedRequest & { trace: CallRecord['trace'][number]; hasFailed: boolean } {
    const startedMs = clock.monotonicMs();
    const trace = (choice: string, reason: string): CallRecord['trace'][number] => ({
      step: 'edit-headers',
      choice,
      reason,
      durationMs: Math.round((clock.monotonicMs() - startedMs) * 1000) / 1000,
    });
    try {
      const edited = editHeaders(request, decision, ids, {
        sipDomain,
        issueReference: deps.issueReference,
        additionalData: deps.additionalData.callInfo,
        nowMs: clock.nowMs(),
      });
      const reason = ['identifiers and route set', ...edited.notes].join('; ');
      return { ...edited, trace: trace(edited.conveyed.form, reason), hasFailed: false };
    } catch (error) {
      logger.error({ err: errorText(error) }, 'calls: headers could not be edited; the call goes on as it came');
      return {
        ...withoutEdits(request),
        trace: trace('unchanged', `step failed: ${errorText(error)}`),
        hasFailed: true,
      };
    }
  }

  function conclude(invite: SipRequest, session: CallSession, result: ForwardResult, durationMs = 0): void {
    const { record } = session;
    const answeredBy = result.answeredBy;
    const now = session.nowText();
    const flags = [...record.flags];
    if (result.attempts.length > 1 && result.outcome !== 'redirected') flags.push('failover');
    if (answeredBy?.kind === 'relay' && !flags.includes('relay')) flags.push('relay');
    session.change({
      outcome: result.outcome,
      attempts: result.attempts,
      answeredAt: answeredBy ? now : undefined,
      destination: answeredBy ? toDestination(answeredBy) : undefined,
      endedAt: result.outcome === 'answered' ? undefined : now,
      flags,
      trace: [
        ...record.trace,
        {
          step: 'forward',
          choice: answeredBy?.name ?? result.outcome,
          reason: `${result.reason} with ${result.status} after ${counted(result.attempts.length, 'attempt')}`,
          durationMs: Math.round(durationMs),
        },
      ],
    });
    if (record.kind === '911' && result.outcome === 'answered') countAnswered();
    else callCount(record.kind, result.outcome)();
    if (result.outcome === 'answered') deps.liveCalls.answered(invite, result.calleeTag, result.sides);
    else if (result.outcome !== 'redirected') deps.liveCalls.failed(invite, session);
  }

  /** Nothing on the way should throw; if something does, the call still goes to the relay centre and is recorded. */
  function routeByLastResort(
    request: SipRequest,
    service: ServiceNumber,
    transaction: ServerTransaction,
    flow: SipFlow,
    cancellation: Cancellation,
    why: string,
  ): void {
    if (cancellation.isTakenOver || transaction.state !== 'proceeding') return;
    if (service.kind === '933') {
      transaction.respond(createResponse(request, 500, undefined, { toTag: newSecret(9) }));
      return;
    }
    const peer = peerOf(flow);
    const decision = undecided({ service, requestUri: request.uri, peer, identities: [], conveyed: [] }, lookups, why);
    const edited = withoutEdits(request);
    const record = newCallRecord({
      request,
      service,
      peer,
      startedAt: new Date(clock.nowMs()).toISOString(),
      decision,
      ids: {
        emergencyCallId: makeEmergencyId('callid', newId(), sipDomain),
        incidentId: makeEmergencyId('incidentid', newId(), sipDomain),
      },
      conveyed: edited.conveyed,
    });
    record.trace = decision.trace;
    const session = new CallSession(record, recorder, clock);
    void save(record);
    const { candidates } = decision;
    const forwarding = forward(deps, {
      request: edited.request,
      service,
      candidates,
      transaction,
      localTag: newSecret(9),
    });
    cancellation.takeOver(forwarding);
    deps.liveCalls.add(request, session, forwarding);
    forwarding.result
      .then((result) => conclude(request, session, result))
      .catch((error: unknown) => {
        logger.error({ err: errorText(error) }, 'calls: what became of a call could not be recorded');
      });
  }

  return (request, service, transaction, flow) => {
    // RFC 3261 §16.2, decision 20: at once, before anything else can take time.
    transaction.respond(createResponse(request, 100));
    const cancellation = new Cancellation(transaction);
    deps.fairTurns.run(flow.remoteAddress, () => {
      routeOnce(request, service, transaction, flow, cancellation).catch((error: unknown) => {
        logger.error(
          { err: error, callId: headerValue(request, 'Call-ID') },
          'calls: a call is routed by its last resort',
        );
        try {
          routeByLastResort(request, service, transaction, flow, cancellation, errorText(error));
        } catch (again) {
          logger.error({ err: again, callId: headerValue(request, 'Call-ID') }, 'calls: a call could not be routed');
          transaction.respond(createResponse(request, 500, undefined, { toTag: newSecret(9) }));
        }
      });
    });
  };
}

/** The relay centres of a call, which always has one. */
function relaysOf(candidates: Decision['candidates']): Decision['candidates'] {
  const [relay, ...others] = candidates.filter(({ kind }) => kind === 'relay');
  return relay ? [relay, ...others] : candidates;
}
