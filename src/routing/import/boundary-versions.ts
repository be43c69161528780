import type { Actor } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import { announceChange } from '../../storage/change-feed.ts';
import {
  endBoundaries,
  lockBoundaries,
  restoreLayer,
  selectBoundaryVersions,
  selectIdsElsewhere,
  selectNewestRevision,
  selectRevision,
  selectRevisions,
  updateRevisionCounts,
} from './boundary-records.ts';
import { requireLayerName } from './layer-name.ts';
import { beginRevision, type StoreDeps } from './store-boundaries.ts';

/** One change of a layer. */
export type BoundaryVersion = {
  /** Counted from 1; 0 is the empty layer before the first. */
  revision: number;
  /** `boundaries.imported`, `boundaries.removed`, `boundaries.undone`. */
  action: string;
  added: number;
  changed: number;
  removed: number;
  /** Boundaries of the layer after it. */
  boundaries: number;
  /** Format, layers and coordinate systems of the file; null where there was none. */
  source: unknown;
  /** Whether it can still be gone back to. */
  restorable: boolean;
  /** Token id. */
  actor: string;
  /** ISO 8601. */
  madeAt: string;
};

export type UndoneBoundaries = {
  /** The revision whose boundaries are in force again. */
  restored: number;
  /** The new revision that says so; the newest where that was asked for. */
  revision: number;
  counts: { added: number; changed: number; removed: number };
};

/** Versions of a layer of the last 90 days, and the ways to leave the newest: going back, or removing it. */
export function createBoundaryVersions(deps: StoreDeps) {
  const { database, audit } = deps;
  return {
    /** Newest first; `not-found` where the layer never was. */
    async listBoundaryVersions(
      layerName: string,
      window: { start: number; max: number },
    ): Promise<{ items: BoundaryVersion[]; total: number }> {
      const layer = requireLayerName(layerName);
      const { rows, total } = await selectRevisions(database.db, layer, window);
      if (total === 0) throw new ProblemError('not-found', 'there is no such boundary layer');
      return {
        items: rows.map(({ importedAt, featureCount, id: _id, layer: _layer, ...row }) => ({
          ...row,
          boundaries: featureCount,
          madeAt: importedAt.toISOString(),
        })),
        total,
      };
    },

    /** Makes a layer what it was at `to`, or before its last change; itself a change that can be undone. */
    async undoBoundaries(actor: Actor, layerName: string, to?: number): Promise<UndoneBoundaries> {
      const layer = requireLayerName(layerName);
      return database.db.transaction().execute(async (tx) => {
        await lockBoundaries(tx);
        const newest = (await selectNewestRevision(tx, layer))?.revision;
        if (newest === undefined) throw new ProblemError('not-found', 'there is no such boundary layer');
        const target = to ?? newest - 1;
        if (target < 0 || target > newest) {
          throw new ProblemError('invalid', `there is no version ${target}`, {
            fields: [{ path: 'revision', message: `is not a version from 0 to ${newest}` }],
          });
        }
        const none = { added: 0, changed: 0, removed: 0 };
        if (target === newest) return { restored: target, revision: newest, counts: none };
        const restorable = target === 0 ? await selectRevision(tx, layer, 1) : await selectRevision(tx, layer, target);
        if (restorable?.restorable !== true) throw new ProblemError('gone', `version ${target} is no longer kept`);
        const elsewhere = await selectIdsElsewhere(tx, layer, target);
        if (elsewhere.length > 0) {
          throw new ProblemError('conflict', 'boundaries of that version stand in another layer now', {
            fields: elsewhere.map((sourceId) => ({ path: 'NGUID', message: `${sourceId} stands in another layer` })),
          });
        }
        const about = { layer, action: 'boundaries.undone', featureCount: 0, counts: none, source: null };
        const change = await beginRevision(deps, tx, actor, about);
        const counts = await restoreLayer(tx, change, target);
        const boundaries = restorable.revision === target ? restorable.featureCount : 0;
        await updateRevisionCounts(tx, change.id, { ...counts, featureCount: boundaries });
        await audit.record(tx, actor, {
          action: 'boundaries.undone',
          subject: `boundary layer ${layer}`,
          detail: { restored: target, revision: change.revision, ...counts },
        });
        await announceChange(tx, 'routing', null);
        return { restored: target, revision: change.revision, counts };
      });
    },

    /** Removes a layer; `not-found` when it holds nothing. It can be gone back to. */
    async removeBoundaries(actor: Actor, layerName: string): Promise<{ removed: number }> {
      const layer = requireLayerName(layerName);
      return database.db.transaction().execute(async (tx) => {
        await lockBoundaries(tx);
        const stored = await selectBoundaryVersions(tx);
        const sourceIds = [...stored].filter(([, row]) => row.layer === layer).map(([sourceId]) => sourceId);
        const removed = sourceIds.length;
        if (removed === 0) throw new ProblemError('not-found', 'there is no such boundary layer');
        const counts = { added: 0, changed: 0, removed };
        const about = { layer, action: 'boundaries.removed', featureCount: 0, counts, source: null };
        await endBoundaries(tx, await beginRevision(deps, tx, actor, about), sourceIds);
        await audit.record(tx, actor, {
          action: 'boundaries.removed',
          subject: `boundary layer ${layer}`,
          before: { boundaries: removed },
          after: null,
        });
        await announceChange(tx, 'routing', null);
        return { removed };
      });
    },
  };
}
