import { createFairLines, type LineLimits } from './fair-lines.ts';

/** Work that comes from many, shared out among them. */
export type FairTurns = {
  /**
   * Runs the job now when there is time in this turn, else in the line of whom it is for; whoever has several `parts` has one turn
   * for all, and those share it out among them. False: it was dropped.
   */
  run(who: string, job: () => void, part?: string): boolean;
  /** Jobs in line. */
  readonly waiting: number;
};

export type FairTurnsOptions = {
  /** Jobs that are begun in one turn. */
  perTurn: number;
  /** Runs an action in the next turn; one of the event loop unless told. */
  nextTurn?: (action: () => void) => void;
  /** Beyond so many in line, of one and of all together, a job is dropped; without limits none is. */
  limits?: LineLimits & { onDrop: () => void };
  /** While it says so, few jobs are begun in a turn, and none at once: something else comes first, and yet nobody waits for ever. */
  isHeld?: () => boolean;
  /** How many are begun in a turn then; one unless told. */
  perHeldTurn?: number;
};

/** Where nothing may be dropped, nobody waits in line beyond this: what has come is begun as it came. */
const MAX_WAITING = 100_000;

/**
 * Whoever floods us delays their own work and not that of others: everybody in line gets one job begun in their turn.
 */
export function createFairTurns(options: FairTurnsOptions): FairTurns {
  const { perTurn, perHeldTurn = 1, nextTurn = setImmediate, limits, isHeld = () => false } = options;
  const lines = createFairLines<() => void>(limits);
  let left = perTurn;
  let isTurnDue = false;

  function endTurn(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    nextTurn(() => {
      isTurnDue = false;
      left = isHeld() ? perHeldTurn : perTurn;
      while (left > 0) {
        const job = lines.take();
        if (job === undefined) return;
        left--;
        job();
      }
      if (lines.waiting > 0) endTurn();
    });
  }

  function hasTime(): boolean {
    if (lines.waiting > 0) return limits === undefined && lines.waiting >= MAX_WAITING;
    return left > 0 && !isHeld();
  }

  return {
    run(who, job, part = '') {
      endTurn();
      if (hasTime()) {
        left--;
        job();
        return true;
      }
      if (lines.add(who, job, part)) return true;
      limits?.onDrop();
      return false;
    },
    get waiting() {
      return lines.waiting;
    },
  };
}
