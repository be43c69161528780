import type { Audit, AuditEntry } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Places } from '../../places/places.ts';
import { announceChange } from '../../storage/change-feed.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../../storage/constraint-violation.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { lockRecipients } from './recipient-records.ts';

export type ManagementDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  places: Pick<Places, 'getLocation' | 'getBuildingById' | 'getResponseLocation'>;
};

/** Undoes the transaction of a dry run, and takes its result out of it. */
class DryRunEnd<Result> extends Error {
  readonly result: Result;

  constructor(result: Result) {
    super('dry run');
    this.result = result;
  }
}

/** One change of recipients, groups or rules: rows, audit entry and announcement in one transaction. */
export async function changeRecipients<Result>(
  deps: Pick<ManagementDeps, 'database' | 'audit' | 'clock'>,
  scope: Scope,
  /** `recipient`, `group`, `rule`: what has the name that must not be given twice. */
  noun: string,
  /** `also`: what else is not any more as it was read; its version is the newest entry about it. */
  work: (
    tx: Transaction,
    now: Date,
  ) => Promise<{ result: Result; entry: AuditEntry | null; also?: readonly AuditEntry[] }>,
  /** Does everything, answers with its result, and stores nothing of it. */
  { dryRun = false }: { dryRun?: boolean | undefined } = {},
): Promise<Result> {
  try {
    return await deps.database.db.transaction().execute(async (tx) => {
      await lockRecipients(tx, scope.organizationId);
      const { result, entry, also = [] } = await work(tx, new Date(deps.clock.nowMs()));
      if (dryRun) throw new DryRunEnd(result);
      if (entry === null) return result;
      for (const one of [entry, ...also]) await deps.audit.record(tx, scope, one);
      await announceChange(tx, 'alert-recipients', scope.organizationId);
      return result;
    });
  } catch (error) {
    if (error instanceof DryRunEnd) return (error as DryRunEnd<Result>).result;
    if (isUniqueViolation(error)) {
      throw new ProblemError('conflict', `another ${noun} has that name`, {
        cause: error,
        fields: [{ path: 'name', message: 'is already in use' }],
      });
    }
    if (isForeignKeyViolation(error)) {
      throw new ProblemError('conflict', 'what it names, or is named by, was changed meanwhile', { cause: error });
    }
    throw error;
  }
}

/** What is absent stays, also where the caller names it as undefined. */
export function withChanges<Item extends object>(before: Item, changes: object): Item {
  return { ...before, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
}

/** What the trail keeps of it: all but its id, which stands in the subject. */
export function trailOf({ id: _id, ...rest }: { id: string }): object {
  return rest;
}
