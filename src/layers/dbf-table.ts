import { existsSync, readFileSync } from 'node:fs';
import { openFileWindow } from './file-window.ts';
import { damaged, type LayerValue } from './layer.ts';

/** The table beside a Shapefile (dBASE III and later). */
export type DbfTable = {
  rowCount: number;
  /** How text is read: `utf-8`, `windows-1252` … */
  encoding: string;
  /** The next row; null for one that was deleted. */
  nextRow(): Record<string, LayerValue> | null;
  close(): void;
};

/** Language driver ids in the header, of those that occur in North America; others are read as Windows does. */
const ENCODING_BY_DRIVER: Readonly<Record<number, string>> = { 0x03: 'windows-1252', 0x57: 'windows-1252' };
const MOST_FIELDS = 1_024;

type Field = { name: string; type: string; offset: number; length: number };

/** `encodingPath`: the .cpg file, if there is one. Text that is no UTF-8 although it should be is read as Windows-1252. */
export function openDbfTable(path: string, encodingPath: string | undefined): DbfTable {
  const file = openFileWindow(path, 'the .dbf');
  try {
    const head = Buffer.from(file.take(32));
    const rowCount = head.readUInt32LE(4);
    const headLength = head.readUInt16LE(8);
    const rowLength = head.readUInt16LE(10);
    if (headLength < 33 || rowLength < 1) throw damaged('the .dbf has no readable head');
    if (headLength + rowCount * rowLength > file.size + 1) throw damaged('the .dbf ends early');
    const fields: Field[] = [];
    let offset = 1;
    while (file.position() + 32 <= headLength && fields.length < MOST_FIELDS) {
      const row = file.take(32);
      if (row[0] === 0x0d) break;
      const length = row[16] ?? 0;
      const end = row.indexOf(0);
      const name = row.toString('latin1', 0, end < 0 || end > 11 ? 11 : end).trim();
      fields.push({ name, type: String.fromCharCode(row[11] ?? 0), offset, length });
      offset += length;
    }
    if (offset > rowLength) throw damaged('the .dbf has fields beyond its rows');
    file.seek(headLength);
    const encoding = encodingOf(encodingPath, head[29] ?? 0);
    const decode = createTextDecoder(encoding);
    return {
      rowCount,
      encoding,
      nextRow() {
        const bytes = file.take(rowLength);
        if (bytes[0] === 0x2a) return null;
        const values: Record<string, LayerValue> = {};
        for (const field of fields) {
          values[field.name] = valueOf(field, decode(bytes.subarray(field.offset, field.offset + field.length)));
        }
        return values;
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function valueOf({ type, length }: Field, padded: string): LayerValue {
  const text = padded.replaceAll('\0', '').trim();
  if (text === '' || /^\*+$/.test(text)) return null;
  switch (type) {
    case 'N':
    case 'F': {
      const number = Number(text);
      return Number.isFinite(number) ? number : null;
    }
    case 'L':
      return /^[YyTt]$/.test(text) ? true : /^[NnFf]$/.test(text) ? false : null;
    case 'D':
      return length === 8 && /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text;
    default:
      return text;
  }
}

function encodingOf(path: string | undefined, driver: number): string {
  const named = path !== undefined && existsSync(path) ? readFileSync(path, 'latin1').slice(0, 64).trim() : '';
  if (named === '') return ENCODING_BY_DRIVER[driver] ?? 'utf-8';
  const number = /(\d{3,5})\s*$/.exec(named)?.[1];
  const label =
    number === undefined
      ? named
      : number === '65001'
        ? 'utf-8'
        : /8859/.test(named)
          ? `iso-8859-${number.replace(/^8859-?/, '') || '1'}`
          : `windows-${number}`;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return 'windows-1252';
  }
}

/** Fields differ in their encoding even within one file: each is read by itself. */
function createTextDecoder(encoding: string): (bytes: Uint8Array) => string {
  const fallback = new TextDecoder('windows-1252');
  if (encoding !== 'utf-8') {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  }
  const strict = new TextDecoder('utf-8', { fatal: true });
  return (bytes) => {
    try {
      return strict.decode(bytes);
    } catch {
      return fallback.decode(bytes);
    }
  };
}
