import type { Audit, AuditEntry } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isLockTimeout, isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Window } from '../storage/window.ts';
import type { Clock } from '../support/clock.ts';
import { newId } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { requireNoLease, whenNobodyWrites } from './wire-map-lease.ts';
import { lockWireMap } from './wire-map-records.ts';
import { insertRevision, pruneRevisions, selectNewestRevision } from './wire-map-revision-records.ts';

export type WireMapDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  places: Pick<
    Places,
    'getResponseLocation' | 'listResponseLocations' | 'getLocation' | 'listLocations' | 'location' | 'responseLocation'
  >;
  logger: Logger;
};

/** How long what the wire map was before stays known, and with it every revision that can be gone back to. */
export const REVISIONS_KEPT_MS = 90 * 86_400_000;
/** Rows of the history that a small change forgets on the way. */
const FORGOTTEN_AT_ONCE = 1_000;
/** How long a small change waits for a large one. */
const PATIENCE_MS = 10_000;

/** What is done in the transaction of a change, and what the trail says of it. */
type Work<Result> = (tx: Transaction, now: Date) => Promise<{ result: Result; entry: AuditEntry }>;

/** One change of the wire map or of an organization's addresses: rows, audit entry, announcement in one transaction. */
export async function changeWireMap<Result>(deps: WireMapDeps, scope: Scope, work: Work<Result>): Promise<Result> {
  try {
    return await deps.database.db.transaction().execute(async (tx) => {
      await lockWireMap(tx, scope.organizationId);
      const { result, entry } = await work(tx, new Date(deps.clock.nowMs()));
      await deps.audit.record(tx, scope, entry);
      await announceChange(tx, 'wire-map', scope.organizationId);
      return result;
    });
  } catch (error) {
    throw problemOfChange(error);
  }
}

/** What stopped a change, in words for who asked for it. */
export function problemOfChange(error: unknown): unknown {
  if (isLockTimeout(error)) {
    return new ProblemError('locked', 'the wire map is being changed by somebody else; try again shortly', {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
  if (isUniqueViolation(error)) {
    return new ProblemError('conflict', 'this value is already there; change that entry instead', {
      cause: error,
      fields: [{ path: 'value', message: 'is already there' }],
    });
  }
  if (isForeignKeyViolation(error)) {
    return new ProblemError('conflict', 'the place it names was removed meanwhile', { cause: error });
  }
  return error;
}

/** How many elements a revision added, changed and removed. */
export type RevisionCounts = { added: number; changed: number; removed: number };

/** One change of few elements as a new revision of the organization's wire map, in one transaction. */
export async function reviseWireMap<Result>(
  deps: WireMapDeps,
  scope: Scope,
  work: (
    tx: Transaction,
    at: { now: Date; revision: number },
  ) => Promise<{ result: Result; entry: AuditEntry; counts: RevisionCounts }>,
): Promise<Result> {
  const { organizationId } = scope;
  return whenNobodyWrites(deps, scope, PATIENCE_MS, () =>
    changeWireMap(deps, scope, async (tx, now) => {
      await requireNoLease(tx, organizationId);
      const revision = ((await selectNewestRevision(tx, organizationId))?.revision ?? 0) + 1;
      const { result, entry, counts } = await work(tx, { now, revision });
      await insertRevision(tx, {
        organizationId,
        revision,
        id: newId(),
        action: entry.action,
        ...counts,
        madeAt: now,
      });
      await pruneRevisions(tx, organizationId, new Date(now.getTime() - REVISIONS_KEPT_MS), FORGOTTEN_AT_ONCE);
      return { result, entry };
    }),
  );
}

const DEFAULT_MAX = 100;
const LARGEST_MAX = 1_000;

/** Checks a page request; `max` above the largest page gives the largest page. */
export function readWindow({
  start = 0,
  max = DEFAULT_MAX,
}: {
  start?: number | undefined;
  max?: number | undefined;
}): Window {
  const fields = [];
  if (!Number.isSafeInteger(start) || start < 0)
    fields.push({ path: 'start', message: 'is not a whole number from 0' });
  if (!Number.isSafeInteger(max) || max < 1) fields.push({ path: 'max', message: 'is not a whole number from 1' });
  const [first] = fields;
  if (first) throw new ProblemError('invalid', `${first.path} ${first.message}`, { fields });
  return { start, max: Math.min(max, LARGEST_MAX) };
}
