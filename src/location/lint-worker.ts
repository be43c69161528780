/** The thread that judges a large wire map. */
import { parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../support/lower-priority.ts';
import { lintWireMap } from './lint-wire-map.ts';
import { type WireMapState, wholeBlock } from './prepare-import.ts';
import type { WireMapPlaces } from './wire-map-places.ts';

lowerThreadPriority();

export type LintTask = { state: WireMapState; places: WireMapPlaces };

const { state, places } = workerData as LintTask;
parentPort?.postMessage(lintWireMap(wholeBlock(state), places));
