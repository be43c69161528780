import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { recordRemoval } from '../storage/removed-resources.ts';
import { refuseMainNumber, refuseWhileCalledBack } from './callback-use.ts';
import type { MemberKind } from './caller.ts';
import { changeMembers } from './change-members.ts';
import { deleteMemberRow, selectStoredMember } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { freeNumbers, lockNumbersOf } from './number-records.ts';
import { REMOVED_KIND, requireMember } from './require-member.ts';

/**
 * Removes a member. Its numbers stay at the location, assigned to nobody; hunt groups lose it as an agent; the tokens of a
 * person end. Throws `not-found`, `gone`, `forbidden`, or `conflict` while others are called back on its number.
 */
export function createRemoveMember(deps: MembersDeps) {
  return async function removeMember(scope: Scope, id: string, kind?: MemberKind): Promise<void> {
    const { organizationId } = scope;
    const { member: found } = await requireMember(deps, scope, id, kind);
    await changeMembers(deps, scope, async (tx) => {
      const known = await selectStoredMember(tx, organizationId, found.id, true);
      if (known?.locationId !== found.locationId) throw new ProblemError('conflict', 'the member was just changed');
      await refuseWhileCalledBack(tx, organizationId, known.id);
      const held = await lockNumbersOf(tx, organizationId, known.id);
      refuseMainNumber(held);
      const numbers = held.map((number) => number.number);
      await freeNumbers(tx, organizationId, numbers);
      await deps.revokeTokensOfPerson?.(tx, scope, known.id);
      await recordRemoval(tx, { organizationId, kind: REMOVED_KIND[known.kind], id: known.id });
      await deleteMemberRow(tx, organizationId, known.id);
      const { kind: removedKind, locationId, displayName, email, extension } = known;
      return {
        result: undefined,
        entry: {
          action: 'member.removed',
          subject: `member ${known.id}`,
          before: { kind: removedKind, locationId, displayName, email, extension, numbers },
        },
      };
    });
  };
}
