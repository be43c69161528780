import type { AlertFacts } from './alert-facts.ts';
import { cutText } from './one-line.ts';

type Shrinking = { name: number; place: 'full' | 'short' | 'close' | 'inside'; text: number; links: boolean };

/** From everything to what must never be cut: callback number, floor and room. What counts least goes first. */
const LEVELS: readonly Shrinking[] = [
  { name: 500, place: 'full', text: 500, links: true },
  { name: 40, place: 'short', text: 80, links: true },
  { name: 24, place: 'close', text: 60, links: true },
  { name: 16, place: 'inside', text: 40, links: true },
  { name: 16, place: 'close', text: 40, links: false },
  { name: 12, place: 'inside', text: 24, links: false },
  { name: 8, place: 'inside', text: 12, links: false },
];

/** How many times facts can be shrunk; 0 leaves them as they are. */
export const SHRINKINGS = LEVELS.length;

/** The facts in fewer characters, for channels with little room. */
export function shrinkFacts(facts: AlertFacts, level: number): AlertFacts {
  const shrinking = LEVELS[level];
  if (shrinking === undefined || level === 0) return facts;
  const { name, text } = shrinking;
  const cut = <Value extends string | null>(value: Value): Value | string =>
    value === null ? value : cutText(value, text);
  const { caller, callback, place, destination, news, links } = facts;
  const where = placeWords(facts, shrinking);
  return {
    ...facts,
    headline: cutText(facts.headline, Math.max(60, text)),
    caller: {
      ...caller,
      name: caller.name && cutText(caller.name, name),
      text: caller.text && cutText(caller.text, name + 18),
    },
    callback: { ...callback, text: callback.number ?? cut(callback.text), rule: cut(callback.rule) },
    place: {
      ...place,
      text: where,
      short: where,
      street: cut(place.street),
      city: cut(place.city),
      building: cut(place.building),
      responseLocation: cut(place.responseLocation),
      site: cut(place.site),
      foundBy: cut(place.foundBy),
    },
    destination: {
      ...destination,
      name: cut(destination.name),
      text: cut(destination.name),
      reason: cut(destination.reason),
      passedOver: cut(destination.passedOver),
    },
    news: {
      text: cut(news.text),
      lines: news.lines.map((line) => ({ name: line.name, value: cutText(line.value, text) })),
    },
    notes: facts.notes.map((note) => cutText(note, text)),
    reasons: facts.reasons.map((reason) => cutText(reason, text)),
    links: shrinking.links ? links : { trace: null, data: null, acknowledge: null, incident: null },
  };
}

/** Floor and room stay to the last; the street gives way before them, the city before the street. */
function placeWords({ place }: AlertFacts, { place: kept, text }: Shrinking): string | null {
  if (!place.isKnown || kept === 'full') return place.text;
  const inside = place.inside === null ? null : cutText(place.inside, Math.max(40, Math.min(text, 60)));
  const street = place.street === null ? null : cutText(place.street, text);
  const city = kept === 'short' && place.city !== null ? cutText(place.city, text) : null;
  const streetKept = kept === 'inside' && inside !== null ? street && cutText(street, 20) : street;
  const isNamedInside = place.building !== null && inside?.includes(place.building) === true;
  const building = place.building === null || isNamedInside ? null : cutText(place.building, Math.min(text, 40));
  const words = [building, streetKept, inside, city].filter((part) => part !== null).join(', ');
  return words === '' ? place.text && cutText(place.text, text) : words;
}
