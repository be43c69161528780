import { runInThread } from '../support/run-in-thread.ts';

const MEMORY_MB = 192;
const TIMEOUT_MS = 30_000;

/** Packed, the sources are JavaScript. */
function workerScript(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./region-outlines-worker.${extension}`, import.meta.url);
}

/**
 * The outlines of the built-in regions as GeoJSON, packed by gzip: prepared at the first question in a thread, for a quarter of
 * a second is too long to keep calls waiting, and kept from then on. A failure is not kept.
 */
export function createRegionOutlines(): () => Promise<Uint8Array> {
  let preparing: Promise<Uint8Array> | undefined;
  return () => {
    preparing ??= runInThread(
      {
        script: workerScript(),
        name: 'region outlines',
        workerData: null,
        memoryMb: MEMORY_MB,
        timeoutMs: TIMEOUT_MS,
        env: {},
      },
      (packed: Uint8Array) => ({ result: packed }),
    ).catch((error: unknown) => {
      preparing = undefined;
      throw error;
    });
    return preparing;
  };
}
