import { fromProblemMessage, ProblemError, type ProblemMessage } from '../../domain/problem.ts';
import { runInThread, ThreadLimitError } from '../../support/run-in-thread.ts';
import type { RegistryFile } from './read-registry-file.ts';

/** What the thread answers. */
export type RegistryOutcome = { file: RegistryFile } | { problem: ProblemMessage };

const MEMORY_MB = 768;
const TIMEOUT_MS = 60_000;

/** `readRegistryFile` in a thread of its own, with bounded time and memory. */
export async function readRegistryAside(document: Uint8Array): Promise<RegistryFile> {
  const script = new URL('./read-registry-worker.ts', import.meta.url);
  const limits = { memoryMb: MEMORY_MB, timeoutMs: TIMEOUT_MS };
  try {
    return await runInThread(
      { script, name: 'waymark-read-registry', workerData: { document }, ...limits },
      (outcome: RegistryOutcome) => {
        if ('problem' in outcome) throw fromProblemMessage(outcome.problem);
        return { result: outcome.file };
      },
    );
  } catch (cause) {
    if (!(cause instanceof ThreadLimitError)) throw cause;
    const much = cause.limit === 'time' ? 'takes too long' : 'takes too much memory';
    throw new ProblemError('too-large', `the file ${much} to read`, { cause });
  }
}
