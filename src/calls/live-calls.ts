import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import type { CallSession } from './call-session.ts';

/**
 * Calls that were forwarded and are not known to have ended, by Call-ID. Their records depend on it, and what becomes of
 * answers that come too late; the dialogs themselves are relayed by their headers, also after a restart.
 */
export type LiveCalls = {
  add(callId: string, session: CallSession): void;
  /** A destination answered; `calleeTag` is the To tag of its dialog. */
  answered(callId: string, calleeTag: string | undefined): void;
  /** Nobody answered, and nobody will be let through any more. */
  failed(callId: string): void;
  /** A BYE of a dialog with these tags came. */
  ended(callId: string, tags: readonly (string | undefined)[]): void;
  /** Whether a call was forwarded by this process, lately or not so long ago. */
  isKnown(callId: string): boolean;
  /** Whether the caller talks, or talked, on the dialog with this To tag. */
  isAnswerOf(callId: string, calleeTag: string | undefined): boolean;
  readonly size: number;
};

const MAX_LIVE_CALLS = 100_000;
const MAX_KEY_LENGTH = 256;
/** How many calls are remembered for answers that come too late. */
const MAX_ENDED_CALLS = 20_000;

type LiveCall = { session: CallSession; answer: Answer | null };
/** The dialog that the caller talks on. */
type Answer = { calleeTag: string | undefined };

/** A key of bounded length, whatever a caller thinks up. */
function keyOf(callId: string): string {
  return callId.slice(0, MAX_KEY_LENGTH);
}

export function createLiveCalls(clock: Clock): LiveCalls {
  const live = new BoundedMap<string, LiveCall>(MAX_LIVE_CALLS);
  const over = new BoundedMap<string, Answer | null>(MAX_ENDED_CALLS);

  function remove(key: string, answer: Answer | null): void {
    live.delete(key);
    over.set(key, answer);
  }

  return {
    add(callId, session) {
      over.delete(keyOf(callId));
      live.set(keyOf(callId), { session, answer: null });
    },
    answered(callId, calleeTag) {
      const call = live.get(keyOf(callId));
      if (call) call.answer = { calleeTag };
    },
    failed: (callId) => remove(keyOf(callId), null),
    ended(callId, tags) {
      const call = live.get(keyOf(callId));
      // Before an answer the result of forwarding says how the call ended.
      if (!call?.answer || !tags.includes(call.answer.calleeTag)) return;
      remove(keyOf(callId), call.answer);
      call.session.change({ outcome: 'completed', endedAt: new Date(clock.nowMs()).toISOString() });
    },
    isKnown: (callId) => live.get(keyOf(callId)) !== undefined || over.get(keyOf(callId)) !== undefined,
    isAnswerOf(callId, calleeTag) {
      const call = live.get(keyOf(callId));
      const answer = call ? call.answer : over.get(keyOf(callId));
      return answer !== undefined && answer !== null && answer.calleeTag === calleeTag;
    },
    get size() {
      return live.size;
    },
  };
}
