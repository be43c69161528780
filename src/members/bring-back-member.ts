import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import type { KeptRemoval } from '../storage/kept-removals.ts';
import { lockMember } from './callback-records.ts';
import type { MembersDeps } from './members-deps.ts';
import { giveNumberBack } from './number-records.ts';
import { refuseElins } from './refuse-elins.ts';

/** What is kept of a removed member beside its rows: its numbers stay at the location, assigned to nobody. */
export type KeptNumbers = { numbers: readonly { number: string; isPrimary: boolean }[] };

/**
 * Puts a removed member back by `putBack` and gives it the numbers that it had. Tokens that ended with it stay ended. Throws `conflict`
 * when one of the numbers is somebody else's by now, at another location, or an ELIN, and when the one on whose number it was called
 * back has moved.
 */
export function createBringBackMember(deps: Pick<MembersDeps, 'places'>) {
  return async function bringBackMember(
    tx: Transaction,
    { organizationId, id, detail }: Pick<KeptRemoval, 'organizationId' | 'id' | 'detail'>,
    putBack: () => Promise<void>,
  ): Promise<void> {
    const { numbers } = detail as KeptNumbers;
    await refuseElins(
      deps,
      tx,
      organizationId,
      numbers.map(({ number }) => number),
      { path: 'numbers' },
    );
    await putBack();
    await requireCallbackHere(tx, organizationId, id);
    for (const { number, isPrimary } of numbers) {
      if (await giveNumberBack(tx, organizationId, { number, memberId: id, isPrimary })) continue;
      throw new ProblemError('conflict', `${number}, which it had, is in use elsewhere by now; free it first`, {
        fields: [{ path: 'numbers', message: `${number} is in use` }],
      });
    }
  };
}

/** Contract section 6: whose number stands in for it is at the same location. A callback elsewhere sends help elsewhere. */
async function requireCallbackHere(tx: Transaction, organizationId: string, id: string): Promise<void> {
  const member = await lockMember(tx, organizationId, id, 'changing');
  const { ecbnMemberId = null, locationId } = member ?? {};
  if (ecbnMemberId === null) return;
  const chosen = await lockMember(tx, organizationId, ecbnMemberId, 'staying');
  if (chosen?.locationId === locationId) return;
  const name = chosen?.displayName ?? 'somebody';
  throw new ProblemError(
    'conflict',
    `${name}, on whose number it was called back, is at another location; move that one back first`,
    {
      fields: [{ path: 'locationMemberId', message: 'is at another location' }],
    },
  );
}
