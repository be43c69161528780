/**
 * Writing text into XML 1.0 so that every reader gets it back unchanged. Characters that XML cannot carry at all
 * (§2.2: most controls, lone surrogates, U+FFFE, U+FFFF) become U+FFFD: a document we write is always well-formed.
 */
const EVERY_IN_TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const EVERY_IN_ATTRIBUTE = /[&<>"\t\n\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** For each ASCII character, whether it stands for itself. */
function plainCharacters(needsCare: RegExp): Uint8Array {
  const plain = new Uint8Array(128);
  for (let code = 0; code < 128; code += 1) plain[code] = String.fromCharCode(code).search(needsCare) === -1 ? 1 : 0;
  return plain;
}

const PLAIN_IN_TEXT = plainCharacters(EVERY_IN_TEXT);
const PLAIN_IN_ATTRIBUTE = plainCharacters(EVERY_IN_ATTRIBUTE);

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

/** Nearly all that is ever written: a look at each character costs less than to start a regular expression. */
function isPlain(text: string, plain: Uint8Array): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (plain[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** Text for between tags. */
export function escapeText(text: string): string {
  return isPlain(text, PLAIN_IN_TEXT) ? text : text.replace(EVERY_IN_TEXT, reference);
}

/** Text for a double-quoted attribute value. */
export function escapeAttribute(text: string): string {
  return isPlain(text, PLAIN_IN_ATTRIBUTE) ? text : text.replace(EVERY_IN_ATTRIBUTE, reference);
}
