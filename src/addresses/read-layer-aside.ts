import { Worker } from 'node:worker_threads';
import { ProblemError } from '../domain/problem.ts';
import type { LayerReport, ReadLayerTask } from './read-address-layer.ts';
import type { ReadLayerNews } from './read-layer-worker.ts';

const MEMORY_MB = 3_072;
const LIMIT_MS = 1_800_000;

/**
 * Reads a file of address layers in a thread of its own, with bounded time and memory; `env` is all that it and what it
 * starts know of the environment; `onStart` is given the thread, to end it early.
 */
export async function readLayerAside(
  task: ReadLayerTask,
  {
    env,
    onProgress,
    onStart,
  }: {
    env: Readonly<Record<string, string>>;
    onProgress: (features: number) => void;
    onStart: (worker: Worker) => void;
  },
): Promise<LayerReport> {
  const worker = new Worker(new URL('./read-layer-worker.ts', import.meta.url), {
    workerData: task,
    env,
    name: 'waymark-address-layer',
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  onStart(worker);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<LayerReport>((resolve, reject) => {
      timer = setTimeout(() => reject(new ProblemError('too-large', 'the file takes too long to read')), LIMIT_MS);
      worker.on('message', (news: ReadLayerNews) => {
        switch (news.kind) {
          case 'progress':
            onProgress(news.features);
            return;
          case 'read':
            resolve(news.report);
            return;
          case 'problem':
            reject(new ProblemError(news.problem.kind, news.problem.detail, { fields: news.problem.fields }));
        }
      });
      worker.once('error', (error: Error & { code?: string }) =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new ProblemError('too-large', 'the file needs more memory than there is for it: send it in parts', {
                cause: error,
              })
            : error,
        ),
      );
      worker.once('exit', (code) => reject(new Error(`the thread that reads address layers ended with ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
