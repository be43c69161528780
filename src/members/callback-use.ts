import { ProblemError } from '../domain/problem.ts';
import type { Queryable } from '../storage/database.ts';
import type { MemberNumber } from './member-book.ts';
import { type CallbackUse, selectCallbackUse } from './member-resource-records.ts';

function usersOf({ memberNames, memberCount, locationIds }: CallbackUse): string[] {
  const more = memberCount - memberNames.length;
  const names = more > 0 ? [...memberNames, `${more} more`] : memberNames;
  return locationIds.length === 0 ? names : [...names, `location ${locationIds.join(', ')}`];
}

/**
 * Refuses a change after which those who chose this member for their emergency calls would be called back elsewhere, or
 * nowhere, without having been asked. Throws `conflict` naming them.
 */
export async function refuseWhileCalledBack(db: Queryable, organizationId: string, memberId: string): Promise<void> {
  const users = usersOf(await selectCallbackUse(db, organizationId, memberId));
  if (users.length === 0) return;
  throw new ProblemError(
    'conflict',
    `its number is the emergency callback number of: ${users.join(', ')}; choose another one for them first`,
  );
}

/** Refuses to leave the main number of a location, the last callback number of everybody there, with nobody. */
export function refuseMainNumber(numbers: readonly MemberNumber[]): void {
  const main = numbers.find((number) => number.isMain);
  if (!main) return;
  throw new ProblemError(
    'conflict',
    `${main.number} is the main number of location ${main.locationId}, on which its emergency calls are called back; ` +
      'make another one the main number first',
  );
}
