const START = String.raw`A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}`;
const REST = String.raw`${START}\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}`;
const NAME = new RegExp(`[${START}][${REST}]*`, 'uy');

const IS_START = 1;
const IS_REST = 2;

/** For each ASCII character, whether it may begin a name and whether it may go on with one. */
const ASCII = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(character)) ASCII[code] = IS_START | IS_REST;
  else if (/[-.0-9]/.test(character)) ASCII[code] = IS_REST;
}

/** Where the name without colon that begins at `at` ends (Namespaces in XML 1.0 §4: NCName); `at` when none does. */
export function endOfName(text: string, at: number): number {
  let end = at;
  let code = text.charCodeAt(end);
  if (code < 128 && ((ASCII[code] ?? 0) & IS_START) === 0) return at;
  while (code < 128 && ((ASCII[code] ?? 0) & IS_REST) !== 0) {
    end += 1;
    code = text.charCodeAt(end);
  }
  if (!(code >= 128)) return end;
  NAME.lastIndex = at;
  return NAME.test(text) ? NAME.lastIndex : at;
}
