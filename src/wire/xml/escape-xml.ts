/**
 * Writing text into XML 1.0 so that every reader gets it back unchanged. Characters that XML cannot carry at all
 * (§2.2: most controls, lone surrogates, U+FFFE, U+FFFF) become U+FFFD: a document we write is always well-formed.
 */
const NEEDS_CARE_IN_TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const NEEDS_CARE_IN_ATTRIBUTE = /[&<>"\t\n\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const EVERY_IN_TEXT = new RegExp(NEEDS_CARE_IN_TEXT, 'gu');
const EVERY_IN_ATTRIBUTE = new RegExp(NEEDS_CARE_IN_ATTRIBUTE, 'gu');

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function reference(character: string): string {
  return REFERENCES[character] ?? '\uFFFD';
}

/** Text for between tags. */
export function escapeText(text: string): string {
  return NEEDS_CARE_IN_TEXT.test(text) ? text.replace(EVERY_IN_TEXT, reference) : text;
}

/** Text for a double-quoted attribute value. */
export function escapeAttribute(text: string): string {
  return NEEDS_CARE_IN_ATTRIBUTE.test(text) ? text.replace(EVERY_IN_ATTRIBUTE, reference) : text;
}
