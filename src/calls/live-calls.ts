import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import type { CallSession } from './call-session.ts';

/**
 * Calls that were forwarded and are not known to have ended, by Call-ID. Only their records depend on it: the dialogs
 * themselves are relayed by their headers, also after a restart.
 */
export type LiveCalls = {
  add(callId: string, session: CallSession): void;
  remove(callId: string): void;
  /** A BYE of the call came. */
  ended(callId: string): void;
  readonly size: number;
};

const MAX_LIVE_CALLS = 100_000;

export function createLiveCalls(clock: Clock): LiveCalls {
  const sessions = new BoundedMap<string, CallSession>(MAX_LIVE_CALLS);
  return {
    add: (callId, session) => sessions.set(callId, session),
    remove: (callId) => void sessions.delete(callId),
    ended(callId) {
      const session = sessions.get(callId);
      if (!session) return;
      sessions.delete(callId);
      session.change({ outcome: 'completed', endedAt: new Date(clock.nowMs()).toISOString() });
    },
    get size() {
      return sessions.size;
    },
  };
}
