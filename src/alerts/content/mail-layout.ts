import { escapeHtml } from './escape-html.ts';
import type { MailContent, MailLine } from './mail-content.ts';

/** The HTML of a mail. */
export function layOutMail(content: MailContent): string {
  const row = (name: string, cell: string): string =>
    `<tr><th align="left" valign="top">${escapeHtml(name)}</th><td>${cell}</td></tr>`;
  const table = (title: string, rows: readonly string[]): string =>
    `${heading(title)}<table cellpadding="3">${rows.join('')}</table>`;
  const lines = (all: readonly MailLine[]): string[] => all.map(({ name, value }) => row(name, escapeHtml(value)));
  const own = content.custom;
  return [
    `<!doctype html><html lang="${content.language}"><head><meta charset="utf-8">`,
    `<title>${escapeHtml(content.subject)}</title></head><body style="font-family:sans-serif">`,
    `<h1 style="font-size:20px">${escapeHtml(content.headline)}</h1>`,
    ...content.notices.map((notice) => `<p><strong>${escapeHtml(notice)}</strong></p>`),
    ...(own
      ? [own.html ?? `<p style="white-space:pre-line">${escapeHtml(own.text)}</p>`]
      : content.sections.map((section) => table(section.title, lines(section.lines)))),
    own || content.notes.items.length === 0
      ? ''
      : `${heading(content.notes.title)}<ul>${content.notes.items.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
    ...content.links.map(({ text, url }) => `<p><a href="${escapeHtml(url)}">${escapeHtml(text)}</a></p>`),
    ...content.footer.map((line) => `<p><small>${escapeHtml(line)}</small></p>`),
    '</body></html>\n',
  ].join('');
}

function heading(title: string): string {
  return `<h2 style="font-size:16px;margin:16px 0 4px">${escapeHtml(title)}</h2>`;
}
