/** The thread that packs wire maps: a second of work at a million elements, away from the thread that answers calls. */
import { parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { createColumnsWriter, type ElementChange, mergeWireMap, packWireMap } from './wire-map-block.ts';
import { appendTexts, type ElementTexts } from './wire-map-texts.ts';

lowerThreadPriority();

/** To `pack`, texts come as messages, and then null. */
export type WireMapTask =
  | { kind: 'pack'; seed: number }
  | { kind: 'merge'; block: Uint32Array; changes: readonly ElementChange[]; seed: number };

const task = workerData as WireMapTask;

if (task.kind === 'merge') {
  parentPort?.postMessage(mergeWireMap(task.block, task.changes, task.seed));
} else {
  const collected = createColumnsWriter();
  parentPort?.on('message', (texts: readonly ElementTexts[] | null) => {
    if (texts !== null) {
      appendTexts(collected, texts);
      return;
    }
    parentPort?.postMessage(packWireMap(collected.columns, task.seed));
    parentPort?.close();
  });
}
