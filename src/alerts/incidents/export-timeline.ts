import { csvCell } from '../../support/csv-cell.ts';
import type { IncidentItem } from './incident.ts';
import type { TimelineEntry } from './write-timeline.ts';

/** `csv`: one line each, for spreadsheets. `ndjson`: one JSON object a line. */
export type IncidentExportFormat = 'csv' | 'ndjson';

const COLUMNS = [
  'id',
  'openedAt',
  'state',
  'severity',
  'trigger',
  'isDrill',
  'title',
  'caller',
  'callbackNumber',
  'place',
  'locationId',
  'responseLocationId',
  'callId',
  'acknowledgedAt',
  'acknowledgedBy',
  'acknowledgedVia',
  'resolvedAt',
  'resolvedBy',
  'resolvedVia',
  'reopenedAt',
  'stepsTold',
  'stepsWaiting',
] as const satisfies readonly (keyof IncidentItem)[];

const TIMELINE_COLUMNS = [
  'at',
  'source',
  'kind',
  'text',
  'isTimeDerived',
] as const satisfies readonly (keyof TimelineEntry)[];

function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map((cell) => csvCell(cell === null ? '' : String(cell))).join(',')}\r\n`;
}

/** Pages of incidents as chunks of text; each page is asked for when the reader has taken the one before. */
export async function* exportIncidents(
  pages: AsyncIterable<readonly IncidentItem[]>,
  format: IncidentExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(COLUMNS);
  for await (const page of pages) {
    yield page
      .map((item) => (format === 'csv' ? csvLine(COLUMNS.map((name) => item[name])) : `${JSON.stringify(item)}\n`))
      .join('');
  }
}

/** A timeline as CSV, with a line of headings. */
export function timelineAsCsv(entries: readonly TimelineEntry[]): string {
  return (
    csvLine(TIMELINE_COLUMNS) + entries.map((entry) => csvLine(TIMELINE_COLUMNS.map((name) => entry[name]))).join('')
  );
}
