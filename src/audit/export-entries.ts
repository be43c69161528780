import type { AuditEntryView } from './audit.ts';

export type ExportFormat = 'csv' | 'ndjson';

const COLUMNS = [
  'sequence',
  'at',
  'actor',
  'actorRole',
  'actorOrganizationId',
  'remoteAddress',
  'action',
  'subject',
  'before',
  'after',
  'detail',
  'trackingId',
] as const satisfies readonly (keyof AuditEntryView)[];

// A spreadsheet takes a cell that begins so for a formula, also one of full-width characters (OWASP, CSV injection).
const FORMULA_START = /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/u;

/** One cell of RFC 4180 that no spreadsheet computes: what looks like a formula gets an apostrophe before it. */
export function csvCell(text: string): string {
  const harmless = FORMULA_START.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const WRITERS: Readonly<Record<ExportFormat, { head: string; line: (entry: AuditEntryView) => string }>> = {
  csv: {
    head: `${COLUMNS.join(',')}\r\n`,
    line: (entry) => `${COLUMNS.map((column) => csvCell(cellText(entry[column]))).join(',')}\r\n`,
  },
  ndjson: { head: '', line: (entry) => `${JSON.stringify(entry)}\n` },
};

/** Pages of entries as chunks of text; each page is asked for when the reader has taken the one before. */
export async function* exportEntries(
  pages: AsyncIterable<readonly AuditEntryView[]>,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { head, line } = WRITERS[format];
  if (head !== '') yield head;
  for await (const page of pages) yield page.map(line).join('');
}
