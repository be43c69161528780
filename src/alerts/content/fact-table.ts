import type { AlertFacts } from './alert-facts.ts';

type Plain = string | number | boolean | null;

/** The names under which templates find facts: `caller.name`. */
export type FactPath = Paths<AlertFacts>;
type Paths<Facts> = {
  [Name in keyof Facts & string]: Facts[Name] extends Plain
    ? Name
    : Facts[Name] extends readonly unknown[]
      ? Name
      : `${Name}.${Paths<Facts[Name]>}`;
}[keyof Facts & string];

export type FactKind = 'text' | 'yes or no' | 'list of texts' | 'list of name and value';
export type FactDescription = { kind: FactKind; meaning: string };

const text = (meaning: string): FactDescription => ({ kind: 'text', meaning });
const yesOrNo = (meaning: string): FactDescription => ({ kind: 'yes or no', meaning });
const texts = (meaning: string): FactDescription => ({ kind: 'list of texts', meaning });

/** What authors of templates can name; a fact without its line does not compile. */
export const FACT_TABLE: Readonly<Record<FactPath, FactDescription>> = {
  language: text('`en` or `fr`, the language of the recipient'),
  moment: text('`call-started`, `call-ended`, `test-call` …'),
  trigger: text('the weightiest trigger for which the recipient is told: `call-placed`, `location-unknown` …'),
  severity: text('`emergency`, `critical`, `warning` or `info`'),
  severityText: text('the severity in words'),
  headline: text('what happened, as a sentence without its full stop'),
  opening: text('how a subject begins: `911 CALL`, `DRILL`'),
  isDrill: yesOrNo('it is an exercise'),
  isSimulated: yesOrNo('the call went to a simulator of this platform'),
  isTest: yesOrNo('the call is a 933 test call'),
  'time.text': text('when it happened, in the time zone of the recipient, else of the site'),
  'time.atSite': text('the same in the time zone of the site, where that is another'),
  'time.iso': text('the same in UTC, ISO 8601'),
  'caller.name': text('the name that the call carried'),
  'caller.number': text('the number of the caller'),
  'caller.text': text('name and number, or the best of what is known'),
  'caller.kind': text('person, workspace, virtual line, hunt group'),
  'callback.number': text('the number on which the caller is reached'),
  'callback.quality': text('whom that number reaches'),
  'callback.rule': text('why that number'),
  'callback.text': text('number, whom it reaches and why'),
  'place.isKnown': yesOrNo('something says where the caller is'),
  'place.text': text('the whole dispatchable location on one line'),
  'place.short': text('building, street, floor, room and city'),
  'place.street': text('house number and street'),
  'place.city': text('city'),
  'place.building': text('name of the building'),
  'place.floor': text('floor'),
  'place.room': text('room'),
  'place.inside': text('floor, room and the like'),
  'place.responseLocation': text('name of the emergency response location'),
  'place.site': text('name of the site'),
  'place.coordinates': text('latitude and longitude, WGS 84'),
  'place.foundBy': text('where the location came from and which rule found it'),
  'place.method': text('method token (RFC 4119 §2.2.6)'),
  'place.determined': text('when the location was determined'),
  'place.age': text('how long before the call that was'),
  'destination.name': text('where the call was sent'),
  'destination.kind': text('public safety answering point, relay centre, test agent'),
  'destination.text': text('name and kind'),
  'destination.reason': text('why there (English only)'),
  'destination.conveyed': text('how the location was conveyed'),
  'destination.callback': text('the callback number that was conveyed'),
  'destination.passedOver': text('destinations that did not take the call'),
  'call.id': text('id of the call here'),
  'call.emergencyCallId': text('emergency call identifier (NENA i3)'),
  'call.incidentId': text('incident tracking identifier (NENA i3)'),
  'call.dialed': text('what was dialled'),
  'call.started': text('when it was made'),
  'call.outcome': text('what became of the call so far'),
  'call.answered': text('when it was answered'),
  'call.ended': text('when it ended'),
  'call.duration': text('how long it took'),
  'test.announcement': text('of a 933 call: what was played'),
  'test.sound': text('of a 933 call: what was heard of the phone'),
  'test.fault': text('of a 933 call: what went wrong'),
  'news.text': text('what happened, where it is no call'),
  'news.lines': { kind: 'list of name and value', meaning: 'what else is to say of it' },
  notices: texts('what must be seen first: a drill, a simulated destination; said above your words anyway'),
  notes: texts('what is noteworthy of the call'),
  flags: texts('the same as names: `relay`, `no-location` …'),
  reasons: texts('why the recipient is told'),
  recipient: text('the address, number or name of who is told'),
  'links.trace': text('page of the call'),
  'links.data': text('the call as JSON'),
  'links.acknowledge': text('one-time link of this recipient by which to acknowledge'),
  'links.incident': text('page of the incident'),
};

const PATHS: ReadonlySet<string> = new Set(Object.keys(FACT_TABLE));

export function isFactPath(path: string): path is FactPath {
  return PATHS.has(path);
}

/** As a table for people, in Markdown. */
export function factMarkdown(): string {
  const rows = Object.entries(FACT_TABLE).map(([name, { kind, meaning }]) => `| \`${name}\` | ${kind} | ${meaning} |`);
  return ['| name | kind | what it says |', '| --- | --- | --- |', ...rows].join('\n');
}
