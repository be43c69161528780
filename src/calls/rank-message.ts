import type { SipRanking } from '../transport/sip-flow.ts';
import type { DialogMarks } from './live-calls.ts';
import { readCallerNumber } from './read-emergency-call.ts';
import { readServiceNumber } from './service-number.ts';

/** How far a head is looked at; what stands beyond is found when the message is read. */
const LOOKED_AT_BYTES = 4_096;
const REQUEST_LINE = /^\s*([a-z]+)[ \t]+(\S+)/i;
const RESPONSE = /^\s*sip\//i;
const CALL_ID = /\n(?:call-id|i)[ \t]*:[ \t]*([^\s]+)/i;
const FROM_TAG = /\n(?:from|f)[ \t]*:[^\n]*;[ \t]*tag[ \t]*=[ \t]*([^\s;]+)/i;
const TO_TAG = /\n(?:to|t)[ \t]*:[^\n]*;[ \t]*tag[ \t]*=[ \t]*([^\s;]+)/i;
/** These stand in a dialog always. */
const IN_DIALOGS: ReadonlySet<string> = new Set(['INFO', 'UPDATE']);
/** What a call that stands cannot do without. */
const OF_CALLS: ReadonlySet<string> = new Set(['BYE', 'PRACK']);

/**
 * The rank of a message by a first look at its bytes, many times quicker than reading it. A CANCEL has that of its INVITE, which it
 * must not overtake (RFC 3261 §9.1: they have the same Request-URI and To).
 */
export function createMessageRanking(deps: {
  /** Whether somebody may be called back on that number now: such a call goes before those to other numbers. */
  isAwaited(number: string): boolean;
  /** Whether it is a call that came by here. */
  isPartOfCall(marks: DialogMarks): boolean;
}): SipRanking {
  return (bytes) => {
    const head = bytes.toString('latin1', 0, Math.min(bytes.length, LOOKED_AT_BYTES));
    const [, written = '', uri = ''] = REQUEST_LINE.exec(head) ?? [];
    const method = written.toUpperCase();
    if (method === '') return RESPONSE.test(head) ? 'of-calls' : 'other';
    if (method === 'ACK') return 'of-calls';
    if (OF_CALLS.has(method)) {
      const [callId, fromTag, toTag] = [CALL_ID, FROM_TAG, TO_TAG].map((pattern) => pattern.exec(head)?.[1]);
      return deps.isPartOfCall({ callId, fromTag, toTag }) ? 'of-calls' : 'in-dialog';
    }
    const isCall = method === 'INVITE' || method === 'CANCEL';
    if (isCall && readServiceNumber(uri)?.kind === '911') return 'emergency';
    if (IN_DIALOGS.has(method) || TO_TAG.test(head)) return 'in-dialog';
    if (!isCall) return 'other';
    const number = readCallerNumber(uri);
    return number !== null && deps.isAwaited(number) ? 'of-calls' : 'call';
  };
}
