import { ProblemError } from '../domain/problem.ts';
import type { Transaction } from '../storage/database.ts';
import { lockNumberUse } from '../storage/number-lock.ts';
import type { MembersDeps } from './members-deps.ts';

/**
 * Keeps an ELIN from becoming a member's number: callbacks to it belong to whoever made an emergency call from its place. With
 * `mayBeOwn`, only those of other organizations are refused: an organization may hold its ELINs among its numbers. Throws `conflict`.
 */
export async function refuseElins(
  deps: Pick<MembersDeps, 'places'>,
  tx: Transaction,
  organizationId: string,
  numbers: readonly string[],
  { path, mayBeOwn = false }: { path: string; mayBeOwn?: boolean },
): Promise<void> {
  await lockNumberUse(tx);
  for (const elin of await deps.places.findElins(tx, numbers)) {
    const isOwn = elin.organizationId === organizationId;
    if (isOwn && mayBeOwn) continue;
    const what = isOwn ? 'is an emergency location identification number' : 'is already in use';
    throw new ProblemError('conflict', `the number ${elin.number} is already in use`, {
      fields: [{ path, message: `${elin.number} ${what}` }],
    });
  }
}
