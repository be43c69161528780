/** The beginning of a file: what is enough to see how it is to be read. */
export type Sample = {
  /** Whole lines, the header first. */
  text: string;
  header: readonly string[];
  /** The first rows below the header. */
  rows: readonly (readonly string[])[];
};

const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_ROWS = 100;
const SHOWN_ROWS = 3;

/** Cells of CSV text, row by row (RFC 4180). */
export function readCells(text: string, mostRows: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length && rows.length < mostRows; at += 1) {
    const character = text[at] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at += 1;
      if (row.length > 0 || cell !== '') rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += character;
  }
  if (rows.length < mostRows && (row.length > 0 || cell !== '')) rows.push([...row, cell]);
  return rows;
}

/** Reads no more of a file than shows its form, however large it is. */
export async function readSample(file: File): Promise<Sample> {
  const beginning = (await file.slice(0, SAMPLE_BYTES).text()).replace(/^\uFEFF/, '');
  const lines = beginning.split(/\r\n|\n|\r/);
  // Of a longer file the last line is cut somewhere.
  if (file.size > SAMPLE_BYTES && lines.length > 1) lines.pop();
  const text = lines.slice(0, SAMPLE_ROWS + 1).join('\n');
  const [header = [], ...rows] = readCells(text, SHOWN_ROWS + 1);
  return { text, header: header.map((name) => name.trim()), rows };
}
