import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import { lockNumberUse } from '../storage/number-lock.ts';
import type { PlacesDeps } from './change-places.ts';
import { selectElinsAmong } from './elin-records.ts';
import { lockPlaces } from './places-records.ts';

/**
 * Puts a removed place back by `putBack`, while nobody moves places or hands out numbers. Throws `conflict` when somebody was given a
 * number that used to lead there: a callback of a PSAP must reach one place.
 */
export function createBringBackPlace(deps: Pick<PlacesDeps, 'selectUsedNumbers'>) {
  return async function bringBackPlace(
    tx: Transaction,
    organizationId: string,
    placeId: string,
    putBack: () => Promise<void>,
  ): Promise<void> {
    await lockPlaces(tx, organizationId);
    await lockNumberUse(tx);
    await putBack();
    const elins = await selectElinsAmong(tx, organizationId, placeId);
    const used = [...((await deps.selectUsedNumbers?.(tx, organizationId, elins)) ?? [])];
    const [first] = used;
    if (first === undefined) return;
    throw new ProblemError('conflict', `${first[0]}, which led there, ${first[1]}; take it from there first`, {
      fields: used.map(([number, why]) => ({ path: 'elins', message: `${number} ${why}` })),
    });
  };
}
