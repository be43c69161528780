import { csvCell } from '../support/csv-cell.ts';
import type { AuditEntryView } from './audit.ts';

export type ExportFormat = 'csv' | 'ndjson';

const COLUMNS = [
  'sequence',
  'at',
  'actor',
  'actorLabel',
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
