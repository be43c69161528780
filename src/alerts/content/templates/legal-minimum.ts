import type { AlertFacts } from '../alert-facts.ts';
import { catalogueOf } from '../catalogue/catalogue.ts';

export type MinimumLine = { name: string; value: string };

/**
 * What a message about the start of a call must say and does not: that a 911 call was made, a callback number, the location
 * conveyed (47 CFR 9.16(b)(2)); in that order. Empty for other moments.
 */
export function missingMinimum(facts: AlertFacts, text: string): MinimumLine[] {
  if (facts.moment !== 'call-started') return [];
  const { labels, words } = catalogueOf(facts.language);
  const { callback, place } = facts;
  const missing: MinimumLine[] = [];
  const said = withoutCallerName(facts, text);
  if (!/\b911\b/.test(withoutValues(facts, text))) missing.push({ name: labels.call, value: facts.headline });
  const saysCallback =
    callback.number === null
      ? said.includes(words.noCallback) || (callback.text !== null && said.includes(callback.text))
      : said.includes(callback.number);
  if (!saysCallback) {
    missing.push({ name: labels.callback, value: callback.number ?? words.noCallback });
  }
  if (!saysPlace(facts, said)) {
    missing.push({ name: labels.location, value: place.short ?? place.text ?? words.unknownLocation });
  }
  return missing;
}

/** A caller who is called `911` has not said that a 911 call was made. */
function withoutCallerName({ caller: { name }, callback }: AlertFacts, text: string): string {
  if (name === null) return text;
  const saysMore = name.includes('911') || (callback.number !== null && name.includes(callback.number));
  return saysMore ? text.replaceAll(name, ' ') : text;
}

/** An address `911 Elm St` and a centre called `Dallas 911` have not said it either. */
function withoutValues(
  { caller, place, destination, call, links, recipient, reasons }: AlertFacts,
  text: string,
): string {
  const { dialed: _said, ...ofCall } = call;
  const values: unknown[] = [caller, place, destination, ofCall, links].flatMap((facts) => Object.values(facts));
  return [...values, recipient, ...reasons]
    .filter((value) => typeof value === 'string' && value.includes('911'))
    .map(String)
    .sort((some, other) => other.length - some.length)
    .reduce((rest, value) => rest.replaceAll(value, ' '), text);
}

/** HTML of a template as it is read. */
export function textOfHtml(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d{1,6});/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&nbsp;/g, ' ');
}

function saysPlace({ place, language }: AlertFacts, said: string): boolean {
  if (!place.isKnown) {
    const { words } = catalogueOf(language);
    return said.includes(words.unknownLocationShort) || said.includes(words.unknownLocation);
  }
  const says = (text: string | null): boolean => text !== null && text !== '' && said.includes(text);
  if (says(place.text) || says(place.short)) return true;
  const isInsideSaid =
    place.inside === null ||
    says(place.inside) ||
    [place.floor, place.room].every((part) => part === null || saysWord(said, part));
  return (says(place.street) || says(place.coordinates)) && isInsideSaid;
}

/** `3` is not said by `+12145550123`. */
function saysWord(said: string, word: string): boolean {
  const isPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);
  for (let at = said.indexOf(word); at >= 0; at = said.indexOf(word, at + 1)) {
    if (!isPart(said[at - 1]) && !isPart(said[at + word.length])) return true;
  }
  return false;
}
