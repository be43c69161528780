import type { CallLocation, CallRecord, TestCallResult } from '../../domain/call-record.ts';
import { type CivicAddress, formatCivicAddress, indoorLine, streetLine } from '../../domain/civic-address.ts';
import { shapeCenter } from '../../domain/shape.ts';
import { STAGES, type Stage } from '../../domain/stage.ts';
import { ALERT_CHANNELS } from '../alert-endpoint.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertContext } from './alert-context.ts';
import type {
  AlertFacts,
  CallbackFacts,
  CallerFacts,
  CallFacts,
  DestinationFacts,
  NewsFacts,
  PlaceFacts,
  TestFacts,
} from './alert-facts.ts';
import { type CallMoment, type Catalogue, catalogueOf, fillText } from './catalogue/catalogue.ts';
import { formatDuration, formatTime } from './format-time.ts';
import { titleIn } from './incident-title.ts';
import { isNewsSentence, isNewsValue } from './news-sentence.ts';
import { cutText, oneLine } from './one-line.ts';

/** What can be told to this recipient of this occasion. */
export function gatherFacts(occasion: AlertOccasion, told: ToldRecipient, context: AlertContext): AlertFacts {
  const catalogue = catalogueOf(told.language);
  const { call } = occasion;
  const { words } = catalogue;
  const isDrill = occasion.moment === 'drill' || occasion.triggers.includes('drill');
  const isSimulated = call !== null && context.simulated;
  const zone = told.timeZone ?? context.site?.timeZone;
  const news = newsFacts(occasion, catalogue, zone);
  const atSite = context.site !== null && context.site.timeZone !== zone ? context.site.timeZone : null;
  const opening = openingOf(occasion, catalogue);
  return {
    language: told.language,
    moment: occasion.moment,
    trigger: told.trigger,
    severity: told.severity,
    severityText: catalogue.severities[told.severity],
    headline: headlineOf(occasion, catalogue, news),
    opening: isDrill && occasion.moment !== 'drill' ? `${words.drill} – ${opening}` : opening,
    isDrill,
    isSimulated,
    isTest: call?.kind === '933',
    time: {
      text: formatTime(catalogue.locale, occasion.at, zone),
      atSite: atSite === null ? null : formatTime(catalogue.locale, occasion.at, atSite),
      iso: occasion.at,
    },
    caller: callerFacts(call, catalogue),
    callback: callbackFacts(call, catalogue),
    place: placeFacts(call?.location ?? null, context, catalogue, zone),
    destination: destinationFacts(call, context, catalogue),
    call: callFacts(call, catalogue, zone),
    test: testFacts(call?.testResult, catalogue),
    news,
    notices: [...(isDrill ? [words.drillNotice] : []), ...(isSimulated ? [words.simulatedNotice] : [])],
    notes: notesOf(occasion, catalogue),
    flags: call?.flags ?? [],
    reasons: told.reasons.map((reason) => oneLine(catalogue.translate(reason))),
    recipient: oneLine(told.label),
    links: {
      trace: call && `${context.publicUrl}/calls/${call.id}`,
      data: call && `${context.publicUrl}/api/calls/${call.id}`,
      acknowledge: context.acknowledgeUrl(told),
      incident: context.incidentUrl,
    },
  };
}

const isAbandoned = (occasion: AlertOccasion): boolean =>
  occasion.moment === 'call-started' && occasion.triggers.includes('call-abandoned');

const isCallMoment = (moment: AlertOccasion['moment']): moment is CallMoment =>
  moment === 'call-started' || moment === 'call-ended' || moment === 'test-call';

function openingOf(occasion: AlertOccasion, { openings }: Catalogue): string {
  return openings[isAbandoned(occasion) ? 'call-abandoned' : occasion.moment];
}

function headlineOf(occasion: AlertOccasion, catalogue: Catalogue, news: NewsFacts): string {
  if (isCallMoment(occasion.moment)) {
    return catalogue.headlines[isAbandoned(occasion) ? 'call-abandoned' : occasion.moment];
  }
  return news.text ?? catalogue.triggers[occasion.triggers[0]];
}

/** The sentence of what is no call, and a line for every value that the sentence does not hold. */
function newsFacts({ news }: AlertOccasion, catalogue: Catalogue, zone: string | undefined): NewsFacts {
  if (news === null) return { text: null, lines: [] };
  const values = Object.fromEntries(
    Object.entries(news.values).map(([name, value]) => [name, oneLine(valueText(name, value, catalogue, zone))]),
  );
  const sentence = isNewsSentence(news.sentence) ? catalogue.sentences[news.sentence] : oneLine(news.sentence);
  return {
    text: oneLine(fillText(sentence, values)),
    lines: Object.entries(values)
      .filter(([name, value]) => value !== '' && !sentence.includes(`{${name}}`))
      .map(([name, value]) => ({
        name: isNewsValue(name) ? catalogue.newsValues[name] : cutText(oneLine(name), 40),
        value,
      })),
  };
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** Titles, stages, channels and moments have words of their own in each language. */
function valueText(name: string, value: string, catalogue: Catalogue, zone: string | undefined): string {
  if (name === 'about') return titleIn(catalogue.language, value);
  if (name === 'stage' && isStage(value)) return catalogue.stages[value];
  if (name === 'channel')
    return ALERT_CHANNELS.flatMap((one) => (one === value ? [catalogue.channels[one]] : []))[0] ?? value;
  return ISO_TIME.test(value) ? formatTime(catalogue.locale, value, zone) : value;
}

function isStage(text: string): text is Stage {
  return STAGES.some((stage) => stage === text);
}

/** The flag that says the same as a trigger: it is noted once. */
const FLAG_OF_TRIGGER: Readonly<Partial<Record<string, CallRecord['flags'][number]>>> = {
  'location-unknown': 'no-location',
  'relay-used': 'relay',
  'destination-unreachable': 'failover',
};
/** These are the headline already. */
const UNSAID: ReadonlySet<string> = new Set(['call-placed', 'call-ended', 'drill']);

function notesOf({ call, triggers }: AlertOccasion, catalogue: Catalogue): string[] {
  if (call === null) return [];
  const { flags } = call;
  const unflagged = triggers.filter((trigger) => {
    const flag = FLAG_OF_TRIGGER[trigger];
    return !UNSAID.has(trigger) && !(flag !== undefined && flags.includes(flag));
  });
  return [...unflagged.map((trigger) => catalogue.triggers[trigger]), ...flags.map((flag) => catalogue.flags[flag])];
}

function callerFacts(call: CallRecord | null, catalogue: Catalogue): CallerFacts {
  if (call === null) return { name: null, number: null, text: null, kind: null };
  const { displayName, number, asserted, memberKind } = call.caller;
  const name = displayName ? oneLine(displayName) || null : null;
  const best = name ?? number ?? asserted;
  return {
    name,
    number: number && oneLine(number),
    text: best ? oneLine(name !== null && number ? `${name} (${number})` : best) : catalogue.words.unknown,
    kind: memberKind && catalogue.memberKinds[memberKind],
  };
}

function callbackFacts(call: CallRecord | null, catalogue: Catalogue): CallbackFacts {
  if (call === null) return { number: null, quality: null, rule: null, text: null };
  const { number, quality, rule } = call.callback;
  const why = catalogue.translate(rule);
  const reaches = catalogue.qualities[quality];
  return {
    number: number && oneLine(number),
    quality: reaches,
    rule: oneLine(why),
    text: oneLine(number ? `${number} (${reaches}; ${why})` : `${catalogue.words.none} (${why})`),
  };
}

const NO_PLACE: PlaceFacts = {
  isKnown: false,
  text: null,
  short: null,
  street: null,
  city: null,
  building: null,
  floor: null,
  room: null,
  inside: null,
  responseLocation: null,
  site: null,
  coordinates: null,
  foundBy: null,
  method: null,
  determined: null,
  age: null,
};

const line = (text: string | undefined): string | null => (text ? oneLine(text) || null : null);

function placeFacts(
  location: CallLocation | null,
  context: AlertContext,
  catalogue: Catalogue,
  zone: string | undefined,
): PlaceFacts {
  const site = line(context.site?.name);
  const responseLocation = line(context.responseLocationName ?? undefined);
  if (location === null) return { ...NO_PLACE, site, responseLocation };
  const { civic, shape } = location;
  const street = line(civic ? streetLine(civic) : undefined);
  const inside = line(insideText(location, catalogue));
  const text = line(placeText(location, catalogue));
  const building = line(civic?.NAM ?? civic?.BLD);
  const brief = [line(civic?.NAM), street, inside, line(civic?.A3)].filter((part) => part !== null).join(', ');
  const position = shape && shapeCenter(shape);
  const age = location.ageSeconds === null ? null : location.ageSeconds;
  return {
    isKnown: true,
    text: text ?? catalogue.words.unknown,
    short: brief === '' ? text : brief,
    street,
    city: line(civic?.A3),
    building,
    floor: line(civic?.FLR),
    room: line(civic?.ROOM),
    inside,
    responseLocation,
    site,
    coordinates: position && `${position.latitude.toFixed(6)}, ${position.longitude.toFixed(6)}`,
    foundBy: oneLine(`${catalogue.sources[location.source]}${ruleText(location, catalogue)}`),
    method: line(location.method ?? undefined),
    determined: location.determinedAt && formatTime(catalogue.locale, location.determinedAt, zone),
    age: age === null ? null : fillText(catalogue.words.secondsBefore, { seconds: String(age) }),
  };
}

/** The rule is an English sentence; other languages name its kind, which with the source says as much. */
function ruleText({ rule, foundBy }: CallLocation, catalogue: Catalogue): string {
  if (catalogue.language === 'en') return `: ${rule}`;
  return foundBy === undefined ? '' : ` : ${catalogue.foundBy[foundBy]}`;
}

function insideText({ indoorText, civic }: CallLocation, catalogue: Catalogue): string {
  if (catalogue.language === 'en' || !civic) return indoorText || (civic ? indoorLine(civic) : '');
  return indoorWords(civic, catalogue).join(', ') || indoorText;
}

function placeText({ text, civic }: CallLocation, catalogue: Catalogue): string {
  if (catalogue.language === 'en' || !civic) return text || (civic ? formatCivicAddress(civic) : '');
  const region = [civic.A1, civic.PC].filter(Boolean).join(' ');
  return [civic.NAM, streetLine(civic), ...indoorWords(civic, catalogue), civic.A3, region, civic.country]
    .filter(Boolean)
    .join(', ');
}

function indoorWords(civic: CivicAddress, { indoors }: Catalogue): string[] {
  const named = (['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT'] as const).flatMap((element) =>
    civic[element] ? [`${indoors[element]} ${civic[element]}`] : [],
  );
  return civic.LOC ? [...named, civic.LOC] : named;
}

const PASSED_OVER: ReadonlySet<string> = new Set(['refused', 'silent', 'unreachable']);

function destinationFacts(call: CallRecord | null, context: AlertContext, catalogue: Catalogue): DestinationFacts {
  if (call === null) {
    return { name: null, kind: null, text: null, reason: null, conveyed: null, callback: null, passedOver: null };
  }
  const { destination, conveyed, attempts } = call;
  const kind = catalogue.destinations[destination.kind];
  const passedOver = attempts
    .filter(({ outcome }) => PASSED_OVER.has(outcome))
    .map(({ name, outcome }) => `${name} (${catalogue.attempts[outcome]})`);
  return {
    name: oneLine(destination.name),
    kind,
    text: oneLine(`${destination.name} (${kind}${context.simulated ? `, ${catalogue.words.simulated}` : ''})`),
    // Written in English by routing; in other languages destination and notes say why.
    reason: catalogue.language === 'en' ? line(destination.reason) : null,
    conveyed: catalogue.forms[conveyed.form],
    callback: oneLine(conveyed.callbackNumber ?? catalogue.words.none),
    passedOver: line(passedOver.join(', ')),
  };
}

function callFacts(call: CallRecord | null, catalogue: Catalogue, zone: string | undefined): CallFacts {
  if (call === null) {
    return {
      id: null,
      emergencyCallId: null,
      incidentId: null,
      dialed: null,
      started: null,
      outcome: null,
      answered: null,
      ended: null,
      duration: null,
    };
  }
  const { startedAt, answeredAt, endedAt } = call;
  return {
    id: call.id,
    emergencyCallId: oneLine(call.emergencyCallId),
    incidentId: oneLine(call.incidentId),
    dialed: oneLine(call.dialed),
    started: formatTime(catalogue.locale, startedAt, zone),
    outcome: catalogue.outcomes[call.outcome],
    answered: answeredAt && formatTime(catalogue.locale, answeredAt, zone),
    ended: endedAt && formatTime(catalogue.locale, endedAt, zone),
    duration: endedAt && formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
  };
}

function testFacts(result: TestCallResult | undefined, { spoken, words }: Catalogue): TestFacts {
  if (result === undefined) return { announcement: null, sound: null, fault: null };
  return {
    announcement: spoken[result.spoken],
    sound: result.heard ? words.heard : result.received ? words.notHeard : words.notReceived,
    fault: result.fault === null ? words.noFault : oneLine(result.fault),
  };
}
