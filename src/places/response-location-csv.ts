import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import type { CivicElement } from '../domain/civic-address.ts';
import { isCivicElement } from '../domain/civic-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Position, Shape } from '../domain/shape.ts';
import { guardedCell, unguarded } from '../support/csv-cell.ts';
import { INDOOR } from './manage-response-locations.ts';

/** `line` counts from 1, the header being a line too; `column` is the name in the header. */
export type RowFault = { line: number; column: string; message: string };

const ELEMENTS: readonly CivicElement[] = [...INDOOR];

/**
 * The columns of a file of response locations. `location` is a name or an id; ELINs and e-mail addresses are separated by
 * spaces. A point has latitude, longitude and perhaps altitude, a circle
 * its radius instead; `shape` is any other shape as JSON.
 */
export const RESPONSE_LOCATION_COLUMNS = [
  'id',
  'location',
  'name',
  ...ELEMENTS,
  'latitude',
  'longitude',
  'altitudeMeters',
  'radiusMeters',
  'shape',
  'elins',
  'alertEmails',
] as const;

export type ResponseLocationColumn = (typeof RESPONSE_LOCATION_COLUMNS)[number];

/** A row; a column that the file does not have is absent. */
export type ResponseLocationCells = { line: number; cells: Partial<Record<ResponseLocationColumn, string>> };

const MAX_ROWS = 20_000;
const MAX_ROW_BYTES = 16_384;
const ROWS_PER_TURN = 500;
const KNOWN = new Map(RESPONSE_LOCATION_COLUMNS.map((column) => [column.toLowerCase(), column]));

function readHeader(
  names: readonly string[],
  line: number,
  fault: (fault: RowFault) => void,
): ResponseLocationColumn[] {
  const columns: ResponseLocationColumn[] = [];
  for (const name of names) {
    const column = KNOWN.get(name.trim().toLowerCase());
    if (column === undefined) {
      const message = isCivicElement(name.trim())
        ? 'belongs to another part of the address: it is told by the building'
        : `is no column of such a file: ${RESPONSE_LOCATION_COLUMNS.join(', ')}`;
      fault({ line, column: name.trim().slice(0, 64), message });
    } else if (columns.includes(column)) fault({ line, column, message: 'is there twice' });
    columns.push(column ?? 'id');
  }
  return columns;
}

/** Reads a file row by row. Throws a problem when the file as a whole cannot be read. */
export async function readResponseLocationFile(
  text: string,
  fault: (fault: RowFault) => void,
): Promise<ResponseLocationCells[]> {
  if (text.includes('\uFFFD')) throw new ProblemError('malformed', 'the file is not UTF-8');
  const rows: ResponseLocationCells[] = [];
  let columns: ResponseLocationColumn[] | undefined;
  let isHeaderRight = true;
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
        columns = readHeader(record, line, (one) => {
          isHeaderRight = false;
          fault(one);
        });
        continue;
      }
      if (rows.length >= MAX_ROWS) throw new ProblemError('too-large', `the file has more than ${MAX_ROWS} rows`);
      if (record.length !== columns.length) {
        fault({ line, column: '', message: `has ${record.length} cells instead of ${columns.length}` });
        continue;
      }
      const cells: Partial<Record<ResponseLocationColumn, string>> = {};
      for (const [place, column] of columns.entries()) cells[column] = unguarded((record[place] ?? '').trim());
      rows.push({ line, cells });
      if (rows.length % ROWS_PER_TURN === 0) await nextTurn();
    }
  } catch (error) {
    if (error instanceof CsvError) throw new ProblemError('malformed', `CSV: ${error.message}`, { cause: error });
    throw error;
  }
  if (columns === undefined) throw new ProblemError('malformed', 'the file has no header row');
  // What stands under a wrong name would be read as nothing at all.
  return isHeaderRight ? rows : [];
}

type ShapeCells = Pick<
  ResponseLocationCells['cells'],
  'latitude' | 'longitude' | 'altitudeMeters' | 'radiusMeters' | 'shape'
>;

/** The shape that a row tells: undefined = the file has no column for it, null = none. Its numbers are checked elsewhere. */
export function readShapeCells(
  { latitude, longitude, altitudeMeters, radiusMeters, shape }: ShapeCells,
  fault: (column: string, message: string) => void,
): Shape | null | undefined {
  if ([latitude, longitude, altitudeMeters, radiusMeters, shape].every((cell) => cell === undefined)) return undefined;
  const isPoint = Boolean(latitude) || Boolean(longitude);
  if (shape) {
    if (isPoint || altitudeMeters || radiusMeters) fault('shape', 'cannot stand beside coordinates of its own');
    try {
      const read = JSON.parse(shape) as Shape;
      if (typeof read === 'object' && read !== null && isWhole(read)) return read;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    fault('shape', 'is no shape as JSON, e.g. {"type":"polygon","exterior":[{"latitude":1,"longitude":2},…]}');
    return undefined;
  }
  if (!isPoint) {
    if (radiusMeters) fault('radiusMeters', 'needs latitude and longitude');
    if (altitudeMeters) fault('altitudeMeters', 'needs latitude and longitude');
    return null;
  }
  const numberOf = (column: keyof ShapeCells, cell: string | undefined): number => {
    const value = cell ? Number(cell) : Number.NaN;
    if (!Number.isFinite(value)) fault(column, cell ? 'is not a number' : 'is required beside the other coordinate');
    return value;
  };
  const position = { latitude: numberOf('latitude', latitude), longitude: numberOf('longitude', longitude) };
  if (altitudeMeters && radiusMeters) fault('altitudeMeters', 'cannot stand beside radiusMeters');
  if (!radiusMeters) {
    return {
      type: 'point',
      position,
      ...(altitudeMeters && { altitudeMeters: numberOf('altitudeMeters', altitudeMeters) }),
    };
  }
  return { type: 'circle', center: position, radiusMeters: numberOf('radiusMeters', radiusMeters) };
}

function isPlace(value: unknown): value is Position {
  const { latitude, longitude } = (value ?? {}) as Partial<Position>;
  return typeof latitude === 'number' && typeof longitude === 'number';
}

/** Whether what was read as JSON has the parts that a shape of its type has. */
function isWhole(shape: Shape): boolean {
  switch (shape.type) {
    case 'point':
      return isPlace(shape.position);
    case 'polygon':
      return Array.isArray(shape.exterior) && shape.exterior.every(isPlace);
    case 'circle':
    case 'ellipse':
    case 'arc-band':
      return isPlace(shape.center);
    default:
      return false;
  }
}

/** A line of such a file. */
export function writeRow(cells: Partial<Record<ResponseLocationColumn, string>>): string {
  return RESPONSE_LOCATION_COLUMNS.map((column) => guardedCell(cells[column] ?? '')).join(',');
}

/** The cells of a shape, as readShapeCells reads them. */
export function shapeCells(shape: Shape | undefined): ShapeCells {
  if (shape === undefined) return {};
  const position = shape.type === 'point' ? shape.position : shape.type === 'circle' ? shape.center : undefined;
  if (position === undefined) return { shape: JSON.stringify(shape) };
  return {
    latitude: String(position.latitude),
    longitude: String(position.longitude),
    ...(shape.type === 'point' &&
      shape.altitudeMeters !== undefined && { altitudeMeters: String(shape.altitudeMeters) }),
    ...(shape.type === 'circle' && { radiusMeters: String(shape.radiusMeters) }),
  };
}
