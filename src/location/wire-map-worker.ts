/** The thread that packs wire maps: a second of work at a million elements, away from the thread that answers calls. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ElementChange, mergeWireMap, packWireMap, type WireMapColumns } from './wire-map-block.ts';

export type WireMapTask =
  | { kind: 'pack'; columns: WireMapColumns; seed: number }
  | { kind: 'merge'; block: Uint32Array; changes: readonly ElementChange[]; seed: number };

function run(task: WireMapTask): Uint32Array {
  switch (task.kind) {
    case 'pack':
      return packWireMap(task.columns, task.seed);
    case 'merge':
      return mergeWireMap(task.block, task.changes, task.seed);
  }
}

parentPort?.postMessage(run(workerData as WireMapTask));
