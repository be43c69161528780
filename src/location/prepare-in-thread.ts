import { Worker } from 'node:worker_threads';
import { ProblemError } from '../domain/problem.ts';
import type { ImportNews, ImportTask } from './import-worker.ts';
import type { PreparedImport } from './prepare-import.ts';

// What a thread of rows leaves behind is collected early: a file of a million rows needs no more memory than it has to.
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

/**
 * Reads and judges a file in a thread of its own. What can be stored goes to `take`, batch by batch, as JSON text; the next
 * is read when that is done. `onStart` is given the thread, to end it early.
 */
export function prepareInThread(
  task: ImportTask,
  take: (json: string, charactersRead: number) => Promise<void>,
  onStart: (worker: Worker) => void = () => undefined,
): Promise<PreparedImport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./import-worker.ts', import.meta.url), {
      workerData: task,
      name: 'waymark-import',
      resourceLimits: LIMITS,
    });
    onStart(worker);
    worker.on('message', (news: ImportNews) => {
      switch (news.kind) {
        case 'batch':
          take(news.json, news.characters).then(
            () => worker.postMessage('next'),
            (error: unknown) => {
              reject(error);
              void worker.terminate();
            },
          );
          return;
        case 'prepared':
          resolve(news.prepared);
          return;
        case 'problem':
          reject(new ProblemError(news.problem.kind, news.problem.detail, { fields: news.problem.fields }));
      }
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that reads an import ended with ${code}`)));
  });
}
