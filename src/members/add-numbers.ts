import { requireE164 } from '../domain/phone-number.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { clearMainNumber, insertNumber, lockNumber, setMainNumber } from './member-records.ts';
import type { MembersDeps } from './members-deps.ts';

export type NewNumbers = {
  locationId: string;
  /** 1 to 500 numbers; those already at the location are ignored (contract section 8). */
  phoneNumbers: readonly string[];
  /** Active unless told. */
  active?: boolean | undefined;
  /** One of the numbers, or one that the location holds: becomes its main number. */
  mainNumber?: string | undefined;
};

const MAX_NUMBERS = 500;

/** Adds numbers to a location. Throws `invalid`, `not-found` (location), `conflict` (held elsewhere). */
export function createAddNumbers(deps: MembersDeps) {
  return async function addNumbers(scope: Scope, wanted: NewNumbers): Promise<{ added: string[] }> {
    const { organizationId } = scope;
    const { locationId } = wanted;
    if (wanted.phoneNumbers.length > MAX_NUMBERS) {
      throw new ProblemError('invalid', `at most ${MAX_NUMBERS} numbers at once`, {
        fields: [{ path: 'phoneNumbers', message: `expected at most ${MAX_NUMBERS}` }],
      });
    }
    const numbers = wanted.phoneNumbers.map((text, index) => requireE164(text, `phoneNumbers.${index}`));
    const main = wanted.mainNumber === undefined ? undefined : requireE164(wanted.mainNumber, 'mainNumber');
    await deps.places.getLocation(scope, locationId);
    return deps.database.db.transaction().execute(async (tx) => {
      const added: string[] = [];
      for (const number of new Set(numbers)) {
        const row = {
          number,
          locationId,
          memberId: null,
          isPrimary: false,
          active: wanted.active ?? true,
          isMain: false,
        };
        if (await insertNumber(tx, organizationId, row)) {
          added.push(number);
          continue;
        }
        const held = await lockNumber(tx, number);
        if (held?.organizationId !== organizationId || held.locationId !== locationId) {
          throw new ProblemError('conflict', `the number ${number} is already in use`);
        }
      }
      if (main !== undefined) {
        const held = await lockNumber(tx, main);
        if (held?.organizationId !== organizationId || held.locationId !== locationId) {
          throw new ProblemError('conflict', `the number ${main} does not belong to the location`);
        }
        await clearMainNumber(tx, organizationId, locationId);
        await setMainNumber(tx, organizationId, main);
      }
      await deps.audit.record(tx, scope, {
        action: 'numbers.added',
        subject: `location ${locationId}`,
        detail: { added, mainNumber: main },
      });
      await announceChange(tx, 'members', organizationId);
      return { added };
    });
  };
}
