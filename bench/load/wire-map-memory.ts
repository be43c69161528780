/** Builds the wire maps of many companies and tells what they cost in memory and how long it takes to read them from disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createColumnsWriter, packWireMap } from '../../src/location/wire-map-block.ts';
import { createWireMapFiles, type SavedBlock } from '../../src/location/wire-map-files.ts';
import { createWireMapIndex } from '../../src/location/wire-map-index.ts';
import { serveParent } from '../processes.ts';
import { elementAt } from '../wire-map-elements.ts';

export type MemoryQuestion = { elements: number; companies: number };
export type MemoryAnswer = { bytesPerElement: number; readSeconds: number };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

serveParent(async ({ elements, companies }: MemoryQuestion): Promise<MemoryAnswer> => {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-bench-'));
  try {
    const files = createWireMapFiles(folder);
    const made = new Map<string, SavedBlock>();
    for (let company = 0; company < companies; company += 1) {
      const writer = createColumnsWriter();
      for (let place = company; place < elements; place += companies) {
        const { kind, value, port } = elementAt(place);
        writer.append(kind, port === '' ? value : `${value}\n${port}`, writer.target(`erl-${place % 50}`));
      }
      made.set(`company-${company}`, {
        block: packWireMap(writer.columns, 1),
        ranges: [],
        revision: 1,
        revisionId: 'r',
      });
    }
    await files.writeBlocks(made);
    made.clear();
    const before = heap();
    const startMs = performance.now();
    const indexes = [...(await files.readBlocks()).values()].map(({ block }) => createWireMapIndex(block));
    const readSeconds = (performance.now() - startMs) / 1_000;
    const bytes = indexes.reduce((sum, one) => sum + one.block.byteLength, 0) + heap() - before;
    return { bytesPerElement: bytes / indexes.reduce((sum, one) => sum + one.size, 0), readSeconds };
  } finally {
    await rm(folder, { recursive: true });
  }
});
