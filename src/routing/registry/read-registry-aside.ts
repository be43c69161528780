import { Worker } from 'node:worker_threads';
import { type FieldFault, ProblemError, type ProblemKind } from '../../domain/problem.ts';
import type { RegistryFile } from './read-registry-file.ts';

/** What the thread answers: problems lose their class on the way. */
export type RegistryOutcome =
  | { file: RegistryFile }
  | { problem: { kind: ProblemKind; detail: string; fields: readonly FieldFault[] } };

const READ_TIMEOUT_MS = 60_000;

/** `readRegistryFile` in a thread of its own, with bounded time and memory. */
export async function readRegistryAside(document: Uint8Array): Promise<RegistryFile> {
  const worker = new Worker(new URL('./read-registry-worker.ts', import.meta.url), {
    workerData: { document },
    name: 'waymark-read-registry',
    resourceLimits: { maxOldGenerationSizeMb: 768 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const outcome = await new Promise<RegistryOutcome>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new ProblemError('too-large', 'the file takes too long to read')),
        READ_TIMEOUT_MS,
      );
      worker.once('message', resolve);
      worker.once('error', (error: Error & { code?: string }) =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new ProblemError('too-large', 'the file takes too much memory to read', { cause: error })
            : error,
        ),
      );
      worker.once('exit', () => reject(new Error('the reading thread ended without an answer')));
    });
    if ('problem' in outcome) {
      throw new ProblemError(outcome.problem.kind, outcome.problem.detail, { fields: outcome.problem.fields });
    }
    return outcome.file;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
