import { ProblemError } from '../domain/problem.ts';
import { createAttemptLimit } from '../support/attempt-limit.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';

/** Slows down addresses that send token after token that nobody has: each costs a query. */
export type StrangerLimit = {
  /**
   * Looks a token up unless its address sent too many unknown ones; tokens that were good a moment ago always pass, so that
   * nobody is shut out by a neighbour. Throws `too-many-requests`, or what the look-up throws.
   */
  guard<Holder>(tokenKey: string, remoteAddress: string, lookUp: () => Promise<Holder>): Promise<Holder>;
};

/** Unknown tokens from one address in one minute: far above any script with a stale token, far below a flood. */
const UNKNOWN_PER_MINUTE = 1_000;
const MINUTE_MS = 60_000;
const REMEMBERED_TOKENS = 10_000;

export function createStrangerLimit(clock: Pick<Clock, 'nowMs'>, unknownPerMinute = UNKNOWN_PER_MINUTE): StrangerLimit {
  const unknown = createAttemptLimit(clock, { attempts: unknownPerMinute, windowMs: MINUTE_MS });
  const known = new BoundedMap<string, true>(REMEMBERED_TOKENS);
  return {
    async guard(tokenKey, remoteAddress, lookUp) {
      const isKnown = known.get(tokenKey) === true;
      const retryAfterSeconds = isKnown ? undefined : unknown.take(remoteAddress);
      if (retryAfterSeconds !== undefined) {
        throw new ProblemError('too-many-requests', 'Too many unknown tokens came from this address.', {
          retryAfterSeconds,
        });
      }
      try {
        const holder = await lookUp();
        known.set(tokenKey, true);
        if (!isKnown) unknown.giveBack(remoteAddress);
        return holder;
      } catch (error) {
        // Only a token that nobody has counts: not a database that is away, not claims that mean nothing here.
        if (error instanceof ProblemError && error.kind === 'unauthenticated') known.delete(tokenKey);
        else if (!isKnown) unknown.giveBack(remoteAddress);
        throw error;
      }
    },
  };
}
