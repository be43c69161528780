import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isLockTimeout } from '../storage/constraint-violation.ts';
import type { Transaction } from '../storage/database.ts';
import { noAccountYet } from './compliance-conflicts.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { limitLockWait, lockOrganizationStage } from './compliance-records.ts';
import { createOrganizationTurns, lockedNow } from './organization-turns.ts';
import type { StageStanding } from './stage-standing.ts';

const LOCK_WAIT_MS = 2_000;

/** What a change does in its transaction, given where the organization stands. Not `changed`: nothing is announced. */
export type StageChange<Result> = (
  tx: Transaction,
  organization: StageStanding,
  now: Date,
) => Promise<{ changed: boolean; result: Result }>;

export type ChangeStages = <Result>(organizationId: string, work: StageChange<Result>) => Promise<Result>;

/**
 * Changes of an organization's stages happen one after the other, on every node: each sees what the one before made of it,
 * so that none skips a stage. Throws `conflict` before there is an account, and `locked` when other changes take too long or
 * remove what moves: nothing has happened then, and the same request may be sent again.
 */
export function createChangeStages(deps: ComplianceDeps): ChangeStages {
  const waitMs = deps.lockWaitMs ?? LOCK_WAIT_MS;
  const inTurn = createOrganizationTurns(waitMs);

  function change<Result>(organizationId: string, work: StageChange<Result>): Promise<Result> {
    return deps.database.db.transaction().execute(async (tx) => {
      const now = new Date(deps.clock.nowMs());
      await limitLockWait(tx, waitMs);
      if (!(await deps.accounts.readAccount(organizationId, tx))) throw noAccountYet();
      const organization = await lockOrganizationStage(tx, organizationId, now);
      const { changed, result } = await work(tx, organization, now);
      if (changed) await announceChange(tx, 'compliance', organizationId);
      return result;
    });
  }

  return async (organizationId, work) => {
    try {
      return await inTurn(organizationId, () => change(organizationId, work));
    } catch (error) {
      // A location that moves along was removed meanwhile: the next time it is not among them.
      throw isLockTimeout(error) || isForeignKeyViolation(error) ? lockedNow(error) : error;
    }
  };
}
