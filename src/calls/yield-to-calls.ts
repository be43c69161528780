import type { Clock } from '../support/clock.ts';
import { createFairTurns, type FairTurns } from '../support/fair-turns.ts';
import type { Metrics } from '../support/metrics.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import type { SipMessage, SipRequest } from '../wire/sip/message.ts';
import { readTopVia } from '../wire/sip/via.ts';
import { isInDialog } from './read-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';
import { serverTransactionKey } from './transactions/transaction-key.ts';

/** Takes a message now, or, when it is no part of an emergency call and there are too many of those, in its sender's turn. */
export type YieldToCalls = (message: SipMessage, flow: SipFlow, take: () => void) => void;

/** Requests that stand in a dialog, or end a call that is being set up; of which dialog is nobody's question here. */
const OF_CALLS: ReadonlySet<string> = new Set(['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO']);
/** Questions that are begun in one turn of the event loop. */
const QUESTIONS_PER_TURN = 16;
/** Other calls look for whom they are for, and their refusals are repeated for half a minute: so many are begun in so long. */
const OTHER_CALLS_PER_TURN = 8;
const OTHER_CALLS_TURN_MS = 20;
/** Of one sender, and of all; who sends over UDP sends again what was dropped. */
const MAX_OF_ONE = 256;
const MAX_OF_ALL = 4_096;

/**
 * Under overload everything else is shed before emergency calls: keep-alives, messages, and calls to numbers, which lead to whom an
 * emergency call has to be called back, stand in line behind them, the senders in turns; beyond a short line they are dropped and
 * counted. While emergency calls wait, one question is begun in a turn and one call in 20 ms: a flood of emergency calls must
 * neither keep a PSAP from calling back, nor those that watch over us from learning that we are there.
 */
export function createYieldToCalls(deps: {
  /** Emergency calls that wait to be begun. */
  emergencyCalls: Pick<FairTurns, 'waiting'>;
  clock: Pick<Clock, 'after'>;
  metrics: Metrics;
}): YieldToCalls {
  const { emergencyCalls, clock } = deps;
  const count = deps.metrics.tally(
    'waymark_sip_requests_dropped_total',
    'Requests outside of emergency calls that came in such numbers that they were dropped',
    ['kind'],
  );
  const line = (kind: string, perTurn: number, nextTurn?: (action: () => void) => void): FairTurns =>
    createFairTurns({
      perTurn,
      ...(nextTurn && { nextTurn }),
      limits: { ofOne: MAX_OF_ONE, ofAll: MAX_OF_ALL, onDrop: count(kind) },
      isHeld: () => emergencyCalls.waiting > 0,
    });
  const questions = line('other', QUESTIONS_PER_TURN);
  const otherCalls = line('call', OTHER_CALLS_PER_TURN, (action) => void clock.after(OTHER_CALLS_TURN_MS, action));

  /** Calls in line, and the CANCEL of a caller that has hung up meanwhile: it is nothing without its INVITE (RFC 3261 §9.2). */
  const inLine = new Map<string, (() => void) | null>();

  function standInLine(invite: SipRequest, flow: SipFlow, take: () => void): void {
    const key = lineKey(invite, flow);
    // It is repeated because nobody has answered it yet.
    if (inLine.has(key)) return;
    inLine.set(key, null);
    const stands = otherCalls.run(flow.remoteAddress, () => {
      const cancel = inLine.get(key);
      inLine.delete(key);
      take();
      cancel?.();
    });
    if (!stands) inLine.delete(key);
  }

  /** Whether the CANCEL waits for its INVITE. */
  function waitsForInvite(cancel: SipRequest, flow: SipFlow, take: () => void): boolean {
    if (inLine.size === 0) return false;
    const key = lineKey(cancel, flow);
    if (!inLine.has(key)) return false;
    inLine.set(key, take);
    return true;
  }

  return (message, flow, take) => {
    if (message.kind === 'response') return take();
    if (message.method === 'CANCEL' && waitsForInvite(message, flow, take)) return;
    if (OF_CALLS.has(message.method)) return take();
    const isCall = message.method === 'INVITE';
    if ((isCall && readServiceNumber(message.uri)) || isInDialog(message)) return take();
    if (isCall) standInLine(message, flow, take);
    else questions.run(flow.remoteAddress, take);
  };
}

/** The same for an INVITE, its repetitions and its CANCEL. */
function lineKey(request: SipRequest, flow: SipFlow): string {
  const via = readTopVia(request);
  return `${flow.remoteAddress} ${via ? serverTransactionKey(request, via, 'INVITE') : ''}`;
}
