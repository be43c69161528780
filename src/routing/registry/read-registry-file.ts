import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { type Unzipped, unzipSync, zipSync } from 'fflate';
import { readSheet } from 'read-excel-file/node';
import { ProblemError } from '../../domain/problem.ts';
import { findRegion } from '../../domain/regions.ts';
import type { RegistryRow } from './registry-entry.ts';

/** A registry file as read: its rows, what it calls itself, and the rows that were left out. */
export type RegistryFile = {
  /** The text above the header: `FCC Master PSAP Registry as of …`; empty where there is none. */
  title: string;
  rows: RegistryRow[];
  leftOut: { row: number; reason: string }[];
};

const MAX_ROWS = 100_000;
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
const MAX_TEXT = 500;
const MAX_NAME = 250;
const MAX_STATE = 40;
const MAX_LEFT_OUT = 1_000;
/** The header row stands below titles and a legend. */
const HEADER_WITHIN_ROWS = 100;
const ZIP_START = Buffer.from('PK');

type Field = keyof RegistryRow;

/** Column names by what is left of them in lower case without other signs. */
const COLUMNS: Readonly<Record<string, Field>> = {
  psapid: 'psapId',
  fccid: 'psapId',
  id: 'psapId',
  psapname: 'name',
  name: 'name',
  state: 'state',
  province: 'state',
  county: 'county',
  region: 'county',
  city: 'city',
  municipality: 'city',
  typeofchange: 'changeCodes',
  comments: 'comments',
  datelastmodified: 'modifiedOn',
  textto911: 'textTo911',
  psapcontact: 'contact',
  contact: 'contact',
};
const REQUIRED: readonly Field[] = ['psapId', 'name', 'state'];

type Cell = string | number | boolean | Date | null | undefined;

/**
 * Reads a PSAP registry: the FCC's Master PSAP Registry of any year as xlsx or CSV, or a CSV of our own with `PSAP ID`, `PSAP Name`
 * and `State` or `Province`. The header is the first row that holds `PSAP ID`; rows may be ragged; ids that are formulas count with
 * the value that was saved. Throws `invalid` or `malformed` for what is no such file, `too-large` above the limits.
 */
export async function readRegistryFile(document: Uint8Array): Promise<RegistryFile> {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const table = bytes.subarray(0, 2).equals(ZIP_START) ? await readSpreadsheet(bytes) : readText(bytes);
  if (table.length > MAX_ROWS) throw new ProblemError('too-large', `the registry has more than ${MAX_ROWS} rows`);
  return readTable(table);
}

async function readSpreadsheet(bytes: Buffer): Promise<Cell[][]> {
  let unpacked = 0;
  let files: Unzipped;
  try {
    files = unzipSync(bytes, {
      filter: ({ originalSize }) => {
        unpacked += originalSize;
        if (unpacked > MAX_UNPACKED_BYTES) {
          throw new ProblemError('too-large', 'the spreadsheet is too large when unpacked');
        }
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('malformed', 'the spreadsheet is damaged', { cause });
  }
  try {
    // Packed anew: the directory of an archive may say less than its files hold, and whoever reads on goes by the files.
    return (await readSheet(Buffer.from(zipSync(files, { level: 0 })))) as Cell[][];
  } catch (cause) {
    throw new ProblemError('malformed', 'the file is no spreadsheet (xlsx)', { cause });
  }
}

function readText(bytes: Buffer): Cell[][] {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
  if (text.includes('\u0000')) throw new ProblemError('malformed', 'the file is neither a spreadsheet nor CSV');
  try {
    return parse(text, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
      max_record_size: 100_000,
      to: MAX_ROWS + 1,
    });
  } catch (cause) {
    throw new ProblemError('malformed', `the CSV cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function readTable(table: readonly Cell[][]): RegistryFile {
  const headerAt = table
    .slice(0, HEADER_WITHIN_ROWS)
    .findIndex((row) => row.some((cell) => columnOf(cell) === 'psapId'));
  const header = (table[headerAt] ?? []).map(columnOf);
  const missing = REQUIRED.filter((field) => !header.includes(field));
  if (headerAt === -1 || missing.length > 0) {
    throw new ProblemError('invalid', 'the file is no PSAP registry', {
      fields: [
        { path: 'header', message: 'expected a row with the columns PSAP ID, PSAP Name, and State or Province' },
      ],
    });
  }
  const title = table
    .slice(0, headerAt)
    .map((row) => textOf(row[0]))
    .find((text) => text !== '');
  const file: RegistryFile = { title: title ?? '', rows: [], leftOut: [] };
  for (const [index, cells] of table.entries()) {
    if (index <= headerAt || cells.every((cell) => textOf(cell) === '')) continue;
    const row = readRow(header, cells);
    const lacks = REQUIRED.find((field) => row[field] === '');
    if (lacks === undefined) file.rows.push(row);
    else if (file.leftOut.length < MAX_LEFT_OUT) file.leftOut.push({ row: index + 1, reason: `has no ${lacks}` });
  }
  if (file.rows.length === 0) throw new ProblemError('invalid', 'the registry has no row below its header');
  return file;
}

function columnOf(cell: Cell): Field | undefined {
  return COLUMNS[
    textOf(cell)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')
  ];
}

function readRow(header: readonly (Field | undefined)[], cells: readonly Cell[]): RegistryRow {
  const cell = (field: Field): Cell => cells[header.indexOf(field)];
  const has = (field: Field): boolean => header.includes(field);
  const modified = cell('modifiedOn');
  return {
    psapId: textOf(cell('psapId')).slice(0, 32),
    name: textOf(cell('name')).slice(0, MAX_NAME),
    state: stateOf(textOf(cell('state'))),
    county: has('county') ? textOf(cell('county')) : '',
    city: has('city') ? textOf(cell('city')) : '',
    changeCodes: codesOf(textOf(cell('changeCodes'))),
    comments: textOf(cell('comments')),
    modifiedOn: dateOf(modified),
    textTo911: has('textTo911') ? textOf(cell('textTo911')) || null : null,
    contact: has('contact') ? textOf(cell('contact')) || null : null,
  };
}

/** Of a name its code; what is neither stays, for nothing is found there then. `Maine` must not become `MA`. */
function stateOf(text: string): string {
  return findRegion(text)?.code ?? text.toUpperCase().slice(0, MAX_STATE);
}

/** `S, M`, `M-S` and `M,S` are the same two. */
function codesOf(text: string): string[] {
  return [...new Set(text.toUpperCase().match(/[A-Z]+/g) ?? [])].slice(0, 8).sort();
}

/** Days without a time zone: spreadsheets have them as midnight UTC. */
function dateOf(cell: Cell): string | null {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString().slice(0, 10);
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(textOf(cell)) ?? [];
  if (year !== undefined) return `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  return /^\d{4}-\d{2}-\d{2}/.exec(textOf(cell))?.[0] ?? null;
}

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  // Control characters have no place in names that go out as XML.
  return String(cell)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}
