import type { AlertFacts } from './alert-facts.ts';
import { type Catalogue, catalogueOf, fillText, type Label } from './catalogue/catalogue.ts';
import type { MailAction, MailLine, MailPage, MailSection } from './mail-layout.ts';
import { cutText, oneLine } from './one-line.ts';

const MAX_SUBJECT_PART_LENGTH = 80;

/**
 * What the mail says: that a call was made, a callback number, the location conveyed (47 CFR 9.16(b)(2)), and what helps to
 * act: who, where exactly, how sure, what happened to the call.
 */
export function mailPage(facts: AlertFacts): MailPage {
  const catalogue = catalogueOf(facts.language);
  const { labels, words } = catalogue;
  const isCall = facts.call.id !== null;
  // That somebody takes care of it is short news: the rest was told already.
  const isShort = facts.moment === 'acknowledged';
  return {
    language: facts.language,
    severity: facts.severity,
    subject: mailSubject(facts),
    badge: facts.isDrill ? words.drill : facts.severityText,
    headline: facts.headline,
    summary: [facts.time.text, facts.place.site].filter(Boolean).join(' · '),
    notices: facts.notices,
    highlights: isCall ? callHighlights(facts, catalogue) : newsHighlights(facts, catalogue),
    actions: actionsOf(facts, catalogue),
    sections: (isCall && !isShort ? callSections(facts, catalogue) : newsSections(facts, catalogue)).filter(
      ({ lines }) => lines.length > 0,
    ),
    notes: facts.notes.length > 0 && !isShort ? { title: labels.note, lines: facts.notes } : null,
    footer: facts.reasons.map((reason) => fillText(words.toldBecause, { reason: reason.replace(/\.$/, '') })),
  };
}

/** `911 CALL – Desk 312 – 12 Elm St, Floor 3, Room 312, Dallas, TX 75201, US` */
export function mailSubject(facts: AlertFacts): string {
  const { words } = catalogueOf(facts.language);
  const parts =
    facts.call.id === null || facts.news.text !== null
      ? [facts.opening, facts.news.text ?? facts.headline, facts.place.site]
      : [
          facts.opening,
          facts.caller.name ?? facts.caller.number ?? words.unknownCaller,
          facts.place.text ?? facts.place.site ?? words.unknownLocationShort,
        ];
  return oneLine(
    parts
      .filter((part) => part !== null)
      .map((part) => cutText(part, MAX_SUBJECT_PART_LENGTH))
      .join(' – '),
  );
}

function callHighlights(facts: AlertFacts, catalogue: Catalogue): MailLine[] {
  const { labels, words } = catalogue;
  const { place, callback, caller } = facts;
  return [
    { name: labels.location, value: place.text ?? words.unknownLocation },
    { name: labels.callback, value: callback.number ?? words.none, href: telephone(callback.number) },
    ...lines(catalogue, [['caller', caller.text]]),
  ];
}

function newsHighlights(facts: AlertFacts, catalogue: Catalogue): MailLine[] {
  return lines(catalogue, [
    ['site', facts.place.site],
    ['responseLocation', facts.place.responseLocation],
  ]);
}

/** `tel:` of a number that a telephone can dial (RFC 3966 §3). */
function telephone(number: string | null): string | null {
  return number !== null && /^\+?[0-9]{3,15}$/.test(number) ? `tel:${number}` : null;
}

function actionsOf(facts: AlertFacts, { labels }: Catalogue): MailAction[] {
  const { acknowledge, incident, trace } = facts.links;
  return [
    ...(acknowledge === null ? [] : [{ text: labels.acknowledge, url: acknowledge }]),
    ...(incident === null ? [] : [{ text: labels.incident, url: incident }]),
    ...(trace === null ? [] : [{ text: labels.trace, url: trace }]),
  ];
}

/** The lines of which something is known. */
function lines(
  { labels }: Catalogue,
  values: readonly (readonly [label: Label, value: string | null, href?: string | null])[],
): MailLine[] {
  return values.flatMap(([label, value, href]) =>
    value === null ? [] : [{ name: labels[label], value, ...(href && { href }) }],
  );
}

function callSections(facts: AlertFacts, catalogue: Catalogue): MailSection[] {
  const { labels, words } = catalogue;
  const { call, caller, callback, place, destination, test, time, links } = facts;
  // At the start of a call nothing is known of its course yet.
  const isOver = facts.moment !== 'call-started';
  const determined = place.determined && (place.age === null ? place.determined : `${place.determined} (${place.age})`);
  return [
    { title: labels.details, lines: facts.news.lines },
    {
      title: labels.call,
      lines: lines(catalogue, [
        ['when', `${time.text} (${time.iso})`],
        ['whenAtSite', time.atSite],
        ['started', isOver ? call.started : null],
        ['caller', caller.text],
        ['callback', callback.text, telephone(callback.number)],
        ['dialed', call.dialed],
        ['site', place.site],
        ['outcome', isOver ? call.outcome : null],
        ['answered', isOver ? call.answered : null],
        ['ended', call.ended],
        ['duration', call.duration],
      ]),
    },
    {
      title: labels.result,
      lines: lines(catalogue, [
        ['announcement', test.announcement],
        ['sound', test.sound],
        ['fault', test.fault],
      ]),
    },
    {
      title: labels.where,
      lines: lines(catalogue, [
        ['location', place.text ?? words.unknownLocation],
        ['street', place.street],
        ['building', place.building],
        ['floor', place.floor],
        ['room', place.room],
        ['inside', place.isKnown ? (place.inside ?? words.notKnown) : null],
        ['responseLocation', place.responseLocation],
        ['coordinates', place.coordinates],
        ['foundBy', place.foundBy],
        ['method', place.method],
        ['determined', determined],
      ]),
    },
    {
      title: labels.whatHappened,
      lines: lines(catalogue, [
        ['sentTo', destination.text],
        ['whyThere', destination.reason],
        ['conveyed', destination.conveyed],
        ['callbackConveyed', destination.callback],
        ['passedOver', destination.passedOver],
      ]),
    },
    {
      title: labels.record,
      lines: lines(catalogue, [
        ['callId', call.emergencyCallId],
        ['incidentId', call.incidentId],
        ['trace', links.trace, links.trace],
        ['data', links.data, links.data],
      ]),
    },
  ];
}

function newsSections(facts: AlertFacts, catalogue: Catalogue): MailSection[] {
  const { labels } = catalogue;
  const { time, news } = facts;
  return [
    {
      title: labels.details,
      lines: [
        ...lines(catalogue, [
          ['when', `${time.text} (${time.iso})`],
          ['whenAtSite', time.atSite],
        ]),
        ...news.lines,
      ],
    },
  ];
}
