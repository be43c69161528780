import type { Transaction } from '../storage/database.ts';
import type { KeptRemoval } from '../storage/kept-removals.ts';
import type { MembersDeps } from './members-deps.ts';
import { refuseElins } from './refuse-elins.ts';

/**
 * Puts a removed number back by `putBack`: at its location, assigned to nobody, with the emergency address that it had. Throws `conflict`
 * when it is an ELIN of another organization by now; that somebody else holds it, the database tells.
 */
export function createBringBackNumber(deps: Pick<MembersDeps, 'places'>) {
  return async function bringBackNumber(
    tx: Transaction,
    { organizationId, id }: Pick<KeptRemoval, 'organizationId' | 'id'>,
    putBack: () => Promise<void>,
  ): Promise<void> {
    await refuseElins(deps, tx, organizationId, [id], { path: 'number', mayBeOwn: true });
    await putBack();
  };
}
