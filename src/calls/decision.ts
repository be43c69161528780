import type {
  CallCallback,
  CallCaller,
  CallDestination,
  CallFlag,
  CallLocation,
  CallStanding,
  CallStep,
  TraceEntry,
  TraceInputs,
  TraceLookup,
} from '../domain/call-record.ts';
import type { LocationValue } from '../domain/location-value.ts';
import type { Clock } from '../support/clock.ts';
import type { CallLookups, KnownCaller, LocationTarget } from './call-lookups.ts';
import type { EmergencyCall } from './emergency-call.ts';
import type { Trunk } from './trunk.ts';

/** Time as the decision reads it. */
export type Now = Pick<Clock, 'nowMs' | 'monotonicMs'>;

/** What a step works with: the call, the lookups, the time, and what earlier steps chose. */
export type StepContext = { call: EmergencyCall; lookups: CallLookups; now: Now };

/** What a step answers: a value, the choice in a few words, and the sentence that says why. */
export type StepResult<Value> = {
  value: Value;
  choice: string;
  reason: string;
  flags?: readonly CallFlag[];
};

/** identify-caller: who calls, and whose call it is. */
export type CallerIdentity = {
  organizationId: string | null;
  trunkId: string | null;
  /** The trunk it came from, with its habits; null when none is known. */
  trunk: Trunk | null;
  caller: CallCaller;
  /** The member behind the number; null when none is known in that organization. */
  known: KnownCaller | null;
  standing: CallStanding | null;
};

/** attach-location: what routes the call, and the reference to put on it when it carries none (decision 13). */
export type AttachedLocation = {
  location: CallLocation | null;
  /** A self-registered address of a movable device (decision 11). */
  isNomadic: boolean;
  /** Where a reference of ours has to point; null = the call keeps what it conveys. */
  addReference: { organizationId: string; target: LocationTarget } | null;
  /** What is put on the call by value instead, towards an ESInet (decision 13); null = nothing. */
  addBody: LocationValue | null;
  /** Standing at the location, which may be another one than the number's. */
  standing: CallStanding | null;
};

/** One place to send the call to. */
export type Candidate = CallDestination & {
  /** `caller`: who made an emergency call, and is called back. */
  kind: 'psap' | 'relay' | 'caller';
  /** How long it may stay silent before the next is tried. */
  silenceMs: number;
  /** How long it may ring, and how long it may keep the call in a queue (182); null: as long as SIP allows. */
  ringMs: number | null;
  queueMs: number | null;
  /** Decision 14: it wants its own URI as Request-URI instead of a service URN and a Route. */
  plainSipUser: boolean;
};

/** choose-destination: where to, in the order in which it is tried; never empty. */
export type ChosenDestination = {
  candidates: readonly [Candidate, ...Candidate[]];
  country: 'US' | 'CA';
  /** Language of the site, `en` or `fr`, when it is known (decision 11). */
  language: 'en' | 'fr' | null;
};

/** Everything that was decided about a call before it is forwarded. */
export type Decision = CallerIdentity &
  AttachedLocation &
  ChosenDestination & {
    callback: CallCallback;
    destination: Candidate;
    flags: readonly CallFlag[];
    trace: readonly TraceEntry[];
  };

/** Collects the trace and the flags of one call. */
export type DecisionLog = { trace: TraceEntry[]; flags: Set<CallFlag> };

/** What a step saw and how long it took. */
export type StepFacts = { durationMs: number; inputs: TraceInputs; lookups: readonly TraceLookup[] | undefined };

export function note(log: DecisionLog, step: CallStep, choice: string, reason: string, facts: StepFacts): void {
  const { durationMs, inputs, lookups } = facts;
  const entry = { step, choice, reason, durationMs: Math.round(durationMs * 1000) / 1000, inputs };
  log.trace.push(lookups ? { ...entry, lookups } : entry);
}
