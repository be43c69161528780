import { ProblemError } from '../domain/problem.ts';
import { type Scope, shownActor } from '../domain/scope.ts';
import { keepRemoval, type RemovedRow } from '../storage/kept-removals.ts';
import { recordRemoval } from '../storage/removed-resources.ts';
import type { KeptNumbers } from './bring-back-member.ts';
import { refuseMainNumber, refuseWhileCalledBack } from './callback-use.ts';
import type { MemberKind } from './caller.ts';
import { changeMembers } from './change-members.ts';
import { deleteMemberRow, selectStoredMember } from './member-resource-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { freeNumbers, lockNumbersOf } from './number-records.ts';
import { REMOVED_KIND, requireMember } from './require-member.ts';

/** Its place in hunt groups and its own agents go with it. */
const REMOVED_MEMBER: RemovedRow = { table: 'members' };

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
      const { kind: removedKind, locationId, displayName, email, extension } = known;
      const summary = { kind: removedKind, locationId, displayName, email, extension, numbers };
      const detail: KeptNumbers = { numbers: held.map(({ number, isPrimary }) => ({ number, isPrimary })) };
      const kept = {
        organizationId,
        kind: REMOVED_KIND[known.kind],
        id: known.id,
        name: displayName,
        locationId,
        removedBy: shownActor(scope),
        removedAt: new Date(deps.clock.nowMs()),
        summary,
        detail,
      };
      await keepRemoval(tx, kept, REMOVED_MEMBER);
      await freeNumbers(tx, organizationId, numbers);
      await deps.revokeTokensOfPerson?.(tx, scope, known.id);
      await recordRemoval(tx, { organizationId, kind: REMOVED_KIND[known.kind], id: known.id });
      await deleteMemberRow(tx, organizationId, known.id);
      return {
        result: undefined,
        entry: {
          action: 'member.removed',
          subject: `member ${known.id}`,
          before: summary,
        },
      };
    });
  };
}
