import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { createFieldFaults } from '../domain/field-faults.ts';
import { type FieldFault, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { changeWireMap, type WireMapDeps } from './change-wire-map.ts';
import { readDescription } from './manage-wire-map.ts';
import { loadResponseLocationNames, type ResponseLocationNames } from './response-location-names.ts';
import { type ElementKey, readElementKey } from './wire-map-element.ts';
import { deleteElements, type ElementRow, readElementPages, upsertElements } from './wire-map-records.ts';

/** Columns of the file, in any order; the header row is required. `location` is needed where an ERL's name is not unique. */
export const WIRE_MAP_COLUMNS = ['kind', 'value', 'port', 'location', 'erl', 'description'] as const;

type Column = (typeof WIRE_MAP_COLUMNS)[number];

const REQUIRED_COLUMNS: readonly Column[] = ['kind', 'value', 'erl'];

export type ImportOptions = {
  /** Only say what would change. */
  dryRun?: boolean | undefined;
  /** Remove what the file does not name. */
  replace?: boolean | undefined;
};

export type ImportedElement = ElementKey & { responseLocationId: string; description: string };

export type WireMapImport = {
  applied: boolean;
  counts: { added: number; changed: number; unchanged: number; removed: number; errors: number };
  /** The first 1,000 of each. */
  added: ImportedElement[];
  changed: { before: ImportedElement; after: ImportedElement }[];
  removed: ImportedElement[];
  errors: RowError[];
};

/** `line` counts from 1, the header being a line too; `column` is the name in the header. */
export type RowError = { line: number; column: string; message: string };

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_ROWS = 200_000;
const MAX_LISTED = 1_000;
const MAX_ROW_BYTES = 16_384;
const CHUNK_CHARACTERS = 65_536;
// Rows worked on before calls and HELD requests get their turn.
const ROWS_PER_TURN = 2_000;

type Row = { line: number; cells: readonly string[] };

/** Hands the text on in pieces: a file of ten megabytes must not hold up a call. */
async function* pieces(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += CHUNK_CHARACTERS) {
    yield text.slice(start, start + CHUNK_CHARACTERS);
    await nextTurn();
  }
}

async function readRows(text: string): Promise<Row[]> {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    throw new ProblemError('too-large', `the file is larger than ${MAX_BYTES} bytes`);
  }
  if (text.includes('\uFFFD')) throw new ProblemError('malformed', 'the file is not UTF-8');
  const parser = parse({
    bom: true,
    info: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    maxRecordSize: MAX_ROW_BYTES,
  });
  const rows: Row[] = [];
  try {
    const fed = feed(parser, text);
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (rows.length > MAX_ROWS) {
        parser.destroy();
        throw new ProblemError('too-large', `the file has more than ${MAX_ROWS} rows`);
      }
      rows.push({ line: info.lines, cells: record });
    }
    await fed;
  } catch (error) {
    if (error instanceof CsvError) throw new ProblemError('malformed', `CSV: ${error.message}`, { cause: error });
    throw error;
  }
  return rows;
}

async function feed(parser: ReturnType<typeof parse>, text: string): Promise<void> {
  for await (const piece of pieces(text)) {
    if (parser.destroyed) return;
    if (!parser.write(piece)) await nextTurn();
  }
  parser.end();
}

/** Which cell holds which column; a problem when the header is not one. */
function readHeader(header: Row | undefined): Map<Column, number> {
  if (header === undefined) throw new ProblemError('malformed', 'the file has no header row');
  const places = new Map<Column, number>();
  const fields: FieldFault[] = [];
  for (const [place, cell] of header.cells.entries()) {
    const name = cell.trim().toLowerCase();
    const column = WIRE_MAP_COLUMNS.find((one) => one === name);
    if (column === undefined) fields.push({ path: `${header.line}:${name}`, message: 'is not a column of a wire map' });
    else if (places.has(column)) fields.push({ path: `${header.line}:${name}`, message: 'stands in the header twice' });
    else places.set(column, place);
  }
  for (const column of REQUIRED_COLUMNS) {
    if (!places.has(column)) fields.push({ path: `${header.line}:${column}`, message: 'is missing in the header' });
  }
  if (fields.length > 0) {
    throw new ProblemError('malformed', `the header row must name ${WIRE_MAP_COLUMNS.join(', ')}`, { fields });
  }
  return places;
}

function keyText({ kind, value, port }: { kind: string; value: string; port: string }): string {
  return `${kind}\n${value}\n${port}`;
}

type ReadFile = { elements: Map<string, ImportedElement>; errors: RowError[]; errorCount: number };

/** Every row checked; a row with an error gives no element. */
async function readElements(rows: readonly Row[], erls: ResponseLocationNames): Promise<ReadFile> {
  const [header, ...body] = rows;
  const places = readHeader(header);
  const width = header?.cells.length ?? 0;
  const elements = new Map<string, ImportedElement>();
  const lines = new Map<string, number>();
  const errors: RowError[] = [];
  let errorCount = 0;
  const fault = (line: number, column: string, message: string): void => {
    errorCount += 1;
    if (errors.length < MAX_LISTED) errors.push({ line, column, message });
  };

  for (const [index, { line, cells }] of body.entries()) {
    if (index % ROWS_PER_TURN === 0) await nextTurn();
    if (cells.length !== width) {
      fault(line, '', `has ${cells.length} cells, the header has ${width}`);
      continue;
    }
    const cell = (column: Column): string => cells[places.get(column) ?? -1]?.trim() ?? '';
    const before = errorCount;
    const faults = createFieldFaults();
    const rowFaults = { ...faults, add: (path: string, message: string) => fault(line, path, message) };
    const key = readElementKey({ kind: cell('kind'), value: cell('value'), port: cell('port') }, '', rowFaults);
    const description = readDescription(cell('description'), 'description', rowFaults);
    const responseLocationId = erls.find(cell('erl'), cell('location'), rowFaults);
    if (key === undefined || responseLocationId === undefined || errorCount > before) continue;
    const text = keyText(key);
    const earlier = lines.get(text);
    if (earlier !== undefined) {
      fault(line, 'value', `is the same element as line ${earlier}`);
      continue;
    }
    lines.set(text, line);
    elements.set(text, { ...key, responseLocationId, description });
  }
  return { elements, errors, errorCount };
}

function importedOf(row: ElementRow): ImportedElement {
  const { kind, value, port, responseLocationId, description } = row;
  return { kind: kind as ElementKey['kind'], value, port, responseLocationId, description };
}

type Plan = {
  report: WireMapImport;
  upserts: { element: ImportedElement; id: string | undefined }[];
  removals: string[];
};

/** What the file would change of what is stored. */
async function planImport(db: Queryable, scope: Scope, file: ReadFile, options: ImportOptions): Promise<Plan> {
  const stored = new Map<string, ElementRow>();
  for await (const page of readElementPages(db, scope.organizationId)) {
    for (const row of page) stored.set(keyText(row), row);
  }
  const report: WireMapImport = {
    applied: false,
    counts: { added: 0, changed: 0, unchanged: 0, removed: 0, errors: file.errorCount },
    added: [],
    changed: [],
    removed: [],
    errors: file.errors,
  };
  const plan: Plan = { report, upserts: [], removals: [] };
  const list = <Item>(items: Item[], item: Item): void => {
    if (items.length < MAX_LISTED) items.push(item);
  };
  let turn = 0;
  for (const [text, element] of file.elements) {
    turn += 1;
    if (turn % ROWS_PER_TURN === 0) await nextTurn();
    const row = stored.get(text);
    if (row === undefined) {
      report.counts.added += 1;
      list(report.added, element);
      plan.upserts.push({ element, id: undefined });
    } else if (row.responseLocationId !== element.responseLocationId || row.description !== element.description) {
      report.counts.changed += 1;
      list(report.changed, { before: importedOf(row), after: element });
      plan.upserts.push({ element, id: row.id });
    } else {
      report.counts.unchanged += 1;
    }
  }
  if (options.replace === true) {
    for (const [text, row] of stored) {
      if (file.elements.has(text)) continue;
      report.counts.removed += 1;
      list(report.removed, importedOf(row));
      plan.removals.push(row.id);
    }
  }
  return plan;
}

function* rowsOf(scope: Scope, upserts: Plan['upserts'], now: Date): Generator<ElementRow> {
  for (const { element, id } of upserts) {
    yield {
      id: id ?? newId(),
      organizationId: scope.organizationId,
      ...element,
      createdAt: now,
      updatedAt: now,
    };
  }
}

/**
 * Reads a wire map from CSV: all rows or none. A dry run reports what would change and every error; otherwise errors are a
 * problem whose fields are `line:column`, and nothing that is stored changes.
 */
export function createImportWireMap(
  deps: WireMapDeps,
): (scope: Scope, csvText: string, options?: ImportOptions) => Promise<WireMapImport> {
  return async (scope, csvText, options = {}) => {
    const rows = await readRows(csvText);
    const file = await readElements(rows, await loadResponseLocationNames(deps.places, scope));
    if (options.dryRun === true) return (await planImport(deps.database.db, scope, file, options)).report;
    if (file.errorCount > 0) {
      throw new ProblemError('invalid', `${file.errorCount} faults in the file; nothing was changed`, {
        fields: file.errors.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
      });
    }
    return changeWireMap(deps, scope, async (tx, now) => {
      const { report, upserts, removals } = await planImport(tx, scope, file, options);
      await upsertElements(tx, rowsOf(scope, upserts, now));
      await deleteElements(tx, scope.organizationId, removals);
      return {
        result: { ...report, applied: true },
        entry: {
          action: 'wire-map.imported',
          subject: 'wire map',
          detail: { ...report.counts, replace: options.replace === true },
        },
      };
    });
  };
}
