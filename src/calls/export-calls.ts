import type { CallRecord } from '../domain/call-record.ts';
import { csvCell } from '../support/csv-cell.ts';
import { toCallItem } from './call-item.ts';

/** `csv`: one line a call, for spreadsheets. `ndjson`: one JSON object a line, as `GET /api/calls` lists calls, traces included. */
export type CallExportFormat = 'csv' | 'ndjson';

const COLUMNS: readonly (readonly [name: string, of: (record: CallRecord) => string | null | undefined])[] = [
  ['id', ({ id }) => id],
  ['startedAt', ({ startedAt }) => startedAt],
  ['kind', ({ kind }) => kind],
  ['outcome', ({ outcome }) => outcome],
  ['dialed', ({ dialed }) => dialed],
  ['callerNumber', ({ caller }) => caller.number],
  ['callerName', ({ caller }) => caller.displayName],
  ['callbackNumber', ({ callback }) => callback.number],
  ['organizationId', ({ organizationId }) => organizationId],
  ['locationId', ({ location }) => location?.locationId],
  ['location', ({ location }) => location?.text],
  ['locationSource', ({ location }) => location?.source],
  ['destination', ({ destination }) => destination.name],
  ['destinationUri', ({ destination }) => destination.uri],
  ['answeredAt', ({ answeredAt }) => answeredAt],
  ['endedAt', ({ endedAt }) => endedAt],
  ['flags', ({ flags }) => flags.join(' ')],
  ['attempts', ({ attempts }) => attempts.map(({ name, outcome }) => `${name}: ${outcome}`).join('; ')],
  ['callId', ({ callId }) => callId],
  ['emergencyCallId', ({ emergencyCallId }) => emergencyCallId],
  ['incidentId', ({ incidentId }) => incidentId],
];

const WRITERS: Readonly<Record<CallExportFormat, { head: string; line: (record: CallRecord) => string }>> = {
  csv: {
    head: `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
    line: (record) => `${COLUMNS.map(([, of]) => csvCell(of(record) ?? '')).join(',')}\r\n`,
  },
  ndjson: { head: '', line: (record) => `${JSON.stringify(toCallItem(record))}\n` },
};

/** Pages of records as chunks of text; each page is asked for when the reader has taken the one before. */
export async function* exportCalls(
  pages: AsyncIterable<readonly CallRecord[]>,
  format: CallExportFormat,
): AsyncGenerator<string> {
  const { head, line } = WRITERS[format];
  if (head !== '') yield head;
  for await (const page of pages) yield page.map(line).join('');
}
