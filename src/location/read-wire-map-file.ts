import { CsvError, parse } from 'csv-parse';
import { ProblemError } from '../domain/problem.ts';
import { unguarded } from '../support/csv-cell.ts';
import { newId } from '../support/ids.ts';
import { readDescription } from './manage-wire-map.ts';
import { createResponseLocationNames } from './response-location-names.ts';
import { createSeenKeys } from './seen-keys.ts';
import { readElementKey } from './wire-map-element.ts';
import { type RowReader, readHeader, type WireMapColumns, type WireMapFormat } from './wire-map-formats.ts';
import type { WireMapPlaces } from './wire-map-places.ts';

/** `line` counts from 1, the header being a line too; `column` is the name in the header. */
export type RowError = { line: number; column: string; message: string };

/** A row that can be stored, as the database takes it. */
export type AcceptedRow = {
  id: string;
  kind: string;
  value: string;
  port: string;
  erl: string;
  description: string;
};

export type FileLimits = { maxBytes: number; maxRows: number };

export type FileReport = {
  format: WireMapFormat;
  columns: WireMapColumns;
  /** Rows without the header. */
  rows: number;
  errorCount: number;
  /** The first 1,000. */
  errors: RowError[];
  /** What is no error but deserves a look, the first 1,000 of each kind. */
  duplicates: RowError[];
  assumptions: RowError[];
};

export const MAX_LISTED = 1_000;
const MAX_ROW_BYTES = 16_384;
/** Rows that are stored by one statement. */
const ROWS_PER_BATCH = 2_000;

/**
 * Reads a wire map file row by row and hands on what can be stored, some thousand rows at a time: the file never stands in
 * memory as a whole. Throws a problem when the file as a whole cannot be read.
 */
export async function readWireMapFile(
  source: AsyncIterable<string>,
  options: {
    places: WireMapPlaces;
    limits: FileLimits;
    format?: WireMapFormat | undefined;
    columns?: WireMapColumns | undefined;
  },
  take: (batch: AcceptedRow[], charactersRead: number) => Promise<void>,
): Promise<FileReport> {
  const { limits } = options;
  const names = createResponseLocationNames(options.places);
  const seen = createSeenKeys();
  const report: FileReport = {
    format: 'waymark',
    columns: {},
    rows: 0,
    errorCount: 0,
    errors: [],
    duplicates: [],
    assumptions: [],
  };
  let reader: RowReader | undefined;
  let batch: AcceptedRow[] = [];
  let characters = 0;

  function fault(line: number, column: string, message: string): void {
    report.errorCount += 1;
    if (report.errors.length < MAX_LISTED) report.errors.push({ line, column, message });
  }

  function note(list: RowError[], one: RowError): void {
    if (list.length < MAX_LISTED) list.push(one);
  }

  function readRow(row: RowReader, line: number, cells: readonly string[]): void {
    report.rows += 1;
    const elements = row.read(cells.map(unguarded));
    if (typeof elements === 'string') {
      fault(line, '', elements);
      return;
    }
    for (const raw of elements) {
      const before = report.errorCount;
      const tell = (field: string, message: string): void => fault(line, row.columnOf(field, raw.kind), message);
      const faults = { add: tell, throwIfAny: () => undefined };
      const key = readElementKey(raw, '', faults);
      const description = readDescription(raw.description, 'description', faults);
      const erl = names.find(raw.erl, raw.location, raw.hint, tell);
      if (key === undefined || erl === undefined || report.errorCount > before) continue;
      const column = row.columnOf('value', key.kind);
      const earlier = seen.add(`${key.kind}\n${key.value}\n${key.port}`, `${erl}\n${description}`, line);
      if (earlier !== undefined) {
        const message = `is the same element as line ${earlier.line}`;
        if (earlier.isSame) note(report.duplicates, { line, column, message });
        else fault(line, column, message);
        continue;
      }
      if (raw.assumed !== undefined)
        note(report.assumptions, { line, column, message: `${key.value}: ${raw.assumed}` });
      batch.push({ id: newId(), ...key, erl, description });
    }
  }

  const parser = parse({
    bom: true,
    info: true,
    relaxColumnCount: true,
    // Files that went through several hands have line ends of several kinds.
    recordDelimiter: ['\r\n', '\n', '\r'],
    skipEmptyLines: true,
    maxRecordSize: MAX_ROW_BYTES,
  });
  let failure: Error | undefined;
  parser.on('error', (error: Error) => {
    failure ??= error;
  });

  type Parsed = { record: string[]; info: { lines: number } };

  async function takeRecord({ record, info }: Parsed): Promise<void> {
    if (reader === undefined) {
      reader = readHeader(record, info.lines, options.format, options.columns);
      report.columns = reader.columns;
      report.format = reader.format;
      return;
    }
    if (report.rows >= limits.maxRows) {
      throw new ProblemError('too-large', `the file has more than ${limits.maxRows} rows`);
    }
    readRow(reader, info.lines, record);
    if (batch.length < ROWS_PER_BATCH) return;
    const full = batch;
    batch = [];
    await take(full, characters);
  }

  async function takeParsed(): Promise<void> {
    for (;;) {
      const one = parser.read() as Parsed | null;
      if (one === null) return;
      await takeRecord(one);
    }
  }

  for await (const chunk of source) {
    characters += chunk.length;
    if (characters > limits.maxBytes) {
      throw new ProblemError('too-large', `the file is larger than ${limits.maxBytes} bytes`);
    }
    if (chunk.includes('\uFFFD')) throw new ProblemError('malformed', 'the file is not UTF-8');
    if (failure === undefined) parser.write(chunk);
    await takeParsed();
    throwFailure(failure);
  }
  parser.end();
  try {
    for await (const one of parser as AsyncIterable<Parsed>) await takeRecord(one);
  } catch (error) {
    throwFailure(failure);
    throw error;
  }
  throwFailure(failure);
  if (reader === undefined) throw new ProblemError('malformed', 'the file has no header row');
  if (batch.length > 0) await take(batch, characters);
  return report;
}

function throwFailure(failure: Error | undefined): void {
  if (failure === undefined) return;
  if (failure instanceof CsvError) throw new ProblemError('malformed', `CSV: ${failure.message}`, { cause: failure });
  throw failure;
}
