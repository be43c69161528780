import type { AlertFacts } from './alert-facts.ts';
import { catalogueOf } from './catalogue/catalogue.ts';

/** What happened, on one line, for the channels that have little room: `911 CALL: Desk 312 at 12 Elm St, Floor 3, Room 312, Dallas`. */
export function shortStory(facts: AlertFacts): string {
  const { words } = catalogueOf(facts.language);
  const { caller, place, news } = facts;
  if (facts.call.id === null) {
    const site = place.site === null ? '' : ` ${place.site}.`;
    return `${facts.opening}${words.colon}${news.text ?? facts.headline}.${site}`;
  }
  const who = caller.name ?? caller.number ?? words.unknownCaller;
  const where = place.short ?? place.text ?? [place.site, words.unknownLocationShort].filter(Boolean).join(words.colon);
  const said = news.text === null ? '' : `${news.text}. `;
  return `${facts.opening}${words.colon}${said}${who}, ${where}.`;
}

/** `Call back +12145550123.` Empty where no call is told of. */
export function shortCallback(facts: AlertFacts): string {
  if (facts.call.id === null) return '';
  const { words } = catalogueOf(facts.language);
  return facts.callback.number === null ? `${words.noCallback}.` : `${words.callBack} ${facts.callback.number}.`;
}

/** What must not be missing from any message, in a few words: a drill, a simulated destination. */
export function shortNotices(facts: AlertFacts): string {
  const { words } = catalogueOf(facts.language);
  return facts.isSimulated ? `${words.simulated}.` : '';
}
