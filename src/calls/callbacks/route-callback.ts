import type { CallRecord } from '../../domain/call-record.ts';
import { counted } from '../../support/counted.ts';
import { errorText } from '../../support/error-text.ts';
import { newId, newSecret } from '../../support/ids.ts';
import type { Metrics } from '../../support/metrics.ts';
import type { SipFlow } from '../../transport/sip-flow.ts';
import { formatHostPort } from '../../wire/sip/host-port.ts';
import { headerValue, removeHeader, type SipRequest, setHeader } from '../../wire/sip/message.ts';
import { readNameAddr, readNameAddrs } from '../../wire/sip/name-addr.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { readSipUri } from '../../wire/sip/uri.ts';
import { createCallDepth } from '../call-depth.ts';
import type { CallRecorder } from '../call-recorder.ts';
import { CallSession } from '../call-session.ts';
import { Cancellation } from '../cancellation.ts';
import type { Candidate } from '../decision.ts';
import { makeEmergencyId } from '../emergency-ids.ts';
import type { LiveCalls } from '../live-calls.ts';
import { readCallerNumber } from '../read-emergency-call.ts';
import type { ResolveDestination } from '../resolve-destination.ts';
import { checkSanity, goesRound, LOOP } from '../steps/check-sanity.ts';
import { type ForwardDeps, type ForwardResult, forward } from '../steps/forward.ts';
import type { ServerTransaction, TransactionLayer } from '../transactions/transaction.ts';
import { peerOf, type Trunk, type TrunkMatch, trunkWithin } from '../trunk.ts';
import type { TrunkIndex } from '../trunk-index.ts';
import type { CalledBack, FindCalledBack } from './find-called-back.ts';
import type { RecallCaller } from './recall-caller.ts';
import type { RecentCaller } from './recent-callers.ts';

export type RouteCallbackDeps = ForwardDeps & {
  layer: Pick<TransactionLayer, 'isOwnBranch'>;
  findCalledBack: FindCalledBack;
  recallCaller: RecallCaller;
  /** Where a trunk's `contactUri` leads, as far as a trunk may. */
  resolveTrunk: ResolveDestination;
  trunks: () => TrunkIndex;
  recorder: Pick<CallRecorder, 'save' | 'update'>;
  liveCalls: Pick<LiveCalls, 'add' | 'answered' | 'failed'>;
  metrics: Metrics;
  sipDomain: string;
};

/** Takes an INVITE to a number on which somebody may be to be called back; false when it is no number, and nothing has been done. */
export type RouteCallback = (request: SipRequest, transaction: ServerTransaction, flow: SipFlow) => boolean;

/** A call that comes back, and what was found out about it. */
type Callback = {
  request: SipRequest;
  /** As it goes on, not yet marked. */
  outgoing: SipRequest;
  transaction: ServerTransaction;
  flow: SipFlow;
  number: string;
  called: CalledBack;
  /** What vouches for it; undefined: that a PSAP calls. */
  trunk: Trunk | undefined;
  isPsap: boolean;
  /** Marks of the times that it passed here before. */
  passages: readonly string[];
};

const MAX_FORWARDS = 70;
const MAX_TEXT = 256;
/** Calls to one number that are being set up at once: more are one call that a B2BUA sends back again and again, as a new one each time. */
const MAX_DEPTH = 8;
/** RFC 7090 §4.3. */
const PSAP_CALLBACK = 'psap-callback';
/** A callback is addressed by its candidates alone. */
const NO_SERVICE = { kind: '911', service: 'urn:service:sos', dialed: '', isPrefixed: false, isUrn: false } as const;

/**
 * Calls that come back: to an ELIN, to its last caller; from a PSAP to the number that an emergency call named, to the device
 * that made it. Only trunks of the organization, the trunk of that very call and its destinations are let through. A PSAP's call is marked
 * (RFC 7090); a mark that nobody vouches for is taken off (§5.3). Neither is diverted: redirections are not followed.
 */
export function createRouteCallback(deps: RouteCallbackDeps): RouteCallback {
  const { findCalledBack, trunks, recorder, liveCalls, clock, logger, sipDomain } = deps;
  const depth = createCallDepth();
  const count = deps.metrics.tally('waymark_callbacks_total', 'Calls to ELINs and callbacks of PSAPs', [
    'who',
    'outcome',
  ]);

  function find(number: string, match: TrunkMatch): CalledBack | undefined {
    const now = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    const sources = match.kind === 'one' ? [match.trunk] : match.kind === 'ambiguous' ? match.trunks : [];
    return findCalledBack(
      number,
      now,
      sources.map(({ id }) => id),
    );
  }

  /** The trunk that vouches for the call: one of the organization, or the very one that the emergency call came over. */
  function trunkFor(match: TrunkMatch, { organizationId, viaTrunkId }: CalledBack): Trunk | undefined {
    const own = trunkWithin(match, organizationId);
    if (own || match.kind !== 'one') return own;
    return match.trunk.id === viaTrunkId ? match.trunk : undefined;
  }

  /** What is known here, and of a call that this node does not know of, what is stored. */
  async function findAnywhere(number: string, match: TrunkMatch): Promise<CalledBack | undefined> {
    const called = find(number, match);
    if (called?.recent) return called;
    const isReached = called?.who === 'caller' && called.candidates.length > 0;
    if (called && isReached && trunkFor(match, called)) return called;
    await deps.recallCaller(number);
    return find(number, match);
  }

  async function isDestination({ destinationUris }: RecentCaller, address: string): Promise<boolean> {
    for (const uri of destinationUris) {
      try {
        if ((await deps.resolve(uri)).some((target) => target.address === address)) return true;
      } catch (error) {
        logger.info({ err: errorText(error), uri }, 'calls: a destination cannot be looked up to know its callback');
      }
    }
    return false;
  }

  async function route(
    request: SipRequest,
    transaction: ServerTransaction,
    flow: SipFlow,
    number: string,
  ): Promise<void> {
    const answer = (status: number, reason?: string): void => {
      transaction.respond(createResponse(request, status, reason, { toTag: newSecret(9) }));
    };
    const cancellation = new Cancellation(transaction);
    const sanity = checkSanity(request, deps.layer);
    if ('reject' in sanity) return answer(sanity.reject.status, sanity.reject.reason);
    const { passages } = sanity;
    const forwardsLeft = Number(headerValue(request, 'Max-Forwards') ?? MAX_FORWARDS);
    if (Number.isInteger(forwardsLeft) && forwardsLeft <= 0) return answer(483);

    const match = trunks().find(peerOf(flow));
    const called = await findAnywhere(number, match);
    if (!called) return answer(404);
    const trunk = trunkFor(match, called);
    const { recent } = called;
    // A trunk's address is where all its calls come from: there, only what it asserts tells a PSAP.
    const isPsap =
      recent !== undefined &&
      (trunk ? assertsDestination(request, recent) : await isDestination(recent, flow.remoteAddress));
    // RFC 7090 §5.3: who is neither of the organization nor a destination of its call has no business with its callers.
    if (trunk === undefined && !isPsap) return answer(404);

    const key = `${trunk?.id ?? flow.remoteAddress} ${number}`;
    try {
      if (depth.enter(key) > MAX_DEPTH) {
        logger.warn({ callId: headerValue(request, 'Call-ID'), number }, 'calls: a callback goes round');
        return answer(LOOP.status, LOOP.reason);
      }
      const outgoing = withoutOwnHops(request, forwardsLeft);
      await connect({ request, outgoing, transaction, flow, number, called, trunk, isPsap, passages }, cancellation);
    } finally {
      depth.leave(key);
    }
  }

  /** Calls who is called back, by whoever may. */
  async function connect(callback: Callback, cancellation: Cancellation): Promise<void> {
    const { request, transaction, called, isPsap, passages } = callback;
    const localTag = newSecret(9);
    const answer = (status: number, reason?: string): void => {
      transaction.respond(createResponse(request, status, reason, { toTag: localTag }));
    };
    const candidates = isPsap ? called.candidates : called.ordinary;
    const { outgoing, mark } = markCallback(callback.outgoing, isPsap);
    const record = newRecord({ ...callback, first: candidates[0], mark, startedMs: clock.nowMs(), sipDomain });
    const session = new CallSession(record, recorder, clock);
    await recorder.save(record);
    if (cancellation.isRequested) {
      answer(487);
      return conclude(session, called, {
        outcome: 'abandoned',
        status: 487,
        reason: 'cancelled before it was forwarded',
      });
    }
    const [first, ...others] = candidates.filter((candidate) => !goesRound(passages, outgoing, candidate));
    if (!first && candidates.length > 0) {
      answer(LOOP.status, LOOP.reason);
      return conclude(session, called, { outcome: 'failed', status: LOOP.status, reason: 'the call goes round' });
    }
    if (!first) {
      answer(404);
      return conclude(session, called, { outcome: 'failed', status: 404, reason: 'nobody can be called' });
    }
    const byTrunk = new Set(candidates.filter(({ isByTrunk }) => isByTrunk).map(({ uri }) => uri));
    const resolve: ResolveDestination = (uri) => (byTrunk.has(uri) ? deps.resolveTrunk : deps.resolve)(uri);
    const forwarding = forward(
      { ...deps, resolve },
      {
        request: outgoing,
        service: NO_SERVICE,
        candidates: [first, ...others],
        transaction,
        localTag,
        isCallback: true,
      },
    );
    cancellation.takeOver(forwarding);
    liveCalls.add(request, session, forwarding);
    const result = await forwarding.result;
    conclude(session, called, result);
    if (result.outcome === 'answered') liveCalls.answered(request, result.calleeTag, result.sides);
    else liveCalls.failed(request, session);
  }

  function conclude(
    session: CallSession,
    { who }: CalledBack,
    result: Pick<ForwardResult, 'outcome' | 'status' | 'reason'> & Partial<ForwardResult>,
  ): void {
    const now = session.nowText();
    const { answeredBy, attempts = [], outcome, status, reason } = result;
    session.change({
      outcome,
      attempts,
      answeredAt: answeredBy ? now : undefined,
      destination: answeredBy ? toDestination(answeredBy) : undefined,
      endedAt: outcome === 'answered' ? undefined : now,
      trace: [
        ...session.record.trace,
        {
          step: 'forward',
          choice: answeredBy?.name ?? outcome,
          reason: `${reason} with ${status} after ${counted(attempts.length, 'attempt')}`,
          durationMs: 0,
        },
      ],
    });
    count(who, outcome)();
  }

  return (request, transaction, flow) => {
    const number = calledNumber(request);
    if (number === undefined) return false;
    route(request, transaction, flow, number).catch((error: unknown) => {
      logger.error({ err: error, callId: headerValue(request, 'Call-ID') }, 'calls: a callback failed');
      transaction.respond(createResponse(request, 500, undefined, { toTag: newSecret(9) }));
    });
    return true;
  };
}

/** The number that is called: that of the Request-URI, else of To, when it is a full one. */
function calledNumber(request: SipRequest): string | undefined {
  const to = readNameAddr(headerValue(request, 'To') ?? '')?.uri;
  for (const uri of [request.uri, to]) {
    const number = uri === undefined ? null : readCallerNumber(uri);
    if (number?.startsWith('+')) return number;
  }
  return undefined;
}

/** RFC 3325: within a trunk's trust, P-Asserted-Identity says who calls; a PSAP is known by the URI that it was called on. */
function assertsDestination(request: SipRequest, { destinationUris }: RecentCaller): boolean {
  const destinations = new Set(destinationUris.map(identityOf));
  return readNameAddrs(request, 'P-Asserted-Identity').some(({ uri }) => {
    const identity = identityOf(uri);
    return identity !== undefined && destinations.has(identity);
  });
}

function identityOf(uriText: string): string | undefined {
  const uri = readSipUri(uriText);
  return uri?.user === undefined ? undefined : `${uri.user}@${uri.host.toLowerCase()}`;
}

/** Routes that led here have done their work; Max-Forwards counts us (RFC 3261 §16.6 step 3). */
function withoutOwnHops(request: SipRequest, forwardsLeft: number): SipRequest {
  const left = Number.isInteger(forwardsLeft) ? forwardsLeft : MAX_FORWARDS;
  return setHeader(removeHeader(request, 'Route'), 'Max-Forwards', String(left - 1));
}

/** RFC 7090 §4 and §5.3: a PSAP's callback bears the mark, whether it brought it or not; any other call loses it. */
function markCallback(request: SipRequest, isPsap: boolean): { outgoing: SipRequest; mark: string } {
  const isMarked = headerValue(request, 'Priority')?.trim().toLowerCase() === PSAP_CALLBACK;
  if (isPsap) {
    return {
      outgoing: isMarked ? request : setHeader(request, 'Priority', PSAP_CALLBACK),
      mark: isMarked ? 'a PSAP calls back, and says so' : 'a PSAP calls back, and is marked',
    };
  }
  return isMarked
    ? { outgoing: removeHeader(request, 'Priority'), mark: 'the mark of a PSAP was taken off: nobody vouches for it' }
    : { outgoing: request, mark: 'an ordinary call' };
}

function toDestination({ uri, name, sourceId, kind, quality, reason }: Candidate): CallRecord['destination'] {
  return { uri, name, sourceId, kind, quality, reason };
}

function newRecord(
  facts: Callback & { first: Candidate | undefined; mark: string; startedMs: number; sipDomain: string },
): CallRecord {
  const { request, flow, called, first, trunk, number, mark, startedMs, sipDomain } = facts;
  const { recent, reason, who, organizationId } = called;
  const [identity] = [...readNameAddrs(request, 'P-Asserted-Identity'), ...readNameAddrs(request, 'From')];
  return {
    id: newId(),
    version: 1,
    callId: (headerValue(request, 'Call-ID') ?? '').slice(0, MAX_TEXT),
    // What belongs together is found together: the ids are those of the emergency call.
    emergencyCallId: recent?.emergencyCallId ?? makeEmergencyId('callid', newId(), sipDomain),
    incidentId: recent?.incidentId ?? makeEmergencyId('incidentid', newId(), sipDomain),
    kind: 'callback',
    startedAt: new Date(startedMs).toISOString(),
    answeredAt: null,
    endedAt: null,
    dialed: number,
    requestUri: request.uri.slice(0, MAX_TEXT),
    organizationId,
    trunkId: trunk?.id ?? null,
    peer: formatHostPort({ host: flow.remoteAddress, port: flow.remotePort }),
    caller: {
      number: identity ? readCallerNumber(identity.uri) : null,
      displayName: identity?.displayName?.slice(0, MAX_TEXT).toWellFormed() || null,
      memberId: null,
      memberKind: null,
      locationId: null,
      asserted: identity?.uri.slice(0, MAX_TEXT) ?? null,
    },
    callback: { number: null, quality: 'INVALID', rule: 'this call is a callback itself' },
    location: null,
    standing: null,
    destination: first
      ? toDestination(first)
      : { uri: request.uri.slice(0, MAX_TEXT), name: 'nobody', sourceId: null, kind: 'caller', quality: null, reason },
    attempts: [],
    conveyed: { geolocation: [], form: 'none', callbackNumber: null },
    flags: [],
    outcome: 'routing',
    trace: [
      {
        step: 'identify-caller',
        choice: trunk?.name ?? 'a destination of the emergency call',
        reason: mark,
        durationMs: 0,
      },
      { step: 'choose-destination', choice: first?.name ?? who, reason, durationMs: 0 },
    ],
    spokenText: null,
  };
}
