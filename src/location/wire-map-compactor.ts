import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { type ElementChange, mergeWireMap, packWireMap, type WireMapColumns } from './wire-map-block.ts';
import type { WireMapTask } from './wire-map-worker.ts';

/** Makes blocks: small ones at once, large ones in a thread of their own that ends with the work and gives its memory back. */
export type WireMapCompactor = {
  /** Takes the columns' memory over. */
  pack(columns: WireMapColumns): Promise<Uint32Array>;
  merge(block: Uint32Array, changes: readonly ElementChange[]): Promise<Uint32Array>;
  stop(): Promise<void>;
};

/** Elements that are packed in some milliseconds. */
const FEW = 2_000;
const SEEDS = 2 ** 32;

function sizeOf(columns: WireMapColumns): number {
  return Object.values(columns.elements).reduce((sum, column) => sum + column.count, 0);
}

export function createWireMapCompactor(): WireMapCompactor {
  const workers = new Set<Worker>();
  let stopped = false;

  function inThread(task: WireMapTask, transfer: ArrayBuffer[]): Promise<Uint32Array> {
    if (stopped) return Promise.reject(new Error('wire maps are no longer packed: the platform ends'));
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./wire-map-worker.ts', import.meta.url), {
        workerData: task,
        transferList: transfer,
        name: 'waymark-wire-map',
      });
      workers.add(worker);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        workers.delete(worker);
        reject(new Error(`the thread that packs wire maps ended with ${code}`));
      });
    });
  }

  return {
    async pack(columns) {
      const seed = randomInt(SEEDS);
      if (sizeOf(columns) <= FEW) return packWireMap(columns, seed);
      const buffers = [columns.responseLocations, ...Object.values(columns.elements)].flatMap((column) => [
        column.units.buffer as ArrayBuffer,
        column.ends.buffer as ArrayBuffer,
        column.targets.buffer as ArrayBuffer,
      ]);
      return inThread({ kind: 'pack', columns, seed }, buffers);
    },
    async merge(block, changes) {
      const seed = randomInt(SEEDS);
      // A block's words are a few for each element.
      if (block.length + changes.length < FEW * 10) return mergeWireMap(block, changes, seed);
      return inThread({ kind: 'merge', block, changes, seed }, []);
    },
    async stop() {
      stopped = true;
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
