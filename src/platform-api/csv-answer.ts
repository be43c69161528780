/** Tells spreadsheets that a file is UTF-8: without it Excel reads umlauts and accents as the code page of the machine. */
const BYTE_ORDER_MARK = '\uFEFF';

type CsvAnswer = {
  status: 200;
  headers: { 'content-type': string; 'content-disposition': string };
  stream: AsyncIterable<string>;
};

/** A CSV that browsers save under a name and spreadsheets open as it was written; whatever reads it as a program skips the mark (RFC 3629 §6). */
export function csvAnswer(name: string, lines: AsyncIterable<string> | string): CsvAnswer {
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}.csv"`,
    },
    stream: marked(lines),
  };
}

async function* marked(lines: AsyncIterable<string> | string): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK;
  if (typeof lines === 'string') yield lines;
  else yield* lines;
}
