import type { CivicAddress } from './civic-address.ts';
import type { Shape } from './shape.ts';
import type { CompletedStage, Stage } from './stage.ts';

/**
 * `911`: an emergency call. `933`: a test call, answered by the built-in agent. `callback`: a call to who made an emergency call,
 * by a PSAP or by whoever dialled its ELIN.
 */
export type CallKind = '911' | '933' | 'callback';

/**
 * What became of a call.
 *
 * - `routing`: being set up (also what a crash leaves behind for a call that was forwarded).
 * - `answered`: a destination answered and the call goes on, as far as is known.
 * - `completed`: answered and ended.
 * - `abandoned`: the caller hung up before an answer. Alerted like any other.
 * - `failed`: no destination, not even the relay centre, took the call.
 * - `redirected`: the trunk was told where to send the call (302); what became of it there is not seen here.
 */
export type CallOutcome = 'routing' | 'answered' | 'completed' | 'abandoned' | 'failed' | 'redirected';

/**
 * The steps of routing a call, in their order; `transport` notes what happened before the first, `dereference` and `journal` are
 * the two waits of a call.
 */
export type CallStep =
  | 'transport'
  | 'check-sanity'
  | 'dereference'
  | 'identify-caller'
  | 'attach-location'
  | 'choose-callback'
  | 'choose-destination'
  | 'edit-headers'
  | 'journal'
  | 'forward';

/** What a step was given, by name; texts are cut at 256 characters. */
export type TraceInputs = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

/** One question of a step to what is known, and the answer in a few words; null: nothing is known. */
export type TraceLookup = { lookup: string; asked: string; found: string | null };

/** One choice of the decision trace: what was seen, what was chosen, and the sentence that says why. */
export type TraceEntry = {
  step: CallStep;
  choice: string;
  reason: string;
  durationMs: number;
  inputs?: TraceInputs;
  /** In the order in which they were asked; the first 32. */
  lookups?: readonly TraceLookup[];
  /** How long the step may take; absent where it waits for nothing. */
  deadlineMs?: number;
  /** The deadline passed, and the call went on with the step's default. */
  isLate?: boolean;
};

/** What makes a call noteworthy, as a closed union so that whoever shows or alerts handles every one. */
export type CallFlag =
  /** The location did not complete ROUTING_ENABLED. */
  | 'not-enabled'
  | 'opted-out'
  /** The location lies outside the service area of the compliance rules (decision 4). */
  | 'exempt'
  /** Nothing usable says where the caller is. */
  | 'no-location'
  /** The location lies in no boundary. */
  | 'no-route'
  /** It is not settled which PSAP serves the place, or the operator wants the relay centre there. */
  | 'psap-open'
  /** The call goes to the relay centre. */
  | 'relay'
  /** A self-registered address in Canada (decision 11). */
  | 'nomadic-canada'
  /** No organization could be tied to the call. */
  | 'unknown-organization'
  | 'unknown-caller'
  | 'no-callback'
  /** Every ELIN of the place was in use: the one bound longest now leads to this caller. */
  | 'elin-exhausted'
  /** Location URI, trunk or number name different organizations (decision 12). */
  | 'conflict'
  /** Dialled with a prefix: 9911, 9933. */
  | 'prefixed'
  /** The call came back from where it was sent, as a new one, more often than any real call would. */
  | 'loop'
  /** A destination was passed over for the next. */
  | 'failover'
  /** At least one step failed and its default was used. */
  | 'step-failed'
  /** 933 before NETWORK_ELEMENTS (decision 9). */
  | 'test-calls-not-enabled'
  /** The journal did not take the record in time (decision 16). */
  | 'journal-late';

export type CallCaller = {
  /** E.164, or an extension; null when the call carries no number. */
  number: string | null;
  displayName: string | null;
  memberId: string | null;
  memberKind: 'PEOPLE' | 'PLACE' | 'VIRTUAL_LINE' | 'HUNT_GROUP' | null;
  /** The site that the caller's number belongs to; null when the number is unknown. */
  locationId: string | null;
  /** The identity exactly as the call asserted it (URI); null when it did not. */
  asserted: string | null;
  /** The Contact of the call (URI), by which its device is called back; absent where it had none that can be called. */
  contact?: string;
};

export type CallCallback = {
  number: string | null;
  quality: 'RECOMMENDED' | 'NOT_RECOMMENDED' | 'INVALID';
  /** Which rule won, as a sentence. */
  rule: string;
  /** `number` is an ELIN, which leads to the caller for a while; absent where it is not. */
  elin?: CallElin;
};

/** The use of an ELIN by a call. */
export type CallElin = {
  responseLocationId: string;
  /** When calls to it began to reach the caller, ISO 8601: after every earlier use of the number; absent: when the call began. */
  boundAt?: string;
  /** When calls to it stop reaching the caller, ISO 8601. */
  expiresAt: string;
};

/**
 * Where the location came from: conveyed on the call by value or by reference, else what is known of the caller's device,
 * else the place that the caller number stands for as an ELIN, else the site of the caller's number, else the default of an
 * organization with one site alone.
 */
export type LocationSource = 'conveyed-value' | 'conveyed-reference' | 'device' | 'elin' | 'number' | 'default';

/** The rules of FIND by which a place of ours can have been found. */
export type FoundBy =
  | 'device-override'
  | 'switch-port'
  | 'switch-chassis'
  | 'bssid'
  | 'bssid-mask'
  | 'mac'
  | 'ip-range'
  | 'device-address'
  | 'number'
  | 'site-default';

export type CallLocation = {
  civic: CivicAddress | null;
  shape: Shape | null;
  /** The whole dispatchable location on one line, floor and room included; coordinates when there is no address. */
  text: string;
  /** Floor, room … alone; '' when unknown. */
  indoorText: string;
  locationId: string | null;
  buildingId: string | null;
  erlId: string | null;
  source: LocationSource;
  /** Which rule found it, as a sentence. */
  rule: string;
  /** The rule of FIND behind a reference of ours; absent where none is known. */
  foundBy?: FoundBy;
  /** Method token (RFC 4119 §2.2.6): `Wiremap`, `Manual` …; null when not said. */
  method: string | null;
  /** When it was determined, ISO 8601; null when not said. */
  determinedAt: string | null;
  /** Whole seconds between determination and call; null when not said. */
  ageSeconds: number | null;
};

/** How far the organization and the location had come in compliance when the call was made. */
export type CallStanding = {
  /** The organization has an E911 account that is switched on. */
  accountEnabled: boolean;
  organizationCompleted: CompletedStage;
  locationCompleted: CompletedStage;
  optedOut: boolean;
  exempt: boolean;
  testCallsEnabled: boolean;
  routingEnabled: boolean;
  missing: readonly Stage[];
};

export type CallDestination = {
  uri: string;
  name: string;
  sourceId: string | null;
  /** `caller`: who made an emergency call, and is called back. */
  kind: 'psap' | 'relay' | 'test-agent' | 'caller';
  /** `inside`, `civic-county` … (routing's quality); null for relay and test agent. */
  quality: string | null;
  /** Why this destination, as a sentence. */
  reason: string;
};

/** One destination that was tried. */
export type CallAttempt = {
  uri: string;
  name: string;
  /** `offered`: named to a trunk that sends its calls itself. */
  outcome: 'answered' | 'refused' | 'silent' | 'unreachable' | 'cancelled' | 'ringing' | 'offered';
  /** Final SIP status; null when none came. */
  status: number | null;
  durationMs: number;
  /** The limit that passed, when that is why the call went on without it. */
  deadlineMs?: number;
};

/** What was sent to the destination about the caller (kept for the law, facts of the call). */
export type CallConveyed = {
  /** Values of the Geolocation header as forwarded. */
  geolocation: readonly string[];
  /** `by-value`, `by-reference` as received; `reference-added` = ours was put on the call; `value-added` = a location body was; `none`. */
  form: 'by-value' | 'by-reference' | 'reference-added' | 'value-added' | 'none';
  /** Callback number as conveyed; null when none could be. */
  callbackNumber: string | null;
};

/** What came of a test call: what the phone heard and what was heard of it. Facts measured on the line, kept as evidence. */
export type TestCallResult = {
  /** `tones`: speech failed and tones were played; `none`: nothing was played. */
  spoken: 'speech' | 'tones' | 'none';
  /** Whether sound came from the phone; false although packets came: they held silence. */
  heard: boolean;
  /** Whether packets came from the phone at all: false is one-way audio. */
  received: boolean;
  codec: 'PCMU' | 'PCMA' | null;
  packetsSent: number;
  packetsReceived: number;
  /** Sequence numbers that never came. */
  packetsLost: number;
  /** Interarrival jitter (RFC 3550 §6.4.1). */
  jitterMs: number;
  /** Loudest second of what came, dBov; null: nothing but digital silence. */
  levelDbov: number | null;
  /** Keys pressed, in order (RFC 4733); at most 32. */
  digits: string;
  /** Packets at the media port that were no audio of this call. */
  foreignPackets: number;
  hungUpBy: 'caller' | 'agent' | 'network';
  /** From answer to end. */
  durationMs: number;
  /** What went wrong; null when nothing did. */
  fault: string | null;
};

/** One emergency or test call with everything that was decided about it; JSON-serializable as it stands. */
export type CallRecord = {
  /** UUID; the key under which the record is written once. */
  id: string;
  /** Grows with every change of the record; the newest wins. */
  version: number;
  /** SIP Call-ID. */
  callId: string;
  /** `urn:emergency:uid:callid:…` */
  emergencyCallId: string;
  /** `urn:emergency:uid:incidentid:…` */
  incidentId: string;
  kind: CallKind;
  /** ISO 8601, UTC; as all times here. */
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  /** What the caller dialled: `911`, `9911`, `urn:service:sos` … */
  dialed: string;
  /** Request-URI as received. */
  requestUri: string;
  /** null: no organization could be tied to the call; only the operator sees it. */
  organizationId: string | null;
  trunkId: string | null;
  /** `address:port` of the peer that sent the call. */
  peer: string;
  caller: CallCaller;
  callback: CallCallback;
  location: CallLocation | null;
  /** null when the organization is unknown. */
  standing: CallStanding | null;
  destination: CallDestination;
  attempts: readonly CallAttempt[];
  conveyed: CallConveyed;
  flags: readonly CallFlag[];
  outcome: CallOutcome;
  trace: readonly TraceEntry[];
  /** What the 933 agent said, in English; null for 911. */
  spokenText: string | null;
  /** The same in the language of the site, written only; absent for 911 and where the site's language is English or not known. */
  spokenTranslation?: { language: 'fr'; text: string };
  /** Absent for 911, and as long as the test call goes on. */
  testResult?: TestCallResult;
};
