import type { AlertLanguage, AlertSeverity, AlertTrigger } from '../../../domain/alert-trigger.ts';
import type {
  CallAttempt,
  CallCallback,
  CallCaller,
  CallConveyed,
  CallDestination,
  CallFlag,
  CallOutcome,
  FoundBy,
  LocationSource,
  TestCallResult,
} from '../../../domain/call-record.ts';
import type { Stage } from '../../../domain/stage.ts';
import type { AlertChannel } from '../../alert-endpoint.ts';
import type { AlertMoment } from '../../alert-occasion.ts';
import type { NewsSentence, NewsValue } from '../news-sentence.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';

/** Every word of ours in one language: a missing text does not compile. `{name}` stands for what is put in its place. */
export type Catalogue = {
  language: AlertLanguage;
  /** BCP 47, for dates. */
  locale: string;
  severities: Readonly<Record<AlertSeverity, string>>;
  /** What happened, as the largest line of a message; of news, the sentence says it. */
  headlines: Readonly<Record<CallMoment | 'call-abandoned', string>>;
  /** How a subject or a text message begins. */
  openings: Readonly<Record<AlertMoment | 'call-abandoned', string>>;
  /** What holds of a call, where no flag says it. */
  triggers: Readonly<Record<AlertTrigger, string>>;
  /** How the title of an incident begins. */
  incidents: Readonly<Record<AlertTrigger, string>>;
  sentences: Readonly<Record<NewsSentence, string>>;
  newsValues: Readonly<Record<NewsValue, string>>;
  stages: Readonly<Record<Stage, string>>;
  channels: Readonly<Record<AlertChannel, string>>;
  flags: Readonly<Record<CallFlag, string>>;
  sources: Readonly<Record<LocationSource, string>>;
  foundBy: Readonly<Record<FoundBy, string>>;
  destinations: Readonly<Record<CallDestination['kind'], string>>;
  qualities: Readonly<Record<CallCallback['quality'], string>>;
  forms: Readonly<Record<CallConveyed['form'], string>>;
  attempts: Readonly<Record<CallAttempt['outcome'], string>>;
  outcomes: Readonly<Record<CallOutcome, string>>;
  memberKinds: Readonly<Record<NonNullable<CallCaller['memberKind']>, string>>;
  spoken: Readonly<Record<TestCallResult['spoken'], string>>;
  /** How places inside a building are named, from the outside in. */
  indoors: Readonly<Record<'BLD' | 'FLR' | 'UNIT' | 'ROOM' | 'SEAT', string>>;
  labels: Readonly<Record<Label, string>>;
  words: Readonly<Record<Word, string>>;
  /** A sentence that another part wrote in English; what is not known stays as it was written. */
  translate(sentence: string): string;
};

/** The moments that have a call. */
export type CallMoment = 'call-started' | 'call-ended' | 'test-call';

export type Label =
  | 'call'
  | 'where'
  | 'whatHappened'
  | 'record'
  | 'note'
  | 'result'
  | 'details'
  | 'when'
  | 'whenAtSite'
  | 'caller'
  | 'callback'
  | 'started'
  | 'dialed'
  | 'site'
  | 'location'
  | 'street'
  | 'building'
  | 'floor'
  | 'room'
  | 'inside'
  | 'responseLocation'
  | 'coordinates'
  | 'foundBy'
  | 'method'
  | 'determined'
  | 'sentTo'
  | 'whyThere'
  | 'conveyed'
  | 'callbackConveyed'
  | 'passedOver'
  | 'outcome'
  | 'answered'
  | 'ended'
  | 'duration'
  | 'announcement'
  | 'sound'
  | 'fault'
  | 'callId'
  | 'incidentId'
  | 'trace'
  | 'data'
  | 'incident'
  | 'acknowledge';

export type Word =
  | 'drill'
  | 'drillNotice'
  | 'simulated'
  | 'simulatedNotice'
  | 'unknownLocation'
  | 'unknownLocationShort'
  | 'unknownCaller'
  | 'unknown'
  | 'notKnown'
  | 'none'
  | 'colon'
  | 'callBack'
  | 'noCallback'
  | 'at'
  | 'from'
  | 'secondsBefore'
  | 'within'
  | 'heard'
  | 'notHeard'
  | 'notReceived'
  | 'noFault'
  | 'toldBecause'
  | 'acknowledgeShort'
  | 'mapCaption';

const CATALOGUES: Readonly<Record<AlertLanguage, Catalogue>> = { en: ENGLISH, fr: FRENCH };

export function catalogueOf(language: AlertLanguage): Catalogue {
  return CATALOGUES[language];
}

/** A text of the catalogue with its gaps filled; a gap that nothing fills stays empty. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text
    .replace(/\{(\w+)\}/g, (_gap, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : ''))
    .replace(/ {2,}/g, ' ')
    .trim();
}
