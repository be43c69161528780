/** The thread that reads a file of address layers: a million points take half a minute, in which calls must not wait. */
import { parentPort, workerData } from 'node:worker_threads';
import { ProblemError, type ProblemKind } from '../domain/problem.ts';
import { type LayerReport, type ReadLayerTask, readAddressLayer } from './read-address-layer.ts';

export type ReadLayerNews =
  | { kind: 'progress'; features: number }
  | { kind: 'read'; report: LayerReport }
  | { kind: 'problem'; problem: { kind: ProblemKind; detail: string; fields: { path: string; message: string }[] } };

async function run(task: ReadLayerTask): Promise<ReadLayerNews> {
  try {
    const report = await readAddressLayer(task, (features) =>
      parentPort?.postMessage({ kind: 'progress', features } satisfies ReadLayerNews),
    );
    return { kind: 'read', report };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'problem', problem: { kind: error.kind, detail: error.message, fields: [...error.fields] } };
  }
}

parentPort?.postMessage(await run(workerData as ReadLayerTask));
