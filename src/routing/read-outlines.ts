import type { Queryable } from '../storage/database.ts';
import { sharedUint32 } from './growing-words.ts';
import type { StoredOutlines } from './pack-layer.ts';
import { type OutlinePiece, selectOutlines } from './routing-records.ts';

/** An outline to read, in the version and of the size that its boundary had when it was listed. */
export type WantedOutline = { sourceId: string; version: string; outlineBytes: number };

/** Memory for outlines; of the kind that is told in `GrowingWords`. */
export function outlineMemory(wanted: readonly WantedOutline[]): StoredOutlines {
  const ends = sharedUint32(wanted.length);
  let total = 0;
  for (const [place, { outlineBytes }] of wanted.entries()) ends[place] = total += outlineBytes;
  return { bytes: new Uint8Array(new SharedArrayBuffer(total)), ends };
}

/** Reads outlines into the memory made for them, in pieces. Throws OutlinesChangedError, see `selectOutlines`. */
export async function readOutlines(
  db: Queryable,
  wanted: readonly WantedOutline[],
  outlines: StoredOutlines,
): Promise<void> {
  for await (const pieces of selectOutlines(db, wanted)) {
    for (const piece of pieces) placePiece(outlines, piece);
  }
}

export function placePiece({ bytes, ends }: StoredOutlines, { bytes: piece, from, place }: OutlinePiece): void {
  bytes.set(piece, (place === 0 ? 0 : (ends[place - 1] as number)) + from);
}
