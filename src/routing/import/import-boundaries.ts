import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { newId } from '../../support/ids.ts';
import type { WorkFolder } from '../../uploads/work-folder.ts';
import { requireLayerName } from './layer-name.ts';
import type { PrepareBoundaries } from './prepare-boundaries.ts';
import {
  type BoundaryReport,
  compareBoundaries,
  requireStorable,
  type StoreDeps,
  storeBoundaries,
} from './store-boundaries.ts';

export type BoundaryImport = {
  /** GeoJSON, UTF-8. */
  document: Uint8Array | string;
  /** The import becomes the whole of this layer: what the file does not hold is removed from it. */
  layer: string;
  /** Compare only; nothing is stored. */
  dryRun: boolean;
  /** Stores what can be stored of a file with faulty rows. */
  skipFaulty?: boolean | undefined;
};

const MOST_BYTES = 64 * 1024 * 1024;
/** Each has a process that reads its document. */
const MOST_AT_ONCE = 2;

/** Replaces one layer of boundaries by a GeoJSON document within the request, all or nothing; few at once. Operator only: the door checks. */
export function createImportBoundaries(deps: StoreDeps & { workFolder: WorkFolder; prepare: PrepareBoundaries }) {
  let underWay = 0;

  async function importNow(actor: Actor, wanted: BoundaryImport, layer: string): Promise<BoundaryReport> {
    if (wanted.document.length > MOST_BYTES) throw new ProblemError('too-large', 'the document is larger than 64 MiB');
    // What a file may be besides is for imports that run beside their request.
    const start = typeof wanted.document === 'string' ? wanted.document.slice(0, 64) : wanted.document.subarray(0, 64);
    if (!/^\uFEFF?\s*[{[]/.test(typeof start === 'string' ? start : new TextDecoder().decode(start))) {
      throw new ProblemError('malformed', 'the body is not a JSON document');
    }
    const folder = join(await deps.workFolder(), newId());
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const [path, rowsPath, workFolder] = [join(folder, 'file'), join(folder, 'rows'), join(folder, 'work')];
      await mkdir(workFolder);
      await writeFile(path, wanted.document, { mode: 0o600 });
      const task = { path, rowsPath, workFolder, name: layer, nowMs: deps.clock.nowMs() };
      const prepared = { boundaries: await deps.prepare(task), rowsPath };
      if (wanted.dryRun) return await compareBoundaries(deps.database.db, layer, prepared);
      requireStorable(prepared, wanted.skipFaulty ?? false);
      return await storeBoundaries(deps, actor, layer, prepared, () => undefined);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return async (actor: Actor, wanted: BoundaryImport): Promise<BoundaryReport> => {
    const layer = requireLayerName(wanted.layer);
    if (underWay === MOST_AT_ONCE) {
      throw new ProblemError('locked', 'other imports of boundaries are under way', { retryAfterSeconds: 10 });
    }
    underWay += 1;
    try {
      return await importNow(actor, wanted, layer);
    } finally {
      underWay -= 1;
    }
  };
}
