import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import type { PlacesDeps } from './change-places.ts';
import { selectTakenElins } from './elin-records.ts';

/**
 * Refuses ELINs that lead somewhere else already: to another response location, of whichever organization, or to somebody's
 * telephone. A callback of a PSAP must reach one place.
 */
export async function checkElins(
  deps: Pick<PlacesDeps, 'isMemberNumber'>,
  tx: Transaction,
  owner: { organizationId: string; responseLocationId: string },
  numbers: readonly string[],
): Promise<void> {
  const { organizationId } = owner;
  const fields = numbers
    .filter((number) => deps.isMemberNumber?.(organizationId, number) === true)
    .map((number) => ({
      path: 'elins',
      message: `${number} is the number of a person, workspace, line or hunt group`,
    }));
  for (const taken of await selectTakenElins(tx, numbers, owner.responseLocationId)) {
    const owned = taken.organizationId === organizationId;
    const where = owned ? `leads to emergency response location ${taken.responseLocationId}` : 'is in use';
    fields.push({ path: 'elins', message: `${taken.number} ${where}` });
  }
  const [first] = fields;
  if (first) throw new ProblemError('conflict', `${first.path}: ${first.message}`, { fields });
}
