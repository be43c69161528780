import { requireE164 } from '../domain/phone-number.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { changeMembers } from './change-members.ts';
import { clearMainNumber, lockNumber, setMainNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { insertNumbers, lockNumbersAt } from './number-records.ts';
import { readNumbers } from './read-numbers.ts';
import { refuseElins } from './refuse-elins.ts';
import { isTollFree } from './toll-free.ts';

export type NewNumbers = {
  locationId: string;
  /** 1 to 1,000 numbers; those already at the location are ignored (contract section 8). */
  phoneNumbers: readonly string[];
  /** Active unless told. */
  active?: boolean | undefined;
  /** Known by its code in North America; elsewhere only when told. */
  tollFree?: boolean | undefined;
  /** For high-volume service, such as a contact centre. */
  serviceNumber?: boolean | undefined;
  /** One of the numbers, or one that the location holds: becomes its main number. */
  mainNumber?: string | undefined;
};

/** Adds numbers to a location. Throws `invalid`, `not-found` (location), `conflict` (held elsewhere). */
export function createAddNumbers(deps: MembersDeps) {
  return async function addNumbers(scope: Scope, wanted: NewNumbers): Promise<{ added: string[] }> {
    const { organizationId } = scope;
    const { locationId, active = true } = wanted;
    const numbers = readNumbers(wanted.phoneNumbers);
    const main = wanted.mainNumber === undefined ? undefined : requireE164(wanted.mainNumber, 'mainNumber');
    await deps.places.getLocation(scope, locationId);
    return changeMembers(deps, scope, async (tx) => {
      await refuseElins(deps, tx, organizationId, numbers, { path: 'phoneNumbers', mayBeOwn: true });
      if (main !== undefined) await refuseElins(deps, tx, organizationId, [main], { path: 'mainNumber' });
      const added = await insertNumbers(
        tx,
        organizationId,
        numbers.map((number) => ({
          number,
          locationId,
          memberId: null,
          isPrimary: false,
          active,
          isMain: false,
          isTollFree: wanted.tollFree === true || isTollFree(number),
          isServiceNumber: wanted.serviceNumber === true,
        })),
      );
      const here = await lockNumbersAt(tx, organizationId, locationId, numbers);
      const held = new Set(here.map((number) => number.number));
      const elsewhere = numbers.find((number) => !held.has(number));
      if (elsewhere !== undefined) {
        throw new ProblemError('conflict', `the number ${elsewhere} is already in use`, {
          fields: [{ path: 'phoneNumbers', message: `${elsewhere} is already in use` }],
        });
      }
      let mainBefore: string | null = null;
      if (main !== undefined) {
        const mainHeld = await lockNumber(tx, main);
        if (mainHeld?.organizationId !== organizationId || mainHeld.locationId !== locationId) {
          throw new ProblemError('conflict', `the number ${main} does not belong to the location`);
        }
        mainBefore = await clearMainNumber(tx, organizationId, locationId);
        await setMainNumber(tx, organizationId, main);
      }
      if (added.length === 0 && main === undefined) return { result: { added }, entry: undefined };
      return {
        result: { added },
        entry: {
          action: 'numbers.added',
          subject: `location ${locationId}`,
          ...(main !== undefined && { before: { mainNumber: mainBefore } }),
          after: { added, active, mainNumber: main },
        },
      };
    });
  };
}
