const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const REFERENCE = /&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/y;

/**
 * Text with its references replaced (XML 1.0 §4.1, §4.6). What is no reference, names an entity (there are none without
 * a document type) or a character that XML does not have is reported through `fault` with its place, which must throw.
 */
export function replaceReferences(text: string, fault: (at: number, detail: string) => never): string {
  let result = '';
  let done = 0;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', done)) {
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(text);
    const character = match === null ? undefined : referencedCharacter(match);
    if (match === null || character === undefined) return fault(at, 'unknown entity or broken reference');
    result += text.slice(done, at) + character;
    done = at + match[0].length;
  }
  return result + text.slice(done);
}

function referencedCharacter([, hexadecimal, decimal, name = '']: RegExpExecArray): string | undefined {
  if (hexadecimal === undefined && decimal === undefined) return PREDEFINED[name];
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return isCharacter(code) ? String.fromCodePoint(code) : undefined;
}

/** XML 1.0 §2.2, production Char. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
