import type { Worker } from 'node:worker_threads';
import { fromProblemMessage, ProblemError } from '../domain/problem.ts';
import { runInThread, ThreadLimitError } from '../support/run-in-thread.ts';
import type { LayerReport, ReadLayerTask } from './read-address-layer.ts';
import type { ReadLayerNews } from './read-layer-worker.ts';

const MEMORY_MB = 3_072;
const TIMEOUT_MS = 1_800_000;

/**
 * Reads a file of address layers in a thread of its own, with bounded time and memory. `env` is all that it and what it
 * starts know of the environment; `onStart` is given the thread, to end it early.
 */
export async function readLayerAside(
  task: ReadLayerTask,
  {
    onProgress,
    ...options
  }: {
    env: Readonly<Record<string, string>>;
    onProgress: (features: number) => void;
    onStart: (worker: Worker) => void;
  },
): Promise<LayerReport> {
  const script = new URL('./read-layer-worker.ts', import.meta.url);
  const limits = { memoryMb: MEMORY_MB, timeoutMs: TIMEOUT_MS };
  try {
    return await runInThread(
      { script, name: 'waymark-address-layer', workerData: task, ...limits, ...options },
      (news: ReadLayerNews) => {
        if (news.kind === 'problem') throw fromProblemMessage(news.problem);
        if (news.kind === 'read') return { result: news.report };
        onProgress(news.features);
        return undefined;
      },
    );
  } catch (cause) {
    if (!(cause instanceof ThreadLimitError)) throw cause;
    const detail =
      cause.limit === 'time'
        ? 'the file takes too long to read'
        : 'the file needs more memory than there is for it: send it in parts';
    throw new ProblemError('too-large', detail, { cause });
  }
}
