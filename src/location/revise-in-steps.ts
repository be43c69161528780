import type { AuditEntry } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Transaction } from '../storage/database.ts';
import { errorText } from '../support/error-text.ts';
import { newId } from '../support/ids.ts';
import { problemOfChange, REVISIONS_KEPT_MS, type RevisionCounts, type WireMapDeps } from './change-wire-map.ts';
import {
  forgetNamed,
  type OwnLease,
  ownStep,
  ROWS_PER_STEP,
  requireNoLease,
  takeBack,
  whenNobodyWrites,
} from './wire-map-lease.ts';
import { deleteLease, keepSomeEnded, putLease, selectUntidy } from './wire-map-lease-records.ts';
import { lockWireMap } from './wire-map-records.ts';
import { analyzeElements, insertRevision, pruneRevisions, selectNewestRevision } from './wire-map-revision-records.ts';

/** A large change under way: what it writes is not in force before all of it is there. */
export type Steps = {
  /** Names this change. */
  holder: string;
  now: Date;
  /** The revision in force; the change becomes the one after it. */
  newest: number;
  /** One part of the work, in a short transaction of its own: others write between two of them. */
  step: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
};

/** Changes after which what the database has counted says little. */
const MANY = 10_000;
/** How long a large change waits for another. */
const PATIENCE_MS = 60_000;

/** Moves what is no longer in force to the history, part by part. */
async function keepEnded(deps: WireMapDeps, organizationId: string, newest: number): Promise<void> {
  const { db } = deps.database;
  while (await db.transaction().execute((tx) => keepSomeEnded(tx, organizationId, newest, ROWS_PER_STEP)));
}

/** What a node that died left to be done after its change was in force. */
export async function tidyWireMaps(deps: WireMapDeps): Promise<void> {
  for (const organizationId of await selectUntidy(deps.database.db)) {
    const newest = await selectNewestRevision(deps.database.db, organizationId);
    await keepEnded(deps, organizationId, newest?.revision ?? 0);
  }
}

/**
 * One change of many elements as a new revision: written part by part, so that the embedded database's only session is
 * never held for long, and in force at once and as a whole when its revision is there. Nobody else changes elements
 * meanwhile; a change that fails is taken back. A change of nothing makes no revision.
 */
export async function reviseInSteps<Result>(
  deps: WireMapDeps,
  scope: Scope,
  action: string,
  work: (steps: Steps) => Promise<{ result: Result; entry: Omit<AuditEntry, 'action'>; counts: RevisionCounts }>,
): Promise<Result> {
  const { organizationId, tokenId } = scope;
  const { db } = deps.database;
  const holder = newId();
  const own: OwnLease = { deps, organizationId, holder };
  try {
    const newest = await whenNobodyWrites(deps, scope, PATIENCE_MS, () =>
      db.transaction().execute(async (tx) => {
        await lockWireMap(tx, organizationId);
        await requireNoLease(tx, organizationId);
        await putLease(tx, { organizationId, holder, holderToken: tokenId, action });
        return (await selectNewestRevision(tx, organizationId))?.revision ?? 0;
      }),
    );
    const now = new Date(deps.clock.nowMs());
    try {
      await keepEnded(deps, organizationId, newest);
      const { result, entry, counts } = await work({ holder, now, newest, step: (part) => ownStep(own, part) });
      if (counts.added + counts.changed > MANY) await analyzeElements(db);
      await forgetNamed(deps, holder);
      await ownStep(own, async (tx) => {
        await lockWireMap(tx, organizationId);
        await deps.audit.record(tx, scope, { ...entry, action });
        if (counts.added + counts.changed + counts.removed > 0) {
          await insertRevision(tx, {
            organizationId,
            revision: newest + 1,
            id: newId(),
            action,
            ...counts,
            madeAt: now,
          });
        }
        await announceChange(tx, 'wire-map', organizationId);
        await deleteLease(tx, organizationId, holder);
      });
      await tidyUp(deps, organizationId, newest + 1, now);
      return result;
    } catch (error) {
      // Should that fail too, the next who writes does it; who asked is told why the change failed.
      await takeBack(own, holder).catch((second: unknown) =>
        deps.logger.warn({ err: errorText(second), organizationId }, 'a change of a wire map is not taken back yet'),
      );
      throw error;
    }
  } catch (error) {
    throw problemOfChange(error);
  }
}

/** It is in force whatever becomes of this: what is left is moved by the next large change, or at the hour. */
async function tidyUp(deps: WireMapDeps, organizationId: string, newest: number, now: Date): Promise<void> {
  try {
    await keepEnded(deps, organizationId, newest);
    const before = new Date(now.getTime() - REVISIONS_KEPT_MS);
    const { db } = deps.database;
    while (await db.transaction().execute((tx) => pruneRevisions(tx, organizationId, before, ROWS_PER_STEP)));
  } catch (error) {
    deps.logger.warn({ err: errorText(error), organizationId }, 'what a wire map was before is moved later');
  }
}
