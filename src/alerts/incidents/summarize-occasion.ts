import type { AlertLanguage, AlertSeverity } from '../../domain/alert-trigger.ts';
import { ALERT_SEVERITIES, TRIGGER_SEVERITY } from '../../domain/alert-trigger.ts';
import type { AlertMoment, AlertOccasion } from '../alert-occasion.ts';
import { catalogueOf } from '../content/catalogue/catalogue.ts';
import { incidentTitle } from '../content/incident-title.ts';
import { cutText, oneLine } from '../content/one-line.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import { OPEN_STANDING } from './apply-act.ts';
import type { Incident, KeptOccasion } from './incident.ts';
import { incidentIdOf } from './incident-id.ts';

const MAX_TITLE = 200;
const MAX_TEXT = 300;

/** Somebody should act from here on. */
const WORTH_AN_INCIDENT: ReadonlySet<AlertSeverity> = new Set(['emergency', 'critical', 'warning']);

/**
 * Whether somebody should act: every emergency call, and whatever else is at least a warning. The end of a call, and that somebody
 * acknowledged, belong to what is open already.
 */
export function isWorthAnIncident(occasion: AlertOccasion, told: readonly ToldRecipient[]): boolean {
  return mayBeIncident(occasion.moment, [severityOf(occasion, told)]);
}

/** The same before it is known who is told: with which severities somebody may be. */
export function mayBeIncident(moment: AlertMoment, severities: readonly AlertSeverity[]): boolean {
  if (moment === 'call-started') return true;
  if (moment === 'call-ended' || moment === 'acknowledged') return false;
  return severities.some((severity) => WORTH_AN_INCIDENT.has(severity));
}

/** The weightiest of what the rules say, and of what the occasion is by itself. */
function severityOf({ triggers }: AlertOccasion, told: readonly ToldRecipient[]): AlertSeverity {
  const said =
    told.length > 0 ? told.map(({ severity }) => severity) : triggers.map((trigger) => TRIGGER_SEVERITY[trigger]);
  return ALERT_SEVERITIES.find((severity) => said.includes(severity)) ?? 'info';
}

export function isDrill({ moment, triggers }: Pick<AlertOccasion, 'moment' | 'triggers'>): boolean {
  return moment === 'drill' || triggers.includes('drill');
}

/**
 * The incident that an occasion opens, told in `language`. Whatever a caller calls itself is one line of text. `placeName`: what the
 * place of the occasion is called, which is not where a call came from.
 */
export function summarizeOccasion(
  occasion: AlertOccasion,
  told: readonly ToldRecipient[],
  { language, placeName }: { language: AlertLanguage; placeName: string | null },
): Incident {
  const { call, news, place } = occasion;
  const caller = call && [call.caller.displayName, call.caller.number].filter(Boolean).join(', ');
  const where = call ? call.location?.text : placeName;
  const [trigger] = occasion.triggers;
  const detail = call
    ? caller || catalogueOf(language).words.unknownCaller
    : Object.values(news?.values ?? {}).join(', ');
  const drill = isDrill(occasion);
  return {
    ...OPEN_STANDING,
    id: incidentIdOf(occasion),
    organizationId: occasion.organizationId,
    callId: call?.id ?? null,
    moment: occasion.moment,
    trigger,
    severity: severityOf(occasion, told),
    isDrill: drill,
    locationId: place.locationId,
    responseLocationId: place.responseLocationId,
    openedAt: occasion.at,
    title: storable(incidentTitle(language, { trigger, isDrill: drill, detail }), MAX_TITLE),
    caller: caller ? storable(caller, MAX_TEXT) : null,
    callbackNumber: call?.callback.number ? storable(call.callback.number, MAX_TEXT) : null,
    place: where ? storable(where, MAX_TEXT) : null,
  };
}

export function keptOccasion({ call: _call, ...occasion }: AlertOccasion): KeptOccasion {
  return occasion;
}

/** One line without NUL, which the database does not take. */
function storable(text: string, maxLength: number): string {
  return cutText(oneLine(text), maxLength).replaceAll('\0', '\uFFFD');
}
