import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { ProblemError } from '../../domain/problem.ts';
import { guardedCell, unguarded } from '../../support/csv-cell.ts';
import type { AlertEndpoint } from '../alert-endpoint.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import type { GivenEndpoint } from './read-recipient.ts';
import type { GivenSchedule } from './read-schedule.ts';

/** `line` counts from 1, the header being a line too; `column` is the name in the header. */
export type RowFault = { line: number; column: string; message: string };

/**
 * The columns of a file of recipients. Endpoints are separated by spaces: an e-mail address, `sms:<number>@<connection id>`,
 * `webhook:<connection id>`, `chat:<connection id>`, `push:<subscription id>`. A schedule is JSON, as the API has it.
 */
export const RECIPIENT_COLUMNS = ['id', 'name', 'language', 'timeZone', 'endpoints', 'schedule'] as const;
export type RecipientColumn = (typeof RECIPIENT_COLUMNS)[number];

/** A row; a column that the file does not have is absent. */
export type RecipientCells = { line: number; cells: Partial<Record<RecipientColumn, string>> };

const MAX_ROWS = 20_000;
const MAX_ROW_BYTES = 65_536;
const ROWS_PER_TURN = 500;
const KNOWN = new Map(RECIPIENT_COLUMNS.map((column) => [column.toLowerCase(), column]));

/** Reads a file row by row. Throws a problem when the file as a whole cannot be read. */
export async function readRecipientFile(text: string, fault: (fault: RowFault) => void): Promise<RecipientCells[]> {
  if (text.includes('\uFFFD')) throw new ProblemError('malformed', 'the file is not UTF-8');
  const rows: RecipientCells[] = [];
  let columns: (RecipientColumn | undefined)[] | undefined;
  const parser = parse(text, {
    bom: true,
    info: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    maxRecordSize: MAX_ROW_BYTES,
  });
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const line = info.lines;
      if (columns === undefined) {
        columns = readHeader(record, line, fault);
        continue;
      }
      if (rows.length >= MAX_ROWS) throw new ProblemError('too-large', `the file has more than ${MAX_ROWS} rows`);
      if (record.length !== columns.length) {
        fault({ line, column: '', message: `has ${record.length} cells instead of ${columns.length}` });
        continue;
      }
      const cells: RecipientCells['cells'] = {};
      for (const [place, column] of columns.entries())
        if (column) cells[column] = unguarded((record[place] ?? '').trim());
      rows.push({ line, cells });
      if (rows.length % ROWS_PER_TURN === 0) await nextTurn();
    }
  } catch (error) {
    if (error instanceof CsvError) throw new ProblemError('malformed', `CSV: ${error.message}`, { cause: error });
    throw error;
  }
  if (columns === undefined) throw new ProblemError('malformed', 'the file has no header row');
  // What stands under a wrong name would be read as nothing at all.
  return columns.includes(undefined) ? [] : rows;
}

function readHeader(
  names: readonly string[],
  line: number,
  fault: (fault: RowFault) => void,
): (RecipientColumn | undefined)[] {
  const columns: (RecipientColumn | undefined)[] = [];
  for (const name of names) {
    const column = KNOWN.get(name.trim().toLowerCase());
    const isTwice = column !== undefined && columns.includes(column);
    const message = isTwice ? 'is there twice' : `is no column of such a file: ${RECIPIENT_COLUMNS.join(', ')}`;
    if (column === undefined || isTwice) fault({ line, column: name.trim().slice(0, 64), message });
    columns.push(isTwice ? undefined : column);
  }
  return columns;
}

/** The endpoints of a cell, as far as its form tells them. */
export function readEndpointCell(cell: string): GivenEndpoint[] {
  return cell
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word): GivenEndpoint => {
      const [channel = '', rest = ''] = word.split(/:(.*)/s);
      switch (channel) {
        case 'sms': {
          const [number = '', connectionId = ''] = rest.split('@');
          return { channel, number, connectionId };
        }
        case 'webhook':
        case 'chat':
          return { channel, connectionId: rest };
        case 'push':
          return { channel, subscriptionId: rest };
        default:
          return { channel: 'email', address: word };
      }
    });
}

/** The schedule of a cell; empty: always on duty. */
export function readScheduleCell(cell: string, fault: (message: string) => void): GivenSchedule | null {
  if (cell === '') return null;
  try {
    const read: unknown = JSON.parse(cell);
    if (isSchedule(read)) return read;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  fault('is no schedule as JSON, e.g. {"windows":[{"days":["mon"],"from":"08:00","to":"17:00"}]}');
  return null;
}

/** A row of the export. */
export function writeRecipientRow({ id, name, language, timeZone, endpoints, schedule }: AlertRecipient): string {
  const cells: Record<RecipientColumn, string> = {
    id,
    name,
    language,
    timeZone: timeZone ?? '',
    endpoints: endpoints.map(endpointText).join(' '),
    schedule: schedule ? JSON.stringify(schedule) : '',
  };
  return RECIPIENT_COLUMNS.map((column) => guardedCell(cells[column])).join(',');
}

function endpointText(endpoint: AlertEndpoint): string {
  switch (endpoint.channel) {
    case 'email':
      return endpoint.address;
    case 'sms':
      return `sms:${endpoint.number}@${endpoint.connectionId}`;
    case 'push':
      return `push:${endpoint.subscriptionId}`;
    case 'webhook':
    case 'chat':
      return `${endpoint.channel}:${endpoint.connectionId}`;
  }
}

function isSchedule(value: unknown): value is GivenSchedule {
  const isObject = (one: unknown): one is Record<string, unknown> => typeof one === 'object' && one !== null;
  const isWindow = (one: unknown): boolean =>
    isObject(one) && typeof one['from'] === 'string' && typeof one['to'] === 'string';
  const isListOf = (list: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(list) && list.every(is);
  if (!isObject(value)) return false;
  const { exceptions = [], timeZone = null, windows = [] } = value;
  const hasDays = (one: unknown): boolean =>
    isObject(one) && isListOf(one['days'], (day) => typeof day === 'string') && isWindow(one);
  const isException = (one: unknown): boolean =>
    isObject(one) &&
    typeof one['date'] === 'string' &&
    (one['windows'] === 'off' || isListOf(one['windows'], isWindow));
  return (
    (timeZone === null || typeof timeZone === 'string') &&
    isListOf(windows, hasDays) &&
    isListOf(exceptions, isException)
  );
}
