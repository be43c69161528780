/** What stands in a cell of a CSV. */
export type CsvValue = string | number | null | undefined;

// A spreadsheet takes a cell that begins so for a formula, also one of full-width characters (OWASP, CSV injection).
const FORMULA_START = /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/u;

/** One cell of RFC 4180 that no spreadsheet computes: what looks like a formula gets an apostrophe before it. Numbers are numbers. */
export function csvCell(value: CsvValue): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const harmless = FORMULA_START.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A line of RFC 4180. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}
