import type { CallRecord } from '../../domain/call-record.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';

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
  /** Keeps the caller; a later call with the number stays. */
  remember(callbackNumber: string, caller: RecentCaller): void;
  /** Undefined when nobody made an emergency call with it lately. */
  find(callbackNumber: string, nowMonotonicMs: number): RecentCaller | undefined;
};

/**
 * Who made the emergency call of a record, and when on the monotonic clock; undefined where nobody could be called back.
 * `destinationUris`: where it may go; unless told, where the record says it went.
 */
export function recentCallerOf(
  record: CallRecord,
  clock: Clock,
  destinationUris: readonly string[] = [record.destination, ...record.attempts].map(({ uri }) => uri),
): RecentCaller | undefined {
  const { caller, callback, organizationId, trunkId, emergencyCallId, incidentId } = record;
  if (record.kind !== '911' || callback.number === null || organizationId === null) return undefined;
  // A wall clock that was set back makes no call of the future.
  const agoMs = Math.max(0, clock.nowMs() - Date.parse(record.startedAt));
  return {
    organizationId,
    trunkId,
    caller: caller.number,
    contact: caller.contact ?? null,
    emergencyCallId,
    incidentId,
    destinationUris,
    calledAtMs: clock.monotonicMs() - agoMs,
  };
}

const MAX_CALLERS = 20_000;

export function createRecentCallers(windowMs: number): RecentCallers {
  const callers = new BoundedMap<string, RecentCaller>(MAX_CALLERS);
  return {
    remember(callbackNumber, caller) {
      const known = callers.get(callbackNumber);
      if (!known || known.calledAtMs <= caller.calledAtMs) callers.set(callbackNumber, caller);
    },
    find(callbackNumber, nowMonotonicMs) {
      const caller = callers.get(callbackNumber);
      if (!caller) return undefined;
      if (nowMonotonicMs - caller.calledAtMs <= windowMs) return caller;
      callers.delete(callbackNumber);
      return undefined;
    },
  };
}
