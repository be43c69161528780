/** The thread that reads a file of address layers: a million points take half a minute, in which calls must not wait. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ProblemMessage, toProblemMessage } from '../domain/problem.ts';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { type LayerReport, type ReadLayerTask, readAddressLayer } from './read-address-layer.ts';

lowerThreadPriority();

export type ReadLayerNews =
  | { kind: 'progress'; features: number }
  | { kind: 'read'; report: LayerReport }
  | { kind: 'problem'; problem: ProblemMessage };

async function run(task: ReadLayerTask): Promise<ReadLayerNews> {
  try {
    const report = await readAddressLayer(task, (features) =>
      parentPort?.postMessage({ kind: 'progress', features } satisfies ReadLayerNews),
    );
    return { kind: 'read', report };
  } catch (error) {
    return { kind: 'problem', problem: toProblemMessage(error) };
  }
}

parentPort?.postMessage(await run(workerData as ReadLayerTask));
