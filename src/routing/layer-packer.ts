import { Worker } from 'node:worker_threads';
import type { BoundaryBlock } from './boundary-block.ts';
import { packLayer, type StoredOutlines } from './pack-layer.ts';

/** Packs layers: small ones at once, large ones in a thread that ends with the work and gives its memory back. */
export type LayerPacker = {
  pack(outlines: StoredOutlines): Promise<BoundaryBlock>;
  stop(): Promise<void>;
};

/** Bytes of outlines that are packed in some milliseconds. */
const FEW_BYTES = 8 * 1024;

export function createLayerPacker(): LayerPacker {
  const workers = new Set<Worker>();
  let stopped = false;
  return {
    async pack(outlines) {
      if (stopped) throw new Error('layers are no longer packed: the platform ends');
      if (outlines.bytes.length <= FEW_BYTES) return packLayer(outlines);
      return new Promise((resolve, reject) => {
        const worker = new Worker(new URL('./pack-layer-worker.ts', import.meta.url), {
          workerData: outlines,
          name: 'waymark-boundaries',
        });
        workers.add(worker);
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.once('exit', (code) => {
          workers.delete(worker);
          reject(new Error(`the thread that packs boundaries ended with ${code}`));
        });
      });
    },
    async stop() {
      stopped = true;
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
