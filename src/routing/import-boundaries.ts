import type { Actor, Audit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Queryable } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { newId } from '../support/ids.ts';
import type { ReadBoundary } from './read-boundaries.ts';
import { readBoundariesAside } from './read-boundaries-aside.ts';
import {
  deleteBoundaries,
  insertBoundaries,
  insertBoundaryImport,
  lockImports,
  selectBoundaryVersions,
} from './routing-records.ts';

export type BoundaryImport = {
  /** GeoJSON, UTF-8. */
  document: Uint8Array | string;
  /** The import becomes the whole of this layer: what the file does not hold is removed from it. */
  layer: string;
  /** Compare only; nothing is stored. */
  dryRun: boolean;
};

/** What an import changed, or would change: ids of boundaries. */
export type BoundaryDiff = {
  layer: string;
  /** Null for a dry run, and when nothing differs. */
  importId: string | null;
  added: string[];
  changed: string[];
  removed: string[];
  unchanged: number;
};

const LAYER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Replaces one layer of imported boundaries by a file, all or nothing. Operator only: the door checks. */
export function createImportBoundaries(deps: { database: Database; audit: Audit; clock: Clock }) {
  return async (actor: Actor, wanted: BoundaryImport): Promise<BoundaryDiff> => {
    const layer = requireLayerName(wanted.layer);
    const boundaries = await readBoundariesAside(wanted.document);
    if (wanted.dryRun) return (await compare(deps.database.db, layer, boundaries)).diff;
    return deps.database.db.transaction().execute(async (tx) => {
      await lockImports(tx);
      const { diff, write } = await compare(tx, layer, boundaries);
      if (write.length === 0 && diff.removed.length === 0) return diff;
      const importId = newId();
      const importedAt = new Date(deps.clock.nowMs());
      await insertBoundaryImport(tx, {
        id: importId,
        layer,
        actor: actor.tokenId,
        importedAt,
        featureCount: boundaries.length,
        added: diff.added.length,
        changed: diff.changed.length,
        removed: diff.removed.length,
      });
      await deleteBoundaries(tx, [...diff.removed, ...diff.changed]);
      await insertBoundaries(
        tx,
        importId,
        write.map((boundary) => ({ ...boundary, layer, updatedAt: importedAt.toISOString() })),
      );
      await deps.audit.record(tx, actor, {
        action: 'boundaries.imported',
        subject: `boundary layer ${layer}`,
        detail: { importId, added: diff.added.length, changed: diff.changed.length, removed: diff.removed.length },
      });
      await announceChange(tx, 'routing', null);
      return { ...diff, importId };
    });
  };
}

/** Removes a layer. */
export function createRemoveBoundaries(deps: { database: Database; audit: Audit; clock: Clock }) {
  return async (actor: Actor, layerName: string): Promise<{ removed: number }> => {
    const layer = requireLayerName(layerName);
    return deps.database.db.transaction().execute(async (tx) => {
      await lockImports(tx);
      const stored = await selectBoundaryVersions(tx);
      const sourceIds = [...stored].filter(([, row]) => row.layer === layer).map(([sourceId]) => sourceId);
      if (sourceIds.length === 0) throw new ProblemError('not-found', 'there is no such boundary layer');
      await deleteBoundaries(tx, sourceIds);
      await deps.audit.record(tx, actor, {
        action: 'boundaries.removed',
        subject: `boundary layer ${layer}`,
        before: { boundaries: sourceIds.length },
        after: null,
      });
      await announceChange(tx, 'routing', null);
      return { removed: sourceIds.length };
    });
  };
}

function requireLayerName(layer: string): string {
  if (LAYER_NAME.test(layer)) return layer;
  throw new ProblemError('invalid', 'the layer name is not allowed', {
    fields: [{ path: 'layer', message: 'expected 1 to 64 letters, digits, dots, dashes or underscores' }],
  });
}

async function compare(
  db: Queryable,
  layer: string,
  boundaries: readonly ReadBoundary[],
): Promise<{ diff: BoundaryDiff; write: ReadBoundary[] }> {
  const stored = await selectBoundaryVersions(db);
  const diff: BoundaryDiff = { layer, importId: null, added: [], changed: [], removed: [], unchanged: 0 };
  const write: ReadBoundary[] = [];
  const kept = new Set<string>();
  const elsewhere: string[] = [];
  for (const boundary of boundaries) {
    const known = stored.get(boundary.sourceId);
    if (known && known.layer !== layer) elsewhere.push(`${boundary.sourceId} stands in layer ${known.layer}`);
    kept.add(boundary.sourceId);
    if (known?.version === boundary.version) {
      diff.unchanged++;
      continue;
    }
    (known ? diff.changed : diff.added).push(boundary.sourceId);
    write.push(boundary);
  }
  if (elsewhere.length > 0) {
    throw new ProblemError('conflict', 'boundaries of the file stand in another layer already', {
      fields: elsewhere.slice(0, 100).map((message) => ({ path: 'NGUID', message })),
    });
  }
  for (const [sourceId, row] of stored) if (row.layer === layer && !kept.has(sourceId)) diff.removed.push(sourceId);
  return { diff, write };
}
