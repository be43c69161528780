/** What stands in a cell of a CSV. */
export type CsvValue = string | number | null | undefined;

// A spreadsheet takes a cell that begins so for a formula, also one of full-width characters (OWASP, CSV injection).
const FORMULA_START = /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/u;
// Where a semicolon or a tab parts cells, as spreadsheets of many countries have it, a cell also begins inside of one of ours.
const INNER_FORMULA = /([;\t\r\n]\s*)(?=[=+\-@|%＝＋－＠])/gu;

/** One cell of RFC 4180 that no spreadsheet computes: what looks like a formula gets an apostrophe before it. Numbers are numbers. */
export function csvCell(value: CsvValue): string {
  if (typeof value === 'number') return String(value);
  const parts = (value ?? '').replace(INNER_FORMULA, "$1'");
  const harmless = FORMULA_START.test(parts) ? `'${parts}` : parts;
  return /[",\r\n';]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A line of RFC 4180. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}
