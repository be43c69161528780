import type { Audit, AuditEntry } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { lockWireMap, type Window } from './wire-map-records.ts';

export type WireMapDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  places: Pick<Places, 'getResponseLocation' | 'listResponseLocations' | 'getLocation' | 'listLocations'>;
};

/** One change of the wire map or of an organization's addresses: rows, audit entry, announcement in one transaction. */
export async function changeWireMap<Result>(
  deps: WireMapDeps,
  scope: Scope,
  work: (tx: Transaction, now: Date) => Promise<{ result: Result; entry: AuditEntry }>,
): Promise<Result> {
  try {
    return await deps.database.db.transaction().execute(async (tx) => {
      await lockWireMap(tx, scope.organizationId);
      const { result, entry } = await work(tx, new Date(deps.clock.nowMs()));
      await deps.audit.record(tx, scope, entry);
      await announceChange(tx, 'wire-map', scope.organizationId);
      return result;
    });
  } catch (error) {
    if (isUniqueViolation(error)) {
      throw new ProblemError('conflict', 'this value is already there; change that entry instead', {
        cause: error,
        fields: [{ path: 'value', message: 'is already there' }],
      });
    }
    if (isForeignKeyViolation(error)) {
      throw new ProblemError('conflict', 'the place it names was removed meanwhile', { cause: error });
    }
    throw error;
  }
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
