import { Worker } from 'node:worker_threads';

export type ThreadTask = {
  /** `new URL('./x-worker.ts', import.meta.url)`. */
  script: URL;
  name: string;
  workerData: unknown;
  memoryMb: number;
  timeoutMs: number;
  /** What the thread knows of the environment; as much as this one unless told. */
  env?: Readonly<Record<string, string>>;
  /** Given the thread, to end it early. */
  onStart?: (worker: Worker) => void;
};

/** A thread took more than it was given. */
export class ThreadLimitError extends Error {
  readonly limit: 'time' | 'memory';

  constructor(limit: 'time' | 'memory', cause?: unknown) {
    super(`a thread took more ${limit} than it was given`, { cause });
    this.name = 'ThreadLimitError';
    this.limit = limit;
  }
}

/**
 * Runs a script in a thread of its own until `read` gives the result that a message of it bears (undefined: one on the way).
 * Rejects with what `read` throws, with what the thread died of, or with ThreadLimitError. The thread is gone afterwards.
 */
export async function runInThread<News, Result>(
  { env, memoryMb, name, onStart, script, timeoutMs, workerData }: ThreadTask,
  read: (news: News) => { result: Result } | undefined,
): Promise<Result> {
  const worker = new Worker(script, {
    workerData,
    name,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    ...(env !== undefined && { env }),
  });
  onStart?.(worker);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      timer = setTimeout(() => reject(new ThreadLimitError('time')), timeoutMs);
      worker.on('message', (news: News) => {
        try {
          const end = read(news);
          if (end) resolve(end.result);
        } catch (error) {
          reject(error);
        }
      });
      worker.once('error', (error: Error & { code?: string }) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new ThreadLimitError('memory', error) : error),
      );
      worker.once('exit', (code) => reject(new Error(`the thread ${name} ended with ${code} and without a result`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
