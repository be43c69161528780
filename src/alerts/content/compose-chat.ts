import type { MessageContent } from '../alert-message.ts';
import type { AlertFacts } from './alert-facts.ts';
import { catalogueOf, type Label } from './catalogue/catalogue.ts';
import { mailSubject } from './mail-page.ts';
import { cutText } from './one-line.ts';

export type ChatContent = Extract<MessageContent, { channel: 'chat' }>;

const MAX_LINES = 30;
/** Of all lines and notices together; the smallest room of the three platforms holds about twice as much. */
const MAX_CHARACTERS = 3_500;

/** What a room is told; what counts most stands first, and is what is left when there is no room for all. */
export function chatContent(facts: AlertFacts): ChatContent {
  const { labels, words } = catalogueOf(facts.language);
  const { place, callback, caller, destination, time, news, call, test } = facts;
  const isCall = call.id !== null;
  const all: readonly (readonly [Label, string | null])[] = isCall
    ? [
        ['location', place.text ?? words.unknownLocation],
        ['floor', place.floor],
        ['room', place.room],
        ['callback', callback.text],
        ['caller', caller.text],
        ['when', time.text],
        ['whenAtSite', time.atSite],
        ['started', facts.moment === 'call-started' ? null : call.started],
        ['site', place.site],
        ['responseLocation', place.responseLocation],
        ['sentTo', destination.text],
        ['outcome', facts.moment === 'call-started' ? null : call.outcome],
        ['duration', call.duration],
        ['announcement', test.announcement],
        ['sound', test.sound],
        ['fault', test.fault],
        ['foundBy', place.foundBy],
        ['conveyed', destination.conveyed],
      ]
    : [
        ['when', time.text],
        ['whenAtSite', time.atSite],
        ['site', place.site],
        ['responseLocation', place.responseLocation],
      ];
  const lines = all.flatMap(([label, value]) => (value === null ? [] : [{ name: labels[label], value }]));
  return fitChat({
    channel: 'chat',
    title: mailSubject(facts),
    lines: isCall ? [...news.lines, ...lines] : [...lines, ...news.lines],
    notices: [...facts.notices, ...facts.notes],
    links: chatLinks(facts),
  });
}

/** The links below a message, whoever wrote its words. */
export function chatLinks(facts: AlertFacts): ChatContent['links'] {
  const { labels } = catalogueOf(facts.language);
  const { acknowledge, incident, trace } = facts.links;
  return [
    ...(acknowledge === null ? [] : [{ text: labels.acknowledge, url: acknowledge }]),
    ...(incident === null ? [] : [{ text: labels.incident, url: incident }]),
    ...(trace === null ? [] : [{ text: labels.trace, url: trace }]),
  ];
}

/** Within the limits: the last lines go first. */
export function fitChat(content: ChatContent): ChatContent {
  let room = MAX_CHARACTERS;
  const take = (length: number): boolean => {
    room -= length;
    return room >= 0;
  };
  const notices = content.notices.filter((notice) => take(notice.length));
  const lines = content.lines.slice(0, MAX_LINES).filter(({ name, value }) => take(name.length + value.length));
  return { ...content, title: cutText(content.title, 250), notices, lines };
}
