import { ALERT_TRIGGERS, type AlertTrigger } from '../../domain/alert-trigger.ts';
import type { CallAttempt, CallRecord } from '../../domain/call-record.ts';
import type { AlertMoment, AlertOccasion } from '../alert-occasion.ts';

/** What decides which triggers a call pulls. */
export type CallOccasionSettings = {
  /** A location determined longer before the call is stale; null: none ever is. */
  staleAfterSeconds: number | null;
};

const PASSED_OVER: ReadonlySet<CallAttempt['outcome']> = new Set(['refused', 'silent', 'unreachable']);

const HOLDS: Readonly<Partial<Record<AlertTrigger, (record: CallRecord, settings: CallOccasionSettings) => boolean>>> =
  {
    'call-placed': () => true,
    'call-abandoned': ({ outcome }) => outcome === 'abandoned',
    'location-unknown': ({ flags }) => flags.includes('no-location'),
    'relay-used': ({ flags, destination }) => destination.kind === 'relay' || flags.includes('relay'),
    'location-default': ({ location }) => location?.source === 'default' || location?.foundBy === 'site-default',
    'location-stale': ({ location }, { staleAfterSeconds }) =>
      staleAfterSeconds !== null && location !== null && (location.ageSeconds ?? 0) > staleAfterSeconds,
    'destination-unreachable': ({ attempts, outcome, flags }) =>
      outcome === 'failed' ||
      flags.includes('failover') ||
      attempts.some((attempt) => PASSED_OVER.has(attempt.outcome)),
  };

/** Everything of which people are told in the one message about a call that was made, the weightiest first. */
function startTriggers(record: CallRecord, settings: CallOccasionSettings): AlertTrigger[] {
  return ALERT_TRIGGERS.filter((trigger) => HOLDS[trigger]?.(record, settings) === true);
}

/** When triggers that a call pulled after it was told of came to light: as it ended, or as a destination was passed over. */
function cameToLightAt({ attempts, endedAt, outcome, startedAt }: CallRecord, added: readonly AlertTrigger[]): string {
  const startedMs = Date.parse(startedAt);
  const triedMs = attempts.reduce((sum, one) => sum + (PASSED_OVER.has(one.outcome) ? one.durationMs : 0), 0);
  const isByItsEnd =
    added.includes('call-abandoned') || (added.includes('destination-unreachable') && outcome === 'failed');
  const endedMs = isByItsEnd && endedAt !== null ? Date.parse(endedAt) : startedMs;
  return new Date(Math.max(startedMs + triedMs, endedMs)).toISOString();
}

function hasEndedAfterAnswer({ answeredAt, endedAt }: CallRecord): boolean {
  return answeredAt !== null && endedAt !== null;
}

/**
 * Of what people are told now that `record` is stored in place of `previous`; null: nothing of the call was told yet, or nobody
 * knows. A moment that comes again, after a restart, is told nobody twice: the key of a message is that of call, endpoint and
 * moment. So the start comes again with all its triggers as soon as one is added (the relay centre after a silent PSAP, the
 * caller who hangs up), and only those hear of it who are told for the sake of that one; later steps count from when it was added.
 */
export function occasionsOf(
  record: CallRecord,
  previous: CallRecord | null,
  settings: CallOccasionSettings,
): AlertOccasion[] {
  const { organizationId, location } = record;
  if (organizationId === null) return [];
  const about = (
    moment: AlertMoment,
    triggers: readonly [AlertTrigger, ...AlertTrigger[]],
    at: string,
  ): AlertOccasion => ({
    subjectId: record.id,
    moment,
    triggers,
    organizationId,
    place: {
      // A location that the call itself conveyed is none of ours; those at the site of the number are told then.
      locationId: location?.locationId ?? record.caller.locationId,
      responseLocationId: location?.erlId ?? null,
    },
    at,
    call: record,
    news: null,
  });

  if (record.kind === '933') {
    if (record.endedAt === null || (previous !== null && previous.endedAt !== null)) return [];
    return [about('test-call', ['test-call'], record.endedAt)];
  }
  if (record.kind !== '911') return [];
  const occasions: AlertOccasion[] = [];
  const pulled = startTriggers(record, settings);
  const [first, ...others] = pulled;
  const known = previous === null ? [] : startTriggers(previous, settings);
  const added = pulled.filter((trigger) => !known.includes(trigger));
  if (first !== undefined && added.length > 0) {
    const occasion = about('call-started', [first, ...others], record.startedAt);
    occasions.push(known.length === 0 ? occasion : { ...occasion, knownAt: cameToLightAt(record, added) });
  }
  if (record.endedAt !== null && hasEndedAfterAnswer(record) && !(previous && hasEndedAfterAnswer(previous))) {
    occasions.push(about('call-ended', ['call-ended'], record.endedAt));
  }
  return occasions;
}
