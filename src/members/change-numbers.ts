import { invalidField, ProblemError } from '../domain/problem.ts';
import { type Scope, shownActor } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { keepRemovals, type RemovedRow } from '../storage/kept-removals.ts';
import { recordRemovals } from '../storage/removed-resources.ts';
import { refuseMainNumber } from './callback-use.ts';
import { changeMembers } from './change-members.ts';
import type { MemberNumber } from './member-book.ts';
import { selectMembersById } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { deleteNumbers, lockNumbersAt, setNumbersActive } from './number-records.ts';
import { readNumbers } from './read-numbers.ts';

/** The emergency address of a number goes with it, and comes back. */
const REMOVED_NUMBER: RemovedRow = { table: 'member_numbers', key: 'number' };

export type NumbersOfLocation = {
  locationId: string;
  /** 1 to 1,000 numbers of the location. */
  phoneNumbers: readonly string[];
};

/** Refuses what would leave an owner without its number. Throws `conflict` naming number and owner. */
async function refuseAssigned(tx: Transaction, organizationId: string, held: readonly MemberNumber[]): Promise<void> {
  const assigned = held.find((number) => number.memberId !== null);
  if (!assigned) return;
  const [owner] = await selectMembersById(tx, organizationId, assigned.memberId === null ? [] : [assigned.memberId]);
  throw new ProblemError('conflict', `${assigned.number} is the number of ${owner?.displayName ?? 'a member'}`);
}

/** Numbers of a location: in and out of service, and away. All throw `invalid`, `not-found`, `forbidden`, `conflict`. */
export function createChangeNumbers(deps: MembersDeps) {
  async function lockAll(
    tx: Transaction,
    organizationId: string,
    locationId: string,
    numbers: readonly string[],
  ): Promise<MemberNumber[]> {
    const held = await lockNumbersAt(tx, organizationId, locationId, numbers);
    const there = new Set(held.map((number) => number.number));
    const place = numbers.findIndex((number) => !there.has(number));
    if (place >= 0) throw invalidField(`phoneNumbers.${place}`, `${numbers[place]} is no number of the location`);
    return held;
  }

  return {
    /** A number goes out of service only when it is nobody's and no callback number of a location. */
    async activateNumbers(scope: Scope, wanted: NumbersOfLocation & { active: boolean }): Promise<void> {
      const { organizationId } = scope;
      const { locationId, active } = wanted;
      const numbers = readNumbers(wanted.phoneNumbers);
      await deps.places.getLocation(scope, locationId);
      await changeMembers(deps, scope, async (tx) => {
        const held = await lockAll(tx, organizationId, locationId, numbers);
        const changed = held.filter((number) => number.active !== active);
        if (changed.length === 0) return { result: undefined, entry: undefined };
        if (!active) {
          refuseMainNumber(changed);
          await refuseAssigned(tx, organizationId, changed);
        }
        const names = changed.map((number) => number.number);
        await setNumbersActive(tx, organizationId, names, active);
        return {
          result: undefined,
          entry: {
            action: active ? 'numbers.activated' : 'numbers.deactivated',
            subject: `location ${locationId}`,
            before: { active: !active },
            after: { active },
            detail: { numbers: names },
          },
        };
      });
    },

    /** Takes numbers that nobody has out of the location's inventory. */
    async removeNumbers(scope: Scope, wanted: NumbersOfLocation): Promise<void> {
      const { organizationId } = scope;
      const { locationId } = wanted;
      const numbers = readNumbers(wanted.phoneNumbers);
      await deps.places.getLocation(scope, locationId);
      await changeMembers(deps, scope, async (tx) => {
        const held = await lockAll(tx, organizationId, locationId, numbers);
        refuseMainNumber(held);
        await refuseAssigned(tx, organizationId, held);
        const removedBy = shownActor(scope);
        const removedAt = new Date(deps.clock.nowMs());
        const kept = held.map(
          ({ number, active }) =>
            ({
              organizationId,
              kind: 'number',
              id: number,
              name: number,
              locationId,
              removedBy,
              removedAt,
              summary: { locationId, active },
              detail: {},
            }) as const,
        );
        await keepRemovals(tx, kept, REMOVED_NUMBER);
        await deleteNumbers(tx, organizationId, numbers);
        await recordRemovals(tx, { organizationId, kind: 'number', ids: numbers });
        return {
          result: undefined,
          entry: { action: 'numbers.removed', subject: `location ${locationId}`, before: { numbers } },
        };
      });
    },
  };
}
