import { setImmediate as nextTurn } from 'node:timers/promises';

const CHUNK_CHARACTERS = 65_536;

/** Hands a text on in pieces: a file of ten megabytes must not hold up a call. */
export async function* textInPieces(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += CHUNK_CHARACTERS) {
    yield text.slice(start, start + CHUNK_CHARACTERS);
    await nextTurn();
  }
}
