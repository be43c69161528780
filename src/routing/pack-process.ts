/**
 * The process that packs layers: seconds of work for a national one, with hundreds of megabytes at work. A thread of the
 * platform's would not do: the engine's threads compile and collect garbage for all threads of a process at one priority.
 */
import { connectAside } from '../storage/postgres-connection.ts';
import { writeFileAtomically } from '../support/atomic-file.ts';
import { lowerPriority } from '../support/lower-priority.ts';
import { createRest } from '../support/rest.ts';
import { blockPieces } from './block-file.ts';
import { packLayer, type StoredOutlines } from './pack-layer.ts';
import { outlineMemory, placePiece, readOutlines, type WantedOutline } from './read-outlines.ts';
import { type OutlinePiece, OutlinesChangedError } from './routing-records.ts';

/** What the process is told for each layer, in this order. */
export type PackOrder =
  | { kind: 'begin' }
  /** What the layer consists of, some at a time. */
  | { kind: 'wanted'; page: readonly WantedOutline[] }
  /** A piece of an outline, where the process does not read for itself. */
  | { kind: 'piece'; piece: OutlinePiece }
  /** `url`: the database to read from; undefined: all pieces are there. `path`: the file to write, see `blockPieces`. */
  | { kind: 'pack'; url: string | undefined; path: string };

export type PackNews = { kind: 'packed' } | { kind: 'outlines-changed' };

const rest = createRest();
let wanted: WantedOutline[] = [];
let outlines: StoredOutlines | undefined;

async function pack(url: string | undefined, path: string): Promise<PackNews> {
  outlines ??= outlineMemory(wanted);
  if (url !== undefined) {
    const connection = connectAside(url);
    try {
      await readOutlines(connection.db, wanted, outlines);
    } catch (error) {
      if (error instanceof OutlinesChangedError) return { kind: 'outlines-changed' };
      throw error;
    } finally {
      await connection.close();
    }
  }
  await writeFileAtomically(path, blockPieces(packLayer(outlines, rest), rest));
  return { kind: 'packed' };
}

/** Gives back what was at work: until the next layer nothing else would. */
function forget(): void {
  wanted = [];
  outlines = undefined;
  // Absent unless the process is started with --expose-gc.
  globalThis.gc?.();
}

lowerPriority();
process.once('disconnect', () => process.exit(0));
process.on('message', (order: PackOrder) => {
  switch (order.kind) {
    case 'begin':
      forget();
      return;
    case 'wanted':
      wanted.push(...order.page);
      return;
    case 'piece':
      outlines ??= outlineMemory(wanted);
      placePiece(outlines, order.piece);
      return;
    case 'pack':
      void pack(order.url, order.path).then((news) => {
        forget();
        process.send?.(news);
      });
  }
});
