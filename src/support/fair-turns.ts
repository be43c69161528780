/** Work that comes from many, shared out among them. */
export type FairTurns = {
  /** Runs the job now when there is time in this turn, else in the line of whom it is for. False: it was dropped. */
  run(who: string, job: () => void): boolean;
  /** Jobs in line. */
  readonly waiting: number;
};

export type FairTurnsOptions = {
  /** Jobs that are begun in one turn. */
  perTurn: number;
  /** Runs an action in the next turn; one of the event loop unless told. */
  nextTurn?: (action: () => void) => void;
  /** Beyond so many in line, of one and of all together, a job is dropped; without limits none is. */
  limits?: { ofOne: number; ofAll: number; onDrop: () => void };
  /** While it says so, one job is begun in a turn, and none at once: something else comes first, and yet nobody waits for ever. */
  isHeld?: () => boolean;
};

/** Where nothing may be dropped, nobody waits in line beyond this: what has come is begun as it came. */
const MAX_WAITING = 100_000;

/**
 * Whoever floods us delays their own work and not that of others: everybody in line gets one job begun in their turn.
 */
export function createFairTurns(options: FairTurnsOptions): FairTurns {
  const { perTurn, nextTurn = setImmediate, limits, isHeld = () => false } = options;
  const lines = new Map<string, (() => void)[]>();
  let waiting = 0;
  let left = perTurn;
  let isTurnDue = false;

  function endTurn(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    nextTurn(() => {
      isTurnDue = false;
      left = isHeld() ? 1 : perTurn;
      while (left > 0 && waiting > 0) takeRound();
      if (waiting > 0) endTurn();
    });
  }

  /** One job of everybody who has any. */
  function takeRound(): void {
    for (const [who, line] of lines) {
      if (left <= 0) return;
      const job = line.shift();
      // At the end of the round: who was served comes after those who were not.
      lines.delete(who);
      if (line.length > 0) lines.set(who, line);
      if (!job) continue;
      waiting--;
      left--;
      job();
    }
  }

  function hasTime(): boolean {
    if (waiting > 0) return limits === undefined && waiting >= MAX_WAITING;
    return left > 0 && !isHeld();
  }

  return {
    run(who, job) {
      endTurn();
      if (hasTime()) {
        left--;
        job();
        return true;
      }
      const line = lines.get(who);
      if (limits && (waiting >= limits.ofAll || (line?.length ?? 0) >= limits.ofOne)) {
        limits.onDrop();
        return false;
      }
      waiting++;
      if (line) line.push(job);
      else lines.set(who, [job]);
      return true;
    },
    get waiting() {
      return waiting;
    },
  };
}
