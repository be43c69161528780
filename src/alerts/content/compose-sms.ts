import type { AlertFacts } from './alert-facts.ts';
import { catalogueOf } from './catalogue/catalogue.ts';
import { isGsmText, smsSegments, toGsmText } from './gsm-text.ts';
import { shortCallback, shortNotices, shortStory } from './short-texts.ts';
import { SHRINKINGS, shrinkFacts } from './shrink-facts.ts';

/** What a telephone shows without being asked for more; longer chains arrive late or in pieces. */
export const MAX_SMS_SEGMENTS = 2;

/** What comes first counts most: 911, who, where exactly, callback number, the link by which to acknowledge. */
export function smsText(facts: AlertFacts): string {
  const { words } = catalogueOf(facts.language);
  const { acknowledge } = facts.links;
  return [
    shortNotices(facts),
    shortStory(facts),
    shortCallback(facts),
    acknowledge === null ? '' : `${words.acknowledgeShort}${words.colon}${acknowledge}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/**
 * `write` with facts shrunk until the text fits into its segments. Where even the least does not, it is cut at its end, and what
 * `first` writes stands before it.
 */
export function fitSms(
  facts: AlertFacts,
  write: (facts: AlertFacts) => string,
  first: (facts: AlertFacts) => string = () => '',
): string {
  const named = namedInGsm(facts);
  let text = '';
  for (let level = 0; level < SHRINKINGS; level += 1) {
    text = toGsmText(write(shrinkFacts(named, level))).trim();
    if (smsSegments(text) <= MAX_SMS_SEGMENTS) return text;
  }
  const head = toGsmText(first(shrinkFacts(named, SHRINKINGS - 1)));
  return cutToSegments(`${head} ${text}`.trim(), toGsmText(shortCallback(facts)));
}

/** A name in another script would halve the room for the place: the number names the caller instead. */
function namedInGsm(facts: AlertFacts): AlertFacts {
  const { caller } = facts;
  if (caller.name === null || isGsmText(toGsmText(caller.name))) return facts;
  const bare = toGsmText(caller.name)
    .replace(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Variation_Selector}|\u200d/gu, '')
    .trim();
  const name = bare !== '' && isGsmText(bare) ? bare : null;
  return { ...facts, caller: { ...caller, name, text: name ?? caller.number ?? caller.text } };
}

/** More characters than the segments ever hold. */
const MAX_CHARACTERS = 160 * MAX_SMS_SEGMENTS;

/** Cut at its end, but for the callback number. */
function cutToSegments(text: string, callback: string): string {
  const characters = Array.from(text.slice(0, MAX_CHARACTERS).toWellFormed());
  for (let length = characters.length; length > 0; length -= 1) {
    const kept = `${characters.slice(0, length).join('')}...`;
    const whole = kept.includes(callback) ? kept : `${kept} ${callback}`;
    if (smsSegments(whole) <= MAX_SMS_SEGMENTS) return whole;
  }
  return callback;
}
