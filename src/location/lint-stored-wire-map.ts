import { Worker } from 'node:worker_threads';
import type { Scope } from '../domain/scope.ts';
import type { ImportDeps } from './import-wire-map.ts';
import { emptyLintReport, type LintReport, lintWireMap } from './lint-wire-map.ts';
import type { LintTask } from './lint-worker.ts';
import { wholeBlock } from './prepare-import.ts';
import { createColumnsWriter, openWireMapBlock, packWireMap } from './wire-map-block.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';

/** Words of a block that is judged in some milliseconds. */
const SMALL = 20_000;

/** What is questionable about the wire map as it is in force; a large one is judged in a thread of its own. */
export function createLintWireMap(deps: ImportDeps): (scope: Scope) => Promise<LintReport> {
  return async (scope) => {
    const places = await loadWireMapPlaces(deps, scope);
    const state = deps.wireMapState(scope.organizationId);
    if (state === undefined) {
      return lintWireMap(openWireMapBlock(packWireMap(createColumnsWriter().columns, 0)), places, emptyLintReport());
    }
    if (state.block.length < SMALL) return lintWireMap(wholeBlock(state), places);
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./lint-worker.ts', import.meta.url), {
        workerData: { state, places } satisfies LintTask,
        name: 'waymark-lint',
      });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread that judges a wire map ended with ${code}`)));
    });
  };
}
