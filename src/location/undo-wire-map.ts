import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { readWindow, type WireMapDeps } from './change-wire-map.ts';
import { reviseInSteps } from './revise-in-steps.ts';
import { ROWS_PER_STEP } from './wire-map-lease.ts';
import {
  type EndedPart,
  endPart,
  type RestoredPart,
  type RevisionFilter,
  restorePart,
  selectRevision,
  selectRevisions,
} from './wire-map-revision-records.ts';

/** One change of an organization's wire map. */
export type WireMapVersion = {
  /** Counted from 1; 0 is the empty wire map before the first. */
  revision: number;
  /** What was done, as the trail says it: `wire-map.imported`, `wire-map.element-created`, `wire-map.undone` … */
  action: string;
  added: number;
  changed: number;
  removed: number;
  /** ISO 8601. */
  madeAt: string;
};

export type UndoneWireMap = {
  /** The revision whose elements are in force again. */
  restored: number;
  /** The new revision that says so; the same as before where nothing differed. */
  revision: number;
  counts: { added: number; changed: number; removed: number };
};

/** `-revision` unless told. */
export type VersionListRequest = {
  start?: number | undefined;
  max?: number | undefined;
} & RevisionFilter;

/** Versions of the wire map of the last 90 days, and the way back to any of them. */
export function createWireMapVersions(deps: WireMapDeps) {
  return {
    async listWireMapVersions(
      scope: Scope,
      window: VersionListRequest = {},
    ): Promise<{ items: WireMapVersion[]; total: number }> {
      const { rows, total } = await selectRevisions(deps.database.db, scope.organizationId, {
        ...readWindow(window),
        sort: window.sort,
        since: window.since,
        until: window.until,
      });
      return {
        items: rows.map(({ revision, action, added, changed, removed, madeAt }) => ({
          revision,
          action,
          added,
          changed,
          removed,
          madeAt: madeAt.toISOString(),
        })),
        total,
      };
    },

    /** Makes the wire map what it was at `to`, or before its last change; itself a change that can be undone. */
    async undoWireMap(scope: Scope, to?: number): Promise<UndoneWireMap> {
      const { organizationId } = scope;
      return reviseInSteps(deps, scope, 'wire-map.undone', async ({ newest, now, step }) => {
        if (newest === 0) throw new ProblemError('conflict', 'the wire map was never changed');
        const target = to ?? newest - 1;
        if (target < 0 || target > newest) {
          throw new ProblemError('invalid', `there is no version ${target}`, {
            fields: [{ path: 'revision', message: `is not a version from 0 to ${newest}` }],
          });
        }
        const isKept = (await selectRevision(deps.database.db, organizationId, Math.max(1, target))) !== undefined;
        if (!isKept) throw new ProblemError('gone', `version ${target} is no longer kept`);
        const part = { organizationId, newest, limit: ROWS_PER_STEP };
        let ended = 0;
        for (let after: EndedPart['last'], more = true; more; more = after !== undefined) {
          const from = after;
          const done = await step((tx) =>
            endPart(tx, { ...part, after: from }, { newerThan: target }, { listed: 0, write: true }),
          );
          ended += done.ended;
          after = done.last;
        }
        let [restored, changed] = [0, 0];
        for (let after: RestoredPart['last'], more = true; more; more = after !== undefined) {
          const from = after;
          const done = await step((tx) => restorePart(tx, { ...part, after: from }, target, now));
          restored += done.restored;
          changed += done.changed;
          after = done.last;
        }
        const counts = { added: restored - changed, changed, removed: ended - changed };
        const isChange = restored + ended > 0;
        return {
          result: { restored: target, revision: isChange ? newest + 1 : newest, counts },
          counts,
          entry: { subject: 'wire map', detail: { restored: target, ...counts } },
        };
      });
    },
  };
}
