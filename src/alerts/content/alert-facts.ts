import type { AlertLanguage, AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertMoment } from '../alert-occasion.ts';

/**
 * Everything that can be said of an occasion, as plain values in the reader's language: what templates may name. Every text is
 * one line of at most 500 characters; null: not known, or does not apply (an occasion without a call has no caller).
 */
export type AlertFacts = {
  language: AlertLanguage;
  moment: AlertMoment;
  trigger: AlertTrigger;
  severity: AlertSeverity;
  severityText: string;
  headline: string;
  /** How a subject or a text message begins: `911 CALL`, `DRILL`. */
  opening: string;
  isDrill: boolean;
  isSimulated: boolean;
  isTest: boolean;
  time: TimeFacts;
  caller: CallerFacts;
  callback: CallbackFacts;
  place: PlaceFacts;
  destination: DestinationFacts;
  call: CallFacts;
  test: TestFacts;
  news: NewsFacts;
  notices: readonly string[];
  notes: readonly string[];
  flags: readonly string[];
  reasons: readonly string[];
  recipient: string;
  links: LinkFacts;
};

export type TimeFacts = {
  /** In the reader's time zone. */
  text: string;
  /** In the site's time zone; null where that is the reader's. */
  atSite: string | null;
  /** ISO 8601, UTC. */
  iso: string;
};

export type CallerFacts = {
  name: string | null;
  number: string | null;
  /** Name and number, or the best of what is known. */
  text: string | null;
  kind: string | null;
};

export type CallbackFacts = {
  number: string | null;
  quality: string | null;
  rule: string | null;
  /** Number, what it reaches and why it was chosen. */
  text: string | null;
};

export type PlaceFacts = {
  isKnown: boolean;
  /** The whole dispatchable location on one line. */
  text: string | null;
  /** Building, street, floor, room and city. */
  short: string | null;
  street: string | null;
  city: string | null;
  building: string | null;
  floor: string | null;
  room: string | null;
  /** Floor, room and the like. */
  inside: string | null;
  responseLocation: string | null;
  site: string | null;
  coordinates: string | null;
  /** Where it came from and which rule found it. */
  foundBy: string | null;
  method: string | null;
  determined: string | null;
  age: string | null;
};

export type DestinationFacts = {
  name: string | null;
  kind: string | null;
  text: string | null;
  reason: string | null;
  /** In which form the location was conveyed. */
  conveyed: string | null;
  /** The callback number as conveyed. */
  callback: string | null;
  passedOver: string | null;
};

export type CallFacts = {
  id: string | null;
  emergencyCallId: string | null;
  incidentId: string | null;
  dialed: string | null;
  started: string | null;
  outcome: string | null;
  answered: string | null;
  ended: string | null;
  duration: string | null;
};

/** What came of a 933 call. */
export type TestFacts = { announcement: string | null; sound: string | null; fault: string | null };

export type NewsFacts = {
  text: string | null;
  lines: readonly { readonly name: string; readonly value: string }[];
};

export type LinkFacts = {
  trace: string | null;
  data: string | null;
  acknowledge: string | null;
  incident: string | null;
};
