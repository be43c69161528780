import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import type { Member } from './member-book.ts';
import { assignNumber, lockNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { insertNumbers } from './number-records.ts';
import { refuseElins } from './refuse-elins.ts';
import { isTollFree } from './toll-free.ts';

/**
 * Gives the member a number that nobody has: a new one, or one that the organization holds unassigned at the location.
 * An inactive one stays inactive: nobody can be called back on it yet. An ELIN leads to a place, so it is nobody's. Throws
 * `conflict`.
 */
export async function giveNumber(
  deps: Pick<MembersDeps, 'places'>,
  tx: Transaction,
  organizationId: string,
  member: Pick<Member, 'id' | 'locationId'>,
  number: string,
): Promise<void> {
  await refuseElins(deps, tx, organizationId, [number], { path: 'phoneNumber' });
  const held = await lockNumber(tx, number);
  if (held?.organizationId === organizationId && held.memberId === null && held.locationId === member.locationId) {
    await assignNumber(tx, organizationId, number, member.id);
    return;
  }
  const row = {
    number,
    locationId: member.locationId,
    memberId: member.id,
    isPrimary: true,
    active: true,
    isMain: false,
    isTollFree: isTollFree(number),
    isServiceNumber: false,
  };
  if (held || (await insertNumbers(tx, organizationId, [row])).length === 0) {
    // Held by others or at another location: who holds it is told to nobody else.
    const own = held?.organizationId === organizationId;
    const where = own && held.memberId === null ? ' at another location' : '';
    throw new ProblemError('conflict', `the number ${number} is already in use${where}`, {
      fields: [{ path: 'phoneNumber', message: `${number} is already in use${where}` }],
    });
  }
}
