import type { AuditEntry } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation, isUniqueViolation, violatedConstraint } from '../storage/constraint-violation.ts';
import type { Transaction } from '../storage/database.ts';
import type { MembersDeps } from './members-deps.ts';

/** The unique indexes of members, with the field that each is about. */
const TAKEN: Readonly<Record<string, { path: string; detail: string }>> = {
  members_by_extension: { path: 'extension', detail: 'the extension is already in use at the location' },
  members_by_email: { path: 'email', detail: 'the e-mail address is already in use' },
};

function conflictOf(error: unknown): ProblemError | undefined {
  if (isUniqueViolation(error)) {
    const taken = TAKEN[violatedConstraint(error) ?? ''];
    if (!taken) return new ProblemError('conflict', 'somebody else just made the same change', { cause: error });
    const fields = [{ path: taken.path, message: 'is already in use' }];
    return new ProblemError('conflict', taken.detail, { cause: error, fields });
  }
  if (!isForeignKeyViolation(error)) return undefined;
  return new ProblemError('conflict', 'something it names was just removed', { cause: error });
}

/** One change of members or numbers: rows, audit entry and announcement in one transaction; without entry nothing changed. */
export async function changeMembers<Result>(
  deps: Pick<MembersDeps, 'database' | 'audit'>,
  scope: Scope,
  work: (tx: Transaction) => Promise<{ result: Result; entry: AuditEntry | undefined }>,
): Promise<Result> {
  try {
    return await deps.database.db.transaction().execute(async (tx) => {
      const { result, entry } = await work(tx);
      if (entry === undefined) return result;
      await deps.audit.record(tx, scope, entry);
      await announceChange(tx, 'members', scope.organizationId);
      return result;
    });
  } catch (error) {
    throw conflictOf(error) ?? error;
  }
}
