import type { MessageContent } from '../alert-message.ts';
import type { ChatFlavour } from '../connections/alert-connection.ts';

export type ChatContent = Extract<MessageContent, { channel: 'chat' }>;

/** How much of a message is said: the first of these that fits a platform's limit. */
type Fit = { title: number; lines: number; text: number; notices: number };

const FITS: readonly Fit[] = [
  { title: 150, lines: 40, text: 500, notices: 10 },
  { title: 150, lines: 30, text: 200, notices: 6 },
  { title: 120, lines: 20, text: 100, notices: 4 },
  { title: 80, lines: 12, text: 40, notices: 2 },
  { title: 60, lines: 8, text: 25, notices: 1 },
];
const UNTITLED = 'Waymark';
const MAX_NAME = 60;
const MAX_LINKS = 5;
const MAX_LINK_URL = 500;
const MAX_LINK_TEXT = 60;

/**
 * What each platform takes, in bytes of UTF-8: Webex 7,439 of Markdown; Teams 28 KB of everything; Slack 40,000 characters of
 * text, 50 blocks and 3,000 characters in each.
 */
const LIMITS: Readonly<Record<ChatFlavour, number>> = { webex: 7_439, teams: 28_000, slack: 40_000 };

const COMPOSERS: Readonly<Record<ChatFlavour, (content: ChatContent) => object>> = {
  webex: composeWebex,
  teams: composeTeams,
  slack: composeSlack,
};

/**
 * The body of an incoming webhook of Webex, Microsoft Teams or Slack. What comes from outside (names of callers above all) is
 * text and nothing else there: no link, no mention, no heading. Shortened until it fits.
 */
export function composeChat(flavour: ChatFlavour, content: ChatContent): string {
  let body = '';
  for (const fit of FITS) {
    const payload = COMPOSERS[flavour](shorten(content, fit));
    const limited = flavour === 'webex' ? (payload as { markdown: string }).markdown : JSON.stringify(payload);
    body = JSON.stringify(payload);
    if (Buffer.byteLength(limited) <= LIMITS[flavour]) break;
  }
  return body;
}

function shorten({ channel, title, lines, notices, links }: ChatContent, fit: Fit): ChatContent {
  return {
    channel,
    // No platform takes an empty text.
    title: plain(title, fit.title) || UNTITLED,
    lines: lines
      .map(({ name, value }) => ({ name: plain(name, Math.min(MAX_NAME, fit.text)), value: plain(value, fit.text) }))
      .filter(({ value }) => value !== '')
      .slice(0, fit.lines),
    notices: notices
      .map((notice) => plain(notice, fit.text))
      .filter((notice) => notice !== '')
      .slice(0, fit.notices),
    links: links
      .filter(({ url }) => url.length <= MAX_LINK_URL && /^https?:$/.test(URL.parse(url)?.protocol ?? ''))
      .slice(0, MAX_LINKS)
      .map(({ text, url }) => ({ text: plain(text, MAX_LINK_TEXT) || url, url: new URL(url).href })),
  };
}

const WORD_JOINER = '\u2060';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * One line of at most `max` UTF-16 units, ended within no character; without controls and without what turns the direction of
 * writing. An invisible joiner stands where clients would make a link of an address, a mention of a name or a function of braces.
 */
function plain(given: string, max: number): string {
  const text = given
    .slice(0, 4 * max)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return cut(text, max)
    .replaceAll(/:(?=\/)|[@#]|\.(?=\p{L}{2})|\{(?=\{)|www(?=\.)/giu, (mark) => `${mark}${WORD_JOINER}`)
    .replaceAll(/\b(mailto|tel|sips?|xmpp|im|sms)(?=:)/gi, (scheme) => `${scheme}${WORD_JOINER}`);
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Incoming webhook of Webex: `markdown`, CommonMark with some HTML, in which `<@…>` would be a mention. */
function composeWebex({ title, lines, notices, links }: ChatContent): object {
  const parts = [
    `**${webex(title)}**`,
    // A line without a name begins with what a caller may have chosen: the joiner keeps it from being a heading or a list.
    lines
      .map(({ name, value }) => (name === '' ? `${WORD_JOINER}${webex(value)}` : `**${webex(name)}:** ${webex(value)}`))
      .join('  \n'),
    ...notices.map((notice) => `_${webex(notice)}_`),
    links.map(({ text, url }) => `[${webex(text)}](<${url.replaceAll(/[<>\\]/g, encodeURIComponent)}>)`).join(' · '),
  ];
  return { markdown: parts.filter((part) => part !== '').join('\n\n') };
}

/**
 * CommonMark §2.4: punctuation after a backslash is itself; of `&`, `<` and `>` the entity says so to HTML, too. Marks that mean
 * something only where a line begins stay, for no text of ours begins one.
 */
function webex(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~]/g, String.raw`\$&`);
}

/**
 * Incoming webhook and workflow of Microsoft Teams: an Adaptive Card 1.4 in an envelope. Texts stand in `TextRun`s, which know
 * no Markdown; a `TextBlock` would make links of it.
 */
function composeTeams({ title, lines, notices, links }: ChatContent): object {
  const run = (text: string, look: object = {}): object => ({ type: 'TextRun', text, ...look });
  const block = (...inlines: object[]): object => ({ type: 'RichTextBlock', inlines });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            block(run(title, { weight: 'Bolder', size: 'Large' })),
            ...lines.map(({ name, value }) =>
              name === '' ? block(run(value)) : block(run(`${name}: `, { weight: 'Bolder' }), run(value)),
            ),
            ...notices.map((notice) => block(run(notice, { italic: true }))),
          ],
          actions: links.map(({ text, url }) => ({ type: 'Action.OpenUrl', title: text, url })),
        },
      },
    ],
  };
}

const FIELDS_IN_A_SECTION = 10;

/** Incoming webhook of Slack: blocks of `plain_text`, which knows no markup; links, which are ours, in `mrkdwn`. */
function composeSlack({ title, lines, notices, links }: ChatContent): object {
  const text = (words: string): object => ({ type: 'plain_text', text: words, emoji: false });
  const sections: object[] = [];
  for (let at = 0; at < lines.length; at += FIELDS_IN_A_SECTION) {
    const fields = lines
      .slice(at, at + FIELDS_IN_A_SECTION)
      .map(({ name, value }) => text(name === '' ? value : `${name}:\n${value}`));
    sections.push({ type: 'section', fields });
  }
  const linked = links.map((link) => `<${link.url.replaceAll(/[|<>]/g, encodeURIComponent)}|${slack(link.text)}>`);
  return {
    // What notifications show: read as markup unless told.
    text: slack(title),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: text(cut(title, 150)) },
      ...sections,
      ...notices.map((notice) => ({ type: 'section', text: text(notice) })),
      ...(linked.length > 0
        ? [{ type: 'section', text: { type: 'mrkdwn', text: linked.join('  '), verbatim: true } }]
        : []),
    ],
  };
}

/** The three characters by which Slack tells links and mentions from text; marks of emphasis are parted from their words. */
function slack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_~`]/g, (mark) => `${WORD_JOINER}${mark}${WORD_JOINER}`);
}
