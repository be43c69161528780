import type { AlertTrigger } from '../domain/alert-trigger.ts';
import type { CallRecord } from '../domain/call-record.ts';

/**
 * When somebody is told. What is true at the start of a call (placed, relay centre used, location unknown …) is told in one
 * message, so that nobody gets five for one call.
 */
export type AlertMoment =
  | 'call-started'
  | 'call-ended'
  | 'test-call'
  | 'undefined-element'
  | 'destination-unreachable'
  | 'delivery-failing'
  | 'stage-changed'
  | 'drill'
  /** Somebody acknowledged an incident; who was told of it learns who, by a short message. */
  | 'acknowledged';

/** Something of which people are told: one moment of one subject, with every trigger that holds of it. */
export type AlertOccasion = {
  /** What it is about: the call's id, or a text that is the same whenever the same thing is told again. At most 200 characters. */
  subjectId: string;
  moment: AlertMoment;
  /** At least one; the weightiest first. */
  triggers: readonly [AlertTrigger, ...AlertTrigger[]];
  organizationId: string;
  place: AlertPlace;
  /** ISO 8601. */
  at: string;
  /** When it came to light, ISO 8601, where that was later: steps that follow are counted from then. Absent: with `at`. */
  knownAt?: string;
  call: CallRecord | null;
  /** What happened, where it is no call. */
  news: AlertNews | null;
};

/** Where it happened, as far as that is known. */
export type AlertPlace = { locationId: string | null; responseLocationId: string | null };

/** Something other than a call, already in words that need no translation beyond their labels. */
export type AlertNews = {
  /** Names a sentence of the catalogue. */
  sentence: string;
  /** What stands in that sentence and in the lines below it; texts of at most 500 characters. */
  values: Readonly<Record<string, string>>;
};
