// A spreadsheet takes a cell that begins so for a formula, also one of full-width characters (OWASP, CSV injection).
const FORMULA_START = /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/u;
// Where a semicolon or a tab parts cells, as spreadsheets of many countries have it, a cell also begins inside of one of ours.
const INNER_FORMULA = /([;\t\r\n]\s*)(?=[=+\-@|%＝＋－＠])/gu;

/** One cell of RFC 4180 that no spreadsheet computes: what looks like a formula gets an apostrophe before it. */
export function csvCell(text: string): string {
  const parts = text.replace(INNER_FORMULA, "$1'");
  return quoted(FORMULA_START.test(parts) ? `'${parts}` : parts);
}

function quoted(text: string): string {
  return /[",\r\n';]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// A minus before a number computes nothing.
const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** What a spreadsheet would compute, with as many apostrophes before it as there were. */
const GUARDABLE = /^'*\s*[=+\-@|%＝＋－＠\t\r\n]/u;
const INNER_GUARDABLE = /([;\t\r\n])(?=['\s]*[=+\-@|%＝＋－＠])/gu;
const INNER_GUARDED = /([;\t\r\n])'(?=['\s]*[=+\-@|%＝＋－＠])/gu;

/** A cell of a file that is read again: one apostrophe more keeps a spreadsheet from computing it, `unguarded` takes it off. */
export function guardedCell(text: string): string {
  if (NUMBER.test(text)) return text;
  const parts = text.replace(INNER_GUARDABLE, "$1'");
  return quoted(GUARDABLE.test(parts) ? `'${parts}` : parts);
}

/** What a cell said before `guardedCell` guarded it. */
export function unguarded(cell: string): string {
  const parts = cell.startsWith("'") && GUARDABLE.test(cell) ? cell.slice(1) : cell;
  return parts.replace(INNER_GUARDED, '$1');
}
