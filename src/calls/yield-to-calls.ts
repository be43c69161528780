import type { Clock } from '../support/clock.ts';
import type { LineLimits } from '../support/fair-lines.ts';
import { createFairTurns, type FairTurns } from '../support/fair-turns.ts';
import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow, SipTransport } from '../transport/sip-flow.ts';
import type { SipMessage, SipRequest } from '../wire/sip/message.ts';
import { headerValue, headerValues } from '../wire/sip/message.ts';
import { readTag } from '../wire/sip/name-addr.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { readTopVia } from '../wire/sip/via.ts';
import type { DialogMarks } from './live-calls.ts';
import { isInDialog, readCallerNumber } from './read-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';
import { serverTransactionKey } from './transactions/transaction-key.ts';

/** Takes a message now, or, when it begins no emergency call and there are too many of its kind, in its sender's turn. */
export type YieldToCalls = (message: SipMessage, flow: SipFlow, take: () => void) => void;

/** Nobody repeats an ACK, a CANCEL asks nothing of anybody else. */
const NEVER_DROPPED: ReadonlySet<string> = new Set(['ACK', 'CANCEL']);
/** Without these a call that stands does not end, or a call does not come to stand. */
const OF_CALLS: ReadonlySet<string> = new Set(['BYE', 'PRACK']);
/** These stand in a dialog always. */
const IN_DIALOGS: ReadonlySet<string> = new Set(['BYE', 'PRACK', 'UPDATE', 'INFO']);
/** Begun in one turn of the event loop. */
const OF_CALLS_PER_TURN = 64;
const IN_DIALOGS_PER_TURN = 32;
const QUESTIONS_PER_TURN = 16;
const CALLBACKS_PER_TURN = 16;
/** Other calls look for whom they are for, and their refusals are repeated for half a minute: so many are begun in so long. */
const OTHER_CALLS_PER_TURN = 8;
/** Requests in dialogs of which this process knows nothing: of before its start, or made up. Where nobody answers them they are repeated, too. */
const STRAYS_PER_TURN = 8;
const PACED_TURN_MS = 20;
/** Who sends over UDP sends again what was dropped. Several may come by one address: none of them fills its line alone. */
const LIMITS: LineLimits = { ofPart: 256, ofOne: 320, ofAll: 4_096 };
const IN_DIALOG_LIMITS: LineLimits = { ofPart: 1_024, ofOne: 1_280, ofAll: 8_192 };
const REFUSALS_PER_TURN = 16;
const REFUSAL_LIMITS: LineLimits = { ofOne: 64, ofAll: 1_024 };
const RETRY_AFTER = { name: 'Retry-After', value: '5' };

/**
 * Under overload everything else is shed before emergency calls: keep-alives, messages, and calls to numbers, which lead to whom an
 * emergency call has to be called back, stand in line behind them, the senders in turns; beyond a short line they are dropped and
 * counted. While emergency calls wait, one question is begun in a turn and one call in 20 ms: a flood of emergency calls must
 * neither keep a PSAP from calling back, nor those that watch over us from learning that we are there. Calls to numbers on which
 * somebody may be called back now have a line of their own. Requests in dialogs have their turns, too, and those without which a call
 * does not end are never dropped.
 */
export function createYieldToCalls(deps: {
  /** Emergency calls that wait to be begun. */
  emergencyCalls: Pick<FairTurns, 'waiting'>;
  /** Whether somebody may be called back on that number now. */
  isAwaited: (number: string) => boolean;
  /** Whether a request in a dialog is one of a call that came by here. */
  isPartOfCall: (marks: DialogMarks) => boolean;
  transport: Pick<SipTransport, 'post' | 'isBehind'>;
  clock: Pick<Clock, 'after'>;
  logger: Logger;
  metrics: Metrics;
}): YieldToCalls {
  const { emergencyCalls, isAwaited, isPartOfCall, transport, clock, logger } = deps;
  const count = deps.metrics.tally(
    'waymark_sip_requests_dropped_total',
    'Requests that begin no emergency call and came in such numbers that they were dropped, or refused over streams',
    ['kind'],
  );
  const isHeld = (): boolean => emergencyCalls.waiting > 0 || transport.isBehind;
  const line = (kind: string, perTurn: number, limits = LIMITS): Parameters<typeof createFairTurns>[0] => ({
    perTurn,
    limits: { ...limits, onDrop: count(kind) },
  });
  const ofCalls = createFairTurns({ perTurn: OF_CALLS_PER_TURN });
  const inDialogs = createFairTurns({
    ...line('dialog', IN_DIALOGS_PER_TURN, IN_DIALOG_LIMITS),
    isHeld: () => transport.isBehind,
  });
  const paced = (action: () => void): void => void clock.after(PACED_TURN_MS, action);
  const strays = createFairTurns({ ...line('dialog', STRAYS_PER_TURN, IN_DIALOG_LIMITS), nextTurn: paced });
  const questions = createFairTurns({ ...line('other', QUESTIONS_PER_TURN), isHeld });
  const callbacks = createFairTurns({ ...line('callback', CALLBACKS_PER_TURN), isHeld });
  const otherCalls = createFairTurns({
    ...line('call', OTHER_CALLS_PER_TURN),
    nextTurn: paced,
    isHeld,
  });
  const refusals = createFairTurns({
    perTurn: REFUSALS_PER_TURN,
    limits: { ...REFUSAL_LIMITS, onDrop: () => undefined },
  });
  /** Of answers to requests that were never begun; their ACKs mean nothing (RFC 3261 §8.2.7). */
  const refusalTag = newSecret(9);

  /**
   * Over a stream nothing is repeated: without an answer its sender would wait for half a minute (RFC 3261 §17.1.2.2). Never a 503, which
   * would keep emergency calls away, too (§21.5.4).
   */
  function refuse(request: SipRequest, flow: SipFlow): void {
    if (flow.protocol === 'udp') return;
    const status = request.method === 'INVITE' && !isInDialog(request) ? 480 : 500;
    refusals.run(flow.remoteAddress, () => {
      const response = createResponse(request, status, undefined, { toTag: refusalTag, headers: [RETRY_AFTER] });
      transport.post(response, flow, (error) => {
        logger.debug({ err: error, remoteAddress: flow.remoteAddress }, 'calls: a refusal could not be sent');
      });
    });
  }

  /** Calls in line, and the CANCEL of a caller that has hung up meanwhile: it is nothing without its INVITE (RFC 3261 §9.2). */
  const inLine = new Map<string, (() => void) | null>();

  function standInLine(line: FairTurns, request: SipRequest, flow: SipFlow, take: () => void): void {
    const key = lineKey(request, flow);
    // It is repeated because nobody has answered it yet.
    if (inLine.has(key)) return;
    inLine.set(key, null);
    const begin = (): void => {
      const cancel = inLine.get(key);
      inLine.delete(key);
      take();
      cancel?.();
    };
    if (line.run(flow.remoteAddress, begin, partOf(request, flow))) return;
    inLine.delete(key);
    refuse(request, flow);
  }

  /** Whether the CANCEL waits for its INVITE. */
  function waitsForInvite(cancel: SipRequest, flow: SipFlow, take: () => void): boolean {
    if (inLine.size === 0) return false;
    const key = lineKey(cancel, flow);
    if (!inLine.has(key)) return false;
    inLine.set(key, take);
    return true;
  }

  function isToAwaited(invite: SipRequest): boolean {
    const number = readCallerNumber(invite.uri);
    return number !== null && isAwaited(number);
  }

  return (message, flow, take) => {
    if (message.kind === 'response') return take();
    const { method } = message;
    if (method === 'CANCEL' && waitsForInvite(message, flow, take)) return;
    if (NEVER_DROPPED.has(method)) {
      if (method === 'ACK' && readTag(message, 'To') === refusalTag) return;
      ofCalls.run(flow.remoteAddress, take, partOf(message, flow));
      return;
    }
    const isCall = method === 'INVITE';
    if (isCall && readServiceNumber(message.uri)) return take();
    if (IN_DIALOGS.has(method) || isInDialog(message)) {
      if (!isPartOfCall(marksOf(message))) return standInLine(strays, message, flow, take);
      if (!OF_CALLS.has(method)) return standInLine(inDialogs, message, flow, take);
      ofCalls.run(flow.remoteAddress, take, partOf(message, flow));
      return;
    }
    if (isCall) return standInLine(isToAwaited(message) ? callbacks : otherCalls, message, flow, take);
    standInLine(questions, message, flow, take);
  };
}

function marksOf(request: SipRequest): DialogMarks {
  return {
    callId: headerValue(request, 'Call-ID'),
    fromTag: readTag(request, 'From'),
    toTag: readTag(request, 'To'),
  };
}

/** The same for an INVITE, its repetitions and its CANCEL. */
function lineKey(request: SipRequest, flow: SipFlow): string {
  const via = readTopVia(request);
  const method = request.method === 'CANCEL' ? 'INVITE' : request.method;
  return `${flow.remoteAddress} ${via ? serverTransactionKey(request, via, method) : ''}`;
}

/** Whom a request comes from, of all that come by one address: an edge before us stands for many, told apart by the Via before its own. */
function partOf(request: SipRequest, flow: SipFlow): string {
  const before = /^[^\s]+\s+([^\s;]+)/.exec(headerValues(request, 'Via')[1] ?? '')?.[1] ?? '';
  return `${flow.protocol} ${flow.remotePort} ${before.slice(0, 64)}`;
}
