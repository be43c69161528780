/** So much text is put together before it is handed over. */
const PIECE_CHARACTERS = 64 * 1024;
/** Above this depth lists and objects are taken apart unless told otherwise; what stands below is small, and written at once. */
const TAKEN_APART = 5;

function* tokens(value: unknown, depth: number): Generator<string> {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value) ?? 'null';
  } else if (Array.isArray(value)) {
    let before = '[';
    for (const item of value as unknown[]) {
      yield before;
      yield* tokens(item, depth - 1);
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
  } else if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) {
    yield JSON.stringify(value);
  } else {
    let before = '{';
    for (const [name, item] of Object.entries(value)) {
      if (item === undefined || typeof item === 'function' || typeof item === 'symbol') continue;
      yield `${before}${JSON.stringify(name)}:`;
      yield* tokens(item, depth - 1);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}

/**
 * What `JSON.stringify` gives for a list or an object, in pieces: whoever writes a large document to a file lets the calls go
 * on between them.
 */
export function* jsonPieces(document: object, takenApart = TAKEN_APART): Generator<string> {
  let piece = '';
  for (const token of tokens(document, takenApart)) {
    piece += token;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
