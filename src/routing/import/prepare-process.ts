/** The process that reads a file of boundaries: what a damaged or hostile file does to it, it does to nothing else. */
import { type ProblemMessage, toProblemMessage } from '../../domain/problem.ts';
import { lowerPriority } from '../../support/lower-priority.ts';
import { type BoundaryTask, type PreparedBoundaries, prepareBoundaries } from './prepare-boundaries.ts';

export type PrepareNews =
  | { kind: 'progress'; percent: number }
  | { kind: 'prepared'; prepared: PreparedBoundaries }
  | { kind: 'problem'; problem: ProblemMessage };

async function run(task: BoundaryTask): Promise<PrepareNews> {
  try {
    const prepared = await prepareBoundaries(task, {
      onProgress: (percent) => process.send?.({ kind: 'progress', percent } satisfies PrepareNews),
    });
    return { kind: 'prepared', prepared };
  } catch (error) {
    return { kind: 'problem', problem: toProblemMessage(error) };
  }
}

lowerPriority();
process.once('disconnect', () => process.exit(1));
process.once('message', (task: BoundaryTask) => {
  void run(task).then((news) => process.send?.(news, () => process.disconnect()));
});
