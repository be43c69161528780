import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import type { KeptRemoval } from '../storage/kept-removals.ts';
import type { MembersDeps } from './members-deps.ts';
import { giveNumberBack } from './number-records.ts';
import { refuseElins } from './refuse-elins.ts';

/** What is kept of a removed member beside its rows: its numbers stay at the location, assigned to nobody. */
export type KeptNumbers = { numbers: readonly { number: string; isPrimary: boolean }[] };

/**
 * Puts a removed member back by `putBack` and gives it the numbers that it had. Tokens that ended with it stay ended. Throws `conflict`
 * when one of the numbers is somebody else's by now, at another location, or an ELIN.
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
    for (const { number, isPrimary } of numbers) {
      if (await giveNumberBack(tx, organizationId, { number, memberId: id, isPrimary })) continue;
      throw new ProblemError('conflict', `${number}, which it had, is in use elsewhere by now; free it first`, {
        fields: [{ path: 'numbers', message: `${number} is in use` }],
      });
    }
  };
}
