import { Worker } from 'node:worker_threads';
import { type FieldFault, ProblemError, type ProblemKind } from '../domain/problem.ts';
import type { ReadBoundary } from './read-boundaries.ts';

/** What the thread answers: problems lose their class on the way. */
export type ReadingOutcome =
  | { boundaries: ReadBoundary[] }
  | { problem: { kind: ProblemKind; detail: string; fields: readonly FieldFault[] } };

/** A file that keeps the thread busy for longer is given up. */
const READ_TIMEOUT_MS = 300_000;

/** `readBoundaries` in a thread of its own, with bounded time and memory. */
export async function readBoundariesAside(document: Uint8Array | string): Promise<ReadBoundary[]> {
  const worker = new Worker(new URL('./read-boundaries-worker.ts', import.meta.url), {
    workerData: { document },
    name: 'waymark-read-boundaries',
    resourceLimits: { maxOldGenerationSizeMb: 2_048 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const outcome = await new Promise<ReadingOutcome>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new ProblemError('too-large', 'the file takes too long to read')),
        READ_TIMEOUT_MS,
      );
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the reading thread ended without an answer')));
    });
    if ('problem' in outcome) {
      throw new ProblemError(outcome.problem.kind, outcome.problem.detail, { fields: outcome.problem.fields });
    }
    return outcome.boundaries;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
