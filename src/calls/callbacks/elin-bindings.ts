import { randomInt } from 'node:crypto';
import type { CallRecord } from '../../domain/call-record.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import { bindingOf, type ElinBinding, type ElinCaller, isBound, isLater, isSameCaller } from './elin-binding.ts';

/** The number of a pool that a call would carry. */
export type ElinChoice = {
  number: string;
  /** `kept`: the caller has it already; `free`: nobody has it; `taken`: all are in use, and this one longest. */
  how: 'kept' | 'free' | 'taken';
  /** Whose binding ends with it. */
  displaced: ElinBinding | null;
  /** When it is bound: now, and after every earlier binding of the number, also where the clock was set back since. */
  boundAtMs: number;
};

/**
 * Which caller each ELIN leads to, in memory: no call waits for the database. What this node bound stands beside what all nodes
 * have stored; of two bindings of a number the later one holds.
 */
export type ElinBindings = {
  /** What a call would carry, the same until something is bound; undefined where the pool is empty. Changes nothing. */
  choose(pool: readonly string[], caller: ElinCaller, nowMs: number): ElinChoice | undefined;
  bind(binding: ElinBinding): void;
  /** Binds what the record of an emergency call says; undefined when it has no ELIN. */
  bindFrom(record: CallRecord): ElinBinding | undefined;
  /** The last binding of a number, over or not. */
  find(number: string): ElinBinding | undefined;
  /** The last bindings of an organization's numbers, by number. */
  ofOrganization(organizationId: string): ElinBinding[];
};

const MAX_BOUND_HERE = 100_000;
const START_PLACES = 1_000_000;

/** Nobody dials any more what ended so long ago: of such numbers one is as good as another. */
const FORGOTTEN_MS = 24 * 60 * 60_000;

/**
 * `stored`: by number, what the database is known to have. `startAt`, from 0 to 1: where in a pool this node begins to look for a
 * number that nobody has. Nodes that begin at different places hardly lend the same one before they hear of each other.
 */
export function createElinBindings(
  stored: () => ReadonlyMap<string, ElinBinding>,
  startAt: number = randomInt(START_PLACES) / START_PLACES,
): ElinBindings {
  const boundHere = new BoundedMap<string, ElinBinding>(MAX_BOUND_HERE);

  function find(number: string): ElinBinding | undefined {
    const here = boundHere.get(number);
    const known = stored().get(number);
    return here && known && isLater(known, here) ? known : (here ?? known);
  }

  /** A number that another organization had before is a new one here, and nothing is told of who was called on it. */
  function findWithin(organizationId: string, number: string): ElinBinding | undefined {
    const binding = find(number);
    return binding?.organizationId === organizationId ? binding : undefined;
  }

  function bind(binding: ElinBinding): void {
    const before = find(binding.number);
    if (!before || !isLater(before, binding)) boundHere.set(binding.number, binding);
  }

  return {
    find,
    bind,
    bindFrom(record) {
      const binding = bindingOf(record);
      if (binding) bind(binding);
      return binding;
    },
    choose(pool, caller, nowMs) {
      let free: { number: string; sinceMs: number } | undefined;
      let kept: ElinBinding | undefined;
      let oldest: ElinBinding | undefined;
      const first = Math.floor(startAt * pool.length);
      for (let index = 0; index < pool.length; index++) {
        const number = pool[(first + index) % pool.length] ?? '';
        const binding = findWithin(caller.organizationId, number);
        if (binding && isSameCaller(binding, caller)) {
          if (!kept || isLater(binding, kept)) kept = binding;
        } else if (binding && isBound(binding, nowMs)) {
          if (!oldest || isLater(oldest, binding)) oldest = binding;
        } else {
          // The longer ago it ended, the less likely somebody still dials it; one that never began is best.
          const endedMs = binding ? Date.parse(binding.expiresAt) : Number.NEGATIVE_INFINITY;
          const sinceMs = nowMs - endedMs < FORGOTTEN_MS ? endedMs : Number.NEGATIVE_INFINITY;
          if (!free || sinceMs < free.sinceMs) free = { number, sinceMs };
        }
      }
      const chosen = (number: string, how: ElinChoice['how'], displaced: ElinBinding | null): ElinChoice => {
        const before = find(number);
        const boundAtMs = before ? Math.max(nowMs, Date.parse(before.boundAt) + 1) : nowMs;
        return { number, how, displaced, boundAtMs };
      };
      if (kept) return chosen(kept.number, 'kept', null);
      if (free) return chosen(free.number, 'free', null);
      return oldest && chosen(oldest.number, 'taken', oldest);
    },
    ofOrganization(organizationId) {
      const numbers = new Set([...stored().keys(), ...boundHere.keys()]);
      return [...numbers]
        .map(find)
        .filter((binding): binding is ElinBinding => binding?.organizationId === organizationId)
        .sort((one, other) => (one.number < other.number ? -1 : 1));
    },
  };
}
