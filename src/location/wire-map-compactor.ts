import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { createColumnsWriter, type ElementChange, mergeWireMap, packWireMap } from './wire-map-block.ts';
import { appendTexts, type ElementTexts } from './wire-map-texts.ts';
import type { WireMapTask } from './wire-map-worker.ts';

/** A block that is being made of what the database tells. */
export type BlockBuilder = {
  append(texts: readonly ElementTexts[]): void;
  finish(): Promise<Uint32Array>;
  /** Ends it without a block. */
  abandon(): void;
};

/** Makes blocks: small ones at once, large ones in a thread of their own that ends with the work and gives its memory back. */
export type WireMapCompactor = {
  build(): BlockBuilder;
  merge(block: Uint32Array, changes: readonly ElementChange[]): Promise<Uint32Array>;
  stop(): Promise<void>;
};

/** Elements that are packed in some milliseconds. */
const FEW = 2_000;
const SEEDS = 2 ** 32;

export function createWireMapCompactor(): WireMapCompactor {
  const workers = new Set<Worker>();
  let stopped = false;

  function startThread(task: WireMapTask): { worker: Worker; block: Promise<Uint32Array> } {
    if (stopped) throw new Error('wire maps are no longer packed: the platform ends');
    const worker = new Worker(new URL('./wire-map-worker.ts', import.meta.url), {
      workerData: task,
      name: 'waymark-wire-map',
    });
    workers.add(worker);
    const block = new Promise<Uint32Array>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        workers.delete(worker);
        reject(new Error(`the thread that packs wire maps ended with ${code}`));
      });
    });
    return { worker, block };
  }

  return {
    build() {
      const seed = randomInt(SEEDS);
      let waiting: ElementTexts[] = [];
      let count = 0;
      let thread: ReturnType<typeof startThread> | undefined;
      return {
        append(texts) {
          if (thread !== undefined) {
            thread.worker.postMessage(texts);
            return;
          }
          for (const one of texts) {
            waiting.push(one);
            count += one.count;
          }
          if (count <= FEW) return;
          thread = startThread({ kind: 'pack', seed });
          // It is asked for in `finish`; until then a failure is nobody's.
          thread.block.catch(() => undefined);
          thread.worker.postMessage(waiting);
          waiting = [];
        },
        async finish() {
          if (thread !== undefined) {
            thread.worker.postMessage(null);
            return thread.block;
          }
          const collected = createColumnsWriter();
          appendTexts(collected, waiting);
          return packWireMap(collected.columns, seed);
        },
        abandon() {
          void thread?.worker.terminate();
        },
      };
    },
    async merge(block, changes) {
      const seed = randomInt(SEEDS);
      // A block's words are a few for each element.
      if (block.length + changes.length < FEW * 10) return mergeWireMap(block, changes, seed);
      return startThread({ kind: 'merge', block, changes, seed }).block;
    },
    async stop() {
      stopped = true;
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
