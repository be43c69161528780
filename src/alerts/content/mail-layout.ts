import type { AlertLanguage, AlertSeverity } from '../../domain/alert-trigger.ts';
import { escapeHtml } from './escape-html.ts';
import { mailStyle, SEVERITY_COLORS } from './mail-colors.ts';
import { oneLine } from './one-line.ts';

/** One named value; `href` makes it a link where it is `http:`, `https:` or `tel:`. */
export type MailLine = { name: string; value: string; href?: string | null };

/** Named values under a title. */
export type MailSection = { title: string; lines: readonly MailLine[] };

/** A button; the first of a mail is the one that stands out. */
export type MailAction = { text: string; url: string };

/** What a mail says, every text plain and in the language of the reader; none of it is taken for HTML. */
export type MailPage = {
  language: AlertLanguage;
  severity: AlertSeverity;
  /** Also the title of the page. */
  subject: string;
  /** A word above the headline: `Emergency`. */
  badge: string;
  headline: string;
  /** Beneath the headline: when, at which site. Empty: nothing. */
  summary: string;
  /** What must be seen before anything else: simulated destination, drill, no location. */
  notices: readonly string[];
  /** What somebody who runs off must know, in large letters: the place, the callback number. */
  highlights: readonly MailLine[];
  actions: readonly MailAction[];
  sections: readonly MailSection[];
  notes: { title: string; lines: readonly string[] } | null;
  /** Small print: why the reader is told, who sends. */
  footer: readonly string[];
  /** What the organization wrote in place of sections and notes; its HTML was checked when it was saved. */
  own?: { text: string; html: string | null };
};

/** Both forms of one mail; they say the same. */
export type MailBody = { text: string; html: string };

/** Where the picture of the place is put when the mail leaves; nothing stands there when no picture could be drawn. */
export const MAP_SLOT = '<!--map-->';

const LINK = /^(?:https?:\/\/|tel:)[^\s"'<>]+$/i;

/**
 * Lays a mail out as tables with inline styles, which is what mail programs have in common; the styles in its head add dark
 * colours and narrow screens where they are understood.
 */
export function layoutMail(page: MailPage): MailBody {
  return { text: writeText(page), html: writeHtml(page) };
}

/** The picture of the place as it stands in a mail, for `MAP_SLOT`; `cid` is the Content-ID of the picture (RFC 2392 §2). */
export function mapFigure(cid: string, caption: string, attribution: string): string {
  const alt = escapeHtml(caption);
  return (
    `<img class="map" src="cid:${escapeHtml(cid)}" alt="${alt}" width="552" ` +
    'style="display:block;width:100%;max-width:552px;height:auto;border:0;border-radius:6px;margin-top:12px">' +
    `<p class="soft" style="${SMALL}${BREAK}margin:6px 0 0">${alt}</p>` +
    `<p class="soft" style="${font(11, 15)}color:#59636e;${BREAK}margin:2px 0 0">${escapeHtml(attribution)}</p>`
  );
}

const linkOf = (href: string | null | undefined): string | undefined =>
  href !== null && href !== undefined && LINK.test(href) ? href : undefined;

/** In every cell: programs that show mails have fonts of their own for tables. */
const font = (sizePixels: number, linePixels: number): string =>
  `font:${sizePixels}px/${linePixels}px -apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica,Arial,sans-serif;`;
const BODY = `${font(15, 22)}color:#1f2328;`;
const SMALL = `${font(13, 18)}color:#59636e;`;
/** Said once for all that stands within. */
const BREAK = 'overflow-wrap:anywhere;word-break:break-word;';
/** A table for layout as wide as what it stands in, however long a word in it is. */
const tableTag = (style = '', attributes = ''): string =>
  `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" ${attributes}style="width:100%;table-layout:fixed;${style}">`;
const CARD =
  'max-width:600px;background-color:#ffffff;border:1px solid #d8dee4;border-collapse:separate;border-radius:8px;overflow:hidden';
/** Outlook on Windows knows no greatest width. */
const OUTLOOK_FRAME = [
  '<!--[if mso]><table role="presentation" align="center" width="600"><tr><td><![endif]-->',
  '<!--[if mso]></td></tr></table><![endif]-->',
];

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const NUMBER = /\+\d[\d ().-]{4,30}\d/g;

/** A value in its own direction: a name in Arabic turns nothing else around, and does not move the plus of a number behind it. */
function directed(value: string): string {
  const line = oneLine(value);
  const text = escapeHtml(line);
  return `<span dir="auto">${RIGHT_TO_LEFT.test(line) ? text.replace(NUMBER, '<span dir="ltr">$&</span>') : text}</span>`;
}

function valueHtml(line: MailLine, style = ''): string {
  const text = directed(line.value);
  const href = linkOf(line.href);
  return href === undefined
    ? text
    : `<a class="link" href="${escapeHtml(href)}" style="color:#0a58b8;${style}">${text}</a>`;
}

function noticeHtml(notice: string): string {
  return (
    `${tableTag()}<tr><td class="notice" bgcolor="#fff4ce" ` +
    `style="${font(15, 22)}background-color:#fff4ce;color:#3d2e00;font-weight:600;padding:12px 24px;border-bottom:1px solid #f0d58a">` +
    `${escapeHtml(oneLine(notice))}</td></tr></table>`
  );
}

function highlightHtml(line: MailLine): string {
  return (
    `<p class="soft" style="${SMALL}margin:16px 0 2px">${escapeHtml(oneLine(line.name))}</p>` +
    `<p class="strong" style="${font(20, 27)}color:#1f2328;font-weight:700;margin:0">` +
    `${valueHtml(line, 'text-decoration:none;')}</p>`
  );
}

/** A button as a table of its own, which Outlook fills with colour; such tables stand in a row as far as there is room. */
function actionHtml({ text, url }: MailAction, isFirst: boolean): string {
  const href = linkOf(url);
  if (href === undefined) return '';
  const [fill, ink, line] = isFirst ? ['#0a58b8', '#ffffff', '#0a58b8'] : ['#ffffff', '#0a58b8', '#8c959f'];
  const look = isFirst ? 'button' : 'quiet-button';
  return (
    '<table class="action" role="presentation" align="left" cellpadding="0" cellspacing="0" border="0" style="margin:0 12px 12px 0"><tr>' +
    `<td class="${look}" align="center" bgcolor="${fill}" style="background-color:${fill};border:1px solid ${line};border-radius:6px">` +
    `<a class="${look}-text" href="${escapeHtml(href)}" style="${font(16, 22)}color:${ink};display:block;` +
    `font-weight:600;text-decoration:none;padding:11px 20px">${escapeHtml(oneLine(text))}</a></td></tr></table>`
  );
}

function actionsHtml(actions: readonly MailAction[]): string {
  const buttons = actions.map((action, index) => actionHtml(action, index === 0)).join('');
  if (buttons === '') return '';
  return `${tableTag('margin-top:22px')}<tr><td>${buttons}</td></tr></table>`;
}

function titleHtml(title: string): string {
  return (
    `<h2 class="strong" style="${font(16, 22)}color:#1f2328;font-weight:700;margin:26px 0 4px">` +
    `${escapeHtml(oneLine(title))}</h2>`
  );
}

const ROW = 'border-top:1px solid #d8dee4;padding:7px 0;';

function sectionHtml({ title, lines }: MailSection): string {
  const rows = lines.map(
    (line) =>
      `<tr valign="top"><th class="cell name soft" scope="row" align="left" width="34%" ` +
      `style="${font(15, 22)}color:#59636e;${ROW}padding-right:12px">` +
      `${escapeHtml(oneLine(line.name))}</th>` +
      `<td class="cell value text" style="${BODY}${ROW}">${valueHtml(line)}</td></tr>`,
  );
  // A table of data, not of layout: screen readers may tell the name with the value.
  return (
    `${titleHtml(title)}<table width="100%" cellpadding="0" cellspacing="0" border="0" ` +
    `style="border-collapse:collapse;table-layout:fixed">${rows.join('')}</table>`
  );
}

function notesHtml(notes: MailPage['notes']): string {
  if (notes === null || notes.lines.length === 0) return '';
  const items = notes.lines.map((line) => `<li style="margin:0 0 6px">${escapeHtml(oneLine(line))}</li>`).join('');
  return `${titleHtml(notes.title)}<ul class="text" style="${BODY}margin:6px 0 0;padding:0 0 0 20px">${items}</ul>`;
}

function ownHtml(own: MailPage['own']): string {
  if (own === undefined) return '';
  // Outlook knows no `white-space`.
  const html = own.html ?? escapeHtml(own.text).replaceAll('\n', '<br>\n');
  return `<div class="text" style="${BODY}padding-top:16px">${html}</div>`;
}

function headHtml(page: MailPage): string {
  const { bright } = SEVERITY_COLORS[page.severity];
  const summary =
    page.summary === ''
      ? ''
      : `<p style="${font(15, 21)}color:#ffffff;margin:8px 0 0">${escapeHtml(oneLine(page.summary))}</p>`;
  return (
    `${tableTag()}<tr><td class="head" bgcolor="${bright}" style="background-color:${bright};padding:20px 24px">` +
    `<p style="${font(12, 16)}font-weight:700;letter-spacing:1px;text-transform:uppercase;` +
    `color:#ffffff;margin:0 0 6px">${escapeHtml(oneLine(page.badge))}</p>` +
    `<h1 style="${font(26, 32)}font-weight:700;color:#ffffff;margin:0">` +
    `${escapeHtml(oneLine(page.headline))}</h1>${summary}</td></tr></table>`
  );
}

function footerHtml(lines: readonly string[]): string {
  const paragraphs = lines.map((line) => `<p class="soft" style="${SMALL}margin:0 0 4px">${directed(line)}</p>`);
  return paragraphs.length === 0 ? '' : `<div style="padding:16px 24px 24px">${paragraphs.join('')}</div>`;
}

/** What lists of mails show beside the subject, which no reader of the mail itself sees. */
function previewHtml({ highlights }: MailPage): string {
  const preview = highlights.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`).join(' · ');
  return (
    '<div aria-hidden="true" style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px">' +
    `${escapeHtml(preview)}</div>`
  );
}

function writeHtml(page: MailPage): string {
  return [
    `<!doctype html><html lang="${page.language}" dir="ltr"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">',
    `<title>${escapeHtml(oneLine(page.subject))}</title><style>${mailStyle(page.severity)}</style></head>`,
    '<body class="page" style="margin:0;padding:0;background-color:#eef1f4">',
    previewHtml(page),
    `${tableTag('background-color:#eef1f4', 'class="page" bgcolor="#eef1f4" ')}<tr>`,
    '<td class="around" align="center" style="padding:24px 12px">',
    OUTLOOK_FRAME[0],
    tableTag(CARD, 'class="card" bgcolor="#ffffff" '),
    `<tr><td align="left" style="${BREAK}text-align:left"><div role="main">`,
    headHtml(page),
    ...page.notices.map(noticeHtml),
    '<div class="inside" style="padding:4px 24px 24px">',
    ...page.highlights.map(highlightHtml),
    actionsHtml(page.actions),
    MAP_SLOT,
    ownHtml(page.own),
    ...page.sections.map(sectionHtml),
    notesHtml(page.notes),
    '</div></div></td></tr></table>',
    `${tableTag('max-width:600px')}<tr><td align="left" style="${BREAK}text-align:left">${footerHtml(page.footer)}</td></tr></table>`,
    OUTLOOK_FRAME[1],
    '</td></tr></table></body></html>\n',
  ].join('');
}

/** As each language writes it. */
const COLONS: Readonly<Record<AlertLanguage, string>> = { en: ': ', fr: '\u00a0: ' };

function lineText({ name, value, href }: MailLine, colon: string): string {
  const link = linkOf(href);
  const text = oneLine(value);
  // A number one can call stands there already.
  const isShown = link === undefined || link.toLowerCase().startsWith('tel:') || link === text;
  return `${oneLine(name)}${colon}${text}${isShown ? '' : ` <${link}>`}`;
}

function writeText(page: MailPage): string {
  const colon = COLONS[page.language];
  const actions = page.actions.flatMap(({ text, url }) => {
    const href = linkOf(url);
    return href === undefined ? [] : [`${oneLine(text)}${colon}${href}`];
  });
  const head = [`${oneLine(page.badge)}${colon}${oneLine(page.headline)}`, oneLine(page.summary)].filter(
    (line) => line !== '',
  );
  const blocks = [
    head.join('\n'),
    ...page.notices.map(oneLine),
    page.highlights.map((line) => lineText(line, colon)).join('\n'),
    actions.join('\n'),
    page.own?.text ?? '',
    ...page.sections.map(({ title, lines }) =>
      [oneLine(title), ...lines.map((line) => `  ${lineText(line, colon)}`)].join('\n'),
    ),
    page.notes === null || page.notes.lines.length === 0
      ? ''
      : [oneLine(page.notes.title), ...page.notes.lines.map((line) => `  * ${oneLine(line)}`)].join('\n'),
    page.footer.map(oneLine).join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
