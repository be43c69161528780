import { BoundedMap } from '../../support/bounded-map.ts';

/** Who made an emergency call a short while ago, and how to reach that very device. */
export type RecentCaller = {
  organizationId: string;
  trunkId: string | null;
  /** Number or extension by which the trunk reaches the caller; null when the call carried none. */
  caller: string | null;
  /** The Contact of its call; null when it was unreadable. */
  contact: string | null;
  emergencyCallId: string;
  incidentId: string;
  /** Where its call may have gone: who of them calls the callback number is a PSAP that calls back. */
  destinationUris: readonly string[];
  /** On the monotonic clock. */
  calledAtMs: number;
};

/** The last emergency caller of each callback number, for as long as a PSAP may call back (RFC 7090 §5.3, RFC 6881 SP-24 ff.). */
export type RecentCallers = {
  remember(callbackNumber: string, caller: RecentCaller): void;
  /** Undefined when nobody made an emergency call with it lately. */
  find(callbackNumber: string, nowMonotonicMs: number): RecentCaller | undefined;
};

const MAX_CALLERS = 20_000;

export function createRecentCallers(windowMs: number): RecentCallers {
  const callers = new BoundedMap<string, RecentCaller>(MAX_CALLERS);
  return {
    remember: (callbackNumber, caller) => callers.set(callbackNumber, caller),
    find(callbackNumber, nowMonotonicMs) {
      const caller = callers.get(callbackNumber);
      if (!caller) return undefined;
      if (nowMonotonicMs - caller.calledAtMs <= windowMs) return caller;
      callers.delete(callbackNumber);
      return undefined;
    },
  };
}
