import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import { lockNumberUse } from '../storage/number-lock.ts';
import type { PlacesDeps } from './change-places.ts';
import { selectTakenElins } from './elin-records.ts';

/**
 * Refuses ELINs that lead somewhere else already: to another response location, to somebody's telephone, or, whatever for, to another
 * organization. A callback of a PSAP must reach one place.
 */
export async function checkElins(
  deps: Pick<PlacesDeps, 'selectUsedNumbers'>,
  tx: Transaction,
  owner: { organizationId: string; responseLocationId: string },
  numbers: readonly string[],
): Promise<void> {
  const { organizationId } = owner;
  if (numbers.length === 0) return;
  await lockNumberUse(tx);
  const used = await deps.selectUsedNumbers?.(tx, organizationId, numbers);
  const fields = [...(used ?? [])].map(([number, why]) => ({ path: 'elins', message: `${number} ${why}` }));
  for (const taken of await selectTakenElins(tx, numbers, owner.responseLocationId)) {
    const owned = taken.organizationId === organizationId;
    const where = owned ? `leads to emergency response location ${taken.responseLocationId}` : 'is in use';
    fields.push({ path: 'elins', message: `${taken.number} ${where}` });
  }
  const [first] = fields;
  if (first) throw new ProblemError('conflict', `${first.path}: ${first.message}`, { fields });
}
