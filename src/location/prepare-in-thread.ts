import { Worker } from 'node:worker_threads';
import { ProblemError } from '../domain/problem.ts';
import type { ImportNews, ImportTask } from './import-worker.ts';
import type { PreparedImport } from './prepare-import.ts';

/** What came of reading a file; `batches` where they were not written to disk. */
export type ThreadedImport = { prepared: PreparedImport; batches: string[] };

const MEMORY_MB = 1_024;

/** Reads and judges a file in a thread of its own; `onStart` is given the thread, to end it early. */
export function prepareInThread(
  task: ImportTask,
  {
    onProgress = () => undefined,
    onStart = () => undefined,
  }: { onProgress?: (charactersRead: number) => void; onStart?: (worker: Worker) => void } = {},
): Promise<ThreadedImport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./import-worker.ts', import.meta.url), {
      workerData: task,
      name: 'waymark-import',
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    onStart(worker);
    worker.on('message', (news: ImportNews) => {
      switch (news.kind) {
        case 'progress':
          onProgress(news.characters);
          return;
        case 'prepared':
          resolve(news);
          return;
        case 'problem':
          reject(new ProblemError(news.problem.kind, news.problem.detail, { fields: news.problem.fields }));
      }
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that reads an import ended with ${code}`)));
  });
}
