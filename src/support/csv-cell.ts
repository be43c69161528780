// A spreadsheet takes a cell that begins so for a formula, also one of full-width characters (OWASP, CSV injection).
const FORMULA_START = /^[\s]*[=+\-@\t\r\n|%＝＋－＠]/u;

/** One cell of RFC 4180 that no spreadsheet computes: what looks like a formula gets an apostrophe before it. */
export function csvCell(text: string): string {
  const harmless = FORMULA_START.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

// A minus before a number computes nothing.
const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** What a spreadsheet would compute, with as many apostrophes before it as there were. */
const GUARDABLE = /^'*\s*[=+\-@|%＝＋－＠]/u;

/** A cell of a file that is read again: one apostrophe more keeps a spreadsheet from computing it, `unguarded` takes it off. */
export function guardedCell(text: string): string {
  if (NUMBER.test(text)) return text;
  return csvCell(GUARDABLE.test(text) ? `'${text}` : text);
}

/** What a cell said before `guardedCell` guarded it. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && GUARDABLE.test(cell) ? cell.slice(1) : cell;
}
