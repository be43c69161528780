import type { AlertFacts } from './alert-facts.ts';
import { catalogueOf } from './catalogue/catalogue.ts';
import { cutText } from './one-line.ts';
import { shortCallback, shortNotices } from './short-texts.ts';
import { SHRINKINGS, shrinkFacts } from './shrink-facts.ts';

/** What desktops show of a notification before they cut. */
const MAX_TITLE_LENGTH = 100;
const MAX_BODY_LENGTH = 300;

export type PushText = { title: string; body: string };

/** `911 CALL – Desk 312`, and below it where, and how to call back. */
export function pushText(facts: AlertFacts): PushText {
  const { words } = catalogueOf(facts.language);
  const { caller, place, news } = facts;
  if (facts.call.id === null || news.text !== null) {
    return {
      title: [facts.opening, news.text ?? facts.headline].join(' – '),
      body: [place.short ?? place.site, ...news.lines.map(({ name, value }) => `${name}${words.colon}${value}`)]
        .filter(Boolean)
        .join('\n'),
    };
  }
  const where = place.short ?? [place.site, words.unknownLocationShort].filter(Boolean).join(words.colon);
  return {
    title: `${facts.opening} – ${caller.name ?? caller.number ?? words.unknownCaller}`,
    body: [where, shortCallback(facts), shortNotices(facts)].filter((part) => part !== '').join('\n'),
  };
}

/** `write` with facts shrunk until both texts fit. Where even the least does not, they are cut, and what `first` writes stands before the body. */
export function fitPush(
  facts: AlertFacts,
  write: (facts: AlertFacts) => PushText,
  first: (facts: AlertFacts) => string = () => '',
): PushText {
  let text: PushText = { title: '', body: '' };
  for (let level = 0; level < SHRINKINGS; level += 1) {
    text = write(shrinkFacts(facts, level));
    if (text.title.length <= MAX_TITLE_LENGTH && text.body.length <= MAX_BODY_LENGTH) return text;
  }
  const body = `${first(shrinkFacts(facts, SHRINKINGS - 1))}\n${text.body}`.trim();
  return { title: cutText(text.title, MAX_TITLE_LENGTH), body: cutText(body, MAX_BODY_LENGTH) };
}
